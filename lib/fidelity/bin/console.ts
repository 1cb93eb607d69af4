/**
 * npm run --silent console -- [--json] [--compare] FILE…
 *
 * Runs the commands of console files on the model, each file on a fresh machine, and prints the file back with the
 * model's answers. --json: one object a file, {file, steps: [{command, output, status}]}. --compare: what differs from
 * the answers in the file, after what no two runs share is set aside, and a score.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import '../../machine/whole';
import { compare, format, parse, type Step } from '../console';

type RunConsole = (commands: string[]) => Step[];

async function machine(): Promise<RunConsole> {
  const face: Record<string, unknown> = await import('../../machine/index').catch((error) => {
    throw new Error(`the machine does not load: ${error.message}`);
  });
  if (typeof face.runConsole !== 'function') throw new Error('lib/machine has no runConsole yet');
  return face.runConsole as RunConsole;
}

function report(file: string, recorded: Step[], printed: Step[]): [same: number, total: number] {
  const rows = compare(recorded, printed);
  const indent = (text: string) => text.replace(/^/gm, '    ');
  for (const row of rows.filter((row) => !row.same)) {
    console.log(`${file}: $ ${row.command}`);
    console.log(`  recorded [${row.status[0]}]\n${indent(row.wanted)}\n  model [${row.status[1]}]\n${indent(row.given)}`);
  }
  return [rows.filter((row) => row.same).length, rows.length];
}

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, compare: { type: 'boolean' } },
});
if (files.length === 0) {
  console.error('usage: npm run --silent console -- [--json] [--compare] FILE…');
  process.exit(2);
}
try {
  const run = await machine();
  const from = process.env.INIT_CWD ?? process.cwd();
  const score = { same: 0, total: 0 };
  for (const file of files) {
    const { head, steps } = parse(readFileSync(resolve(from, file), 'utf8'));
    const printed = run(steps.map((step) => step.command));
    if (options.json) console.log(JSON.stringify({ file, steps: printed }));
    else if (options.compare) {
      const [same, total] = report(file, steps, printed);
      score.same += same;
      score.total += total;
      console.log(`${file}: ${same}/${total}`);
    } else process.stdout.write(format({ head, steps: printed }));
  }
  if (options.compare)
    console.log(`${score.same}/${score.total} commands as recorded (${((100 * score.same) / score.total).toFixed(1)} %)`);
} catch (error) {
  console.error(`console: ${(error as Error).message}`);
  process.exitCode = 1;
}
