/**
 * npx tsx lib/fidelity/bin/record.ts FILE…
 *
 * Runs the commands of console files in bash, against the Docker of this machine, and writes its answers into them.
 * Every file has a directory of its own under the system's temporary one, and one shell for all of its commands; what
 * they leave behind in Docker (containers, images, networks, volumes) is theirs to remove.
 *
 * Standard output and standard error of a command go, in the order they come, to one file that is read when the command
 * has ended, so that a process left in the background cannot hold the recording up.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, parse, type Step } from '../console';

/** What makes an answer the same everywhere: no colours, no terminal, a wide screen, plain build progress. */
const environment = {
  HOME: process.env.HOME,
  USER: process.env.USER,
  PATH: process.env.PATH,
  DOCKER_HOST: process.env.DOCKER_HOST,
  TERM: 'dumb',
  LANG: 'C.UTF-8',
  COLUMNS: '200',
  BUILDKIT_PROGRESS: 'plain',
};

/** A script that runs each command in the one shell, its output to N.out and its status to N.status. */
function script(commands: string[], dir: string): string {
  const runs = commands.map((command, i) => {
    writeFileSync(join(dir, `${i}.sh`), `${command}\n`);
    return `. ${dir}/${i}.sh </dev/null >${dir}/${i}.out 2>&1; echo $? >${dir}/${i}.status`;
  });
  return [`cd ${dir}/lab`, ...runs].join('\n');
}

function answer(dir: string, i: number): Omit<Step, 'command'> {
  const read = (name: string) => {
    try {
      return readFileSync(join(dir, name), 'utf8');
    } catch {
      return undefined;
    }
  };
  const status = read(`${i}.status`);
  if (status === undefined) throw new Error(`command ${i + 1} did not come to an end`);
  const output = (read(`${i}.out`) ?? '')
    .replaceAll('\r', '')
    .replace(/\n$/, '')
    .replaceAll(new RegExp(`^${dir}/${i}\\.sh: line \\d+: `, 'gm'), 'bash: ');
  return { output, status: Number(status) };
}

function record(commands: string[]): Step[] {
  const dir = mkdtempSync(join(tmpdir(), 'drydock-record-'));
  try {
    mkdirSync(join(dir, 'lab'));
    writeFileSync(join(dir, 'all.sh'), script(commands, dir));
    const ran = spawnSync('bash', ['--norc', join(dir, 'all.sh')], {
      env: { NODE_ENV: 'production', ...environment },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (ran.error) throw ran.error;
    return commands.map((command, i) => ({ command, ...answer(dir, i) }));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: npx tsx lib/fidelity/bin/record.ts FILE…');
  process.exit(2);
}
for (const file of files) {
  const { head, steps } = parse(readFileSync(file, 'utf8'));
  writeFileSync(file, format({ head, steps: record(steps.map((step) => step.command)) }));
  console.log(`recorded ${file}: ${steps.length} commands`);
}
