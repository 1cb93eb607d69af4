/**
 * npm run scores
 *
 * Holds the model against every recording in lib/fidelity/recordings and writes lib/fidelity/scores.json, which the fidelity
 * page and the first page show. A test notices when a recording is not counted in it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINE_VERSION } from '../../base';
import '../../machine/whole';
import { runConsole } from '../../machine';
import { areas } from '../areas';
import { compare, parse } from '../console';
import { evaluate, type VectorFile } from '../vectors';

const fidelity = new URL('..', import.meta.url).pathname;
const recordings = join(fidelity, 'recordings');

const sessions = new Map<string, { files: number; same: number; total: number }>();
for (const file of readdirSync(join(recordings, 'console')).sort()) {
  const family = file.split('-')[0] as string;
  const { steps } = parse(readFileSync(join(recordings, 'console', file), 'utf8'));
  const rows = compare(steps, runConsole(steps.map((s) => s.command)));
  const was = sessions.get(family) ?? { files: 0, same: 0, total: 0 };
  sessions.set(family, { files: was.files + 1, same: was.same + rows.filter((r) => r.same).length, total: was.total + rows.length });
}
const tables = readdirSync(join(recordings, 'vectors'))
  .sort()
  .map((file) => {
    const { area, passed, total } = evaluate(JSON.parse(readFileSync(join(recordings, 'vectors', file), 'utf8')) as VectorFile, areas);
    return { name: area, same: passed, total };
  });
const scores = { engine: ENGINE_VERSION, sessions: [...sessions].map(([name, s]) => ({ name, ...s })), tables };
writeFileSync(join(fidelity, 'scores.json'), `${JSON.stringify(scores, null, 2)}\n`);
