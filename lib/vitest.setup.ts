/**
 * The same cases of each property every time, so that a change is judged by what it does. `SEED=7 npx vitest run …` tries others.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
