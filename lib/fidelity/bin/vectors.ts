/**
 * npm run --silent vectors -- FILE…
 *
 * Evaluates test vectors on the model: one JSON object a file, one a line. Exits with 0 when every file could be read
 * and evaluated, whatever passed.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import '../../machine/whole';
import { areas } from '../areas';
import { evaluate, type VectorFile } from '../vectors';

const from = process.env.INIT_CWD ?? process.cwd();
const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: npm run --silent vectors -- FILE…');
  process.exit(2);
}
for (const file of files) {
  try {
    const vectors = JSON.parse(readFileSync(resolve(from, file), 'utf8')) as VectorFile;
    if (typeof vectors.area !== 'string' || !Array.isArray(vectors.cases))
      throw new Error('not a file of test vectors: needs "area" and "cases"');
    console.log(JSON.stringify(evaluate(vectors, areas)));
  } catch (error) {
    console.error(`${file}: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
