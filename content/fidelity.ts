/** What the fidelity page tells: how many recorded steps the model answers as the engine did, and what it leaves out. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const Score = z.object({ name: z.string(), same: z.int(), total: z.int() });
const Scores = z.object({ engine: z.string(), sessions: z.array(Score.extend({ files: z.int() })), tables: z.array(Score) });

export interface Simplification {
  /** Path under lib/. */
  file: string;
  text: string;
}
export interface Fidelity extends z.infer<typeof Scores> {
  /** By layer, in the order of lib/README.md. */
  left: { layer: string; items: Simplification[] }[];
  /** Over all sessions. */
  steps: { same: number; total: number };
}

const LIB = path.join(process.cwd(), 'lib');
const LAYERS = ['kernel', 'programs', 'shell', 'oci', 'engine', 'compose', 'cli', 'machine', 'quiz'];

/** The sentence after "Simplified:" in a file's head comment. */
export function simplification(source: string): string | null {
  const head = /^\/\*\*([\s\S]*?)\*\//.exec(source)?.[1] ?? '';
  const text = head
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n');
  const found = /Simplified: ([\s\S]*?)(?:\n\s*\n|$)/.exec(text)?.[1];
  return found ? found.replace(/\s+/g, ' ').trim() : null;
}

function leftOut(): Simplification[] {
  return readdirSync(LIB, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('fidelity'))
    .sort()
    .flatMap((file) => {
      const text = simplification(readFileSync(path.join(LIB, file), 'utf8'));
      return text ? [{ file, text }] : [];
    });
}

export function loadFidelity(): Fidelity {
  const scores = Scores.parse(JSON.parse(readFileSync(path.join(LIB, 'fidelity', 'scores.json'), 'utf8')));
  const items = leftOut();
  return {
    ...scores,
    left: LAYERS.map((layer) => ({ layer, items: items.filter((i) => i.file.startsWith(`${layer}/`)) })).filter((l) => l.items.length > 0),
    steps: scores.sessions.reduce((sum, s) => ({ same: sum.same + s.same, total: sum.total + s.total }), { same: 0, total: 0 }),
  };
}
