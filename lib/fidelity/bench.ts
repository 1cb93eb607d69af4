/**
 * Figures of the machine for `npm run bench`: each a name, a budget and a measurement. Pure like the rest: the clock is
 * given (milliseconds, from anywhere).
 */

import '../machine/whole';
import { boot, consoleOn, type Input, step, timeline } from '../machine';

export interface Figure {
  name: string;
  value: number;
  unit: string;
  budget: number;
  /** Within the budget. */
  ok: boolean;
}

export interface Bench {
  name: string;
  unit: string;
  /** The value may not be above it; with `atLeast`, not below. */
  budget: number;
  atLeast?: true;
  measure: (now: () => number) => number;
}

const COMMANDS = [
  'docker version',
  'docker info',
  'docker images',
  'docker ps',
  'docker ps -a',
  'docker run --rm alpine true',
  'docker create --name one busybox sleep 600',
  'docker start one',
  'docker exec one sh -c "echo hi > /f"',
  'docker exec one cat /f',
  'docker diff one',
  'docker logs one',
  'docker inspect one',
  'docker inspect -f "{{.State.Status}}" one',
  'docker top one',
  'docker ps --format "{{.Names}}"',
  'docker cp one:/f /root/f',
  'docker commit one two',
  'docker history two',
  'docker image inspect two',
  'docker tag two three',
  'docker rmi three',
  'docker volume create v',
  'docker volume ls',
  'docker volume inspect v',
  'docker volume rm v',
  'docker network ls',
  'docker rename one uno',
  'docker stop -t 0 uno',
  'docker start uno',
  'docker kill uno',
  'docker rm uno',
  'docker rmi two',
  'docker run --name x busybox echo hello',
  'docker logs x',
  'docker rm x',
  'docker port nope',
  'docker --help',
];

/** A machine at whose terminal lines are typed, as a reader does. */
function terminal() {
  let { machine } = boot('lab', 1);
  return {
    run(text: string) {
      ({ machine } = step(machine, line(text)));
    },
  };
}

/** Milliseconds of each of COMMANDS, on a machine that has run them before. */
function commandTimes(now: () => number, rounds: number): number[] {
  const c = terminal();
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++)
    for (const command of COMMANDS) {
      const start = now();
      c.run(command);
      if (round > 0) times.push(now() - start);
    }
  return times.sort((a, b) => a - b);
}

const line = (text: string): Input => ({ kind: 'line', text });

const at = (sorted: readonly number[], part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] as number;

function mean(now: () => number, times: number, run: (i: number) => void): number {
  const start = now();
  for (let i = 0; i < times; i++) run(i);
  return (now() - start) / times;
}

/** `docker run --rm alpine true` on Engine 28.5 on the machine that the recordings were made on: milliseconds. */
const ENGINE_RUN = 207;

function runTime(now: () => number): number {
  const c = terminal();
  for (let i = 0; i < 100; i++) c.run('docker run --rm alpine true');
  return mean(now, 200, () => c.run('docker run --rm alpine true'));
}

/** A machine that has run containers before, and how it comes to ten thousand that nobody has removed. */
function crowd() {
  const c = consoleOn('lab', 1);
  const run = () => c.run('docker run --rm alpine true');
  for (let i = 0; i < 100; i++) run();
  const fill = () => {
    for (let i = 0; i < 10_000; i += 500) c.run('for i in $(seq 500); do docker create alpine true > /dev/null; done');
  };
  return { run, fill, list: () => c.run('docker ps -a > /dev/null') };
}

/** The shortest of some runs: what else the processor does only adds to it. */
const shortest = (now: () => number, times: number, run: () => void) => Math.min(...Array.from({ length: times }, () => mean(now, 1, run)));

/** What running one more costs among ten thousand, as a multiple of what it costs alone. */
function crowdedRun(now: () => number): number {
  const { run, fill } = crowd();
  const alone = shortest(now, 50, run);
  fill();
  return shortest(now, 50, run) / alone;
}

function crowdedList(now: () => number): number {
  const { fill, list } = crowd();
  fill();
  return shortest(now, 10, list);
}

function replay(now: () => number): number {
  const inputs = Array.from({ length: 1000 }, (_, i) =>
    line(['echo hi > f; cat f', 'docker ps', 'docker images', 'ls -la /', 'docker run --rm alpine true'][i % 5] as string),
  );
  const session = { v: 1 as const, scenario: 'lab', seed: 1, inputs };
  const start = now();
  timeline.open(session);
  return now() - start;
}

/** A thousand times started and stopped: what is left of each round must not make the next one slower. */
function cycles(now: () => number): number {
  const inputs = [
    line('docker create --name one busybox sleep 600'),
    ...Array.from({ length: 1000 }, () => line('docker start one; docker stop -t 0 one')),
  ];
  const start = now();
  timeline.open({ v: 1 as const, scenario: 'lab', seed: 1, inputs });
  return now() - start;
}

/** A Dockerfile of six stages and sixty instructions, each stage with files of its own. */
function sixStages(): string {
  const stage = (n: number) => [
    n === 0 || n === 5 ? `FROM alpine${n === 0 ? ' AS base' : ''}` : `FROM base AS s${n}`,
    'WORKDIR /app',
    n === 0 ? 'COPY . .' : `COPY src/d${n} ./d${n}`,
    ...(n === 5 ? [1, 2, 3, 4].map((k) => `COPY --from=s${k} /o${k} /`) : []),
    ...Array.from({ length: n === 5 ? 2 : 6 }, (_, k) => `RUN echo ${n}.${k} > /f${n}${k}`),
    `RUN echo done > /o${n}`,
  ];
  return Array.from({ length: 6 }, (_, n) => stage(n).join('\n')).join('\n');
}

/** What it costs with 2,000 files in the context: the first time, or from the cache. */
function buildTime(now: () => number, cached: boolean): number {
  const c = consoleOn('lab', 1);
  c.run('for d in $(seq 20); do mkdir -p src/d$d; for f in $(seq 100); do echo "file $d $f" > src/d$d/f$f; done; done');
  c.run(`cat > Dockerfile <<'EOF'\n${sixStages()}\nEOF`);
  const once = () => mean(now, 1, () => c.run('docker build -q -t app .'));
  const first = once();
  return cached ? Math.min(once(), once(), once()) : first;
}

/** A project of 60 services in rows of ten, with networks, volumes, health checks and variables. */
function sixtyServices(): string {
  const service = (n: number) =>
    [
      `  s${n}:`,
      '    image: busybox:${TAG:-latest}',
      '    init: true',
      '    command: sleep 600',
      `    environment: {LEVEL: info, NUMBER: "${n}"}`,
      `    labels: {row: "${Math.floor(n / 10)}"}`,
      `    networks: [n${n % 4}]`,
      `    volumes: ["v${n % 6}:/data"]`,
      `    healthcheck: {test: "true", interval: 90s}`,
      ...(n >= 10 ? [`    depends_on: [s${n - 10}]`] : []),
    ].join('\n');
  const named = (letter: string, count: number) => Array.from({ length: count }, (_, n) => `  ${letter}${n}: {}`).join('\n');
  return `services:\n${Array.from({ length: 60 }, (_, n) => service(n)).join('\n')}\nnetworks:\n${named('n', 4)}\nvolumes:\n${named('v', 6)}`;
}

/** What a command costs with that project; `after` puts things back. */
function composeTime(now: () => number, command: string, after: string): number {
  const c = consoleOn('lab', 1);
  c.run(`cat > compose.yaml <<'EOF'\n${sixtyServices()}\nEOF`);
  const once = () => {
    const start = now();
    c.run(command);
    const took = now() - start;
    c.run(after);
    return took;
  };
  for (let i = 0; i < 5; i++) once();
  return Math.min(once(), once(), once());
}

/** One a budget of the machine; a new one is a line here. Those that leave a crowd in memory come last. */
export const BENCHES: readonly Bench[] = [
  { name: 'a docker command, median', unit: 'ms', budget: 1, measure: (now) => at(commandTimes(now, 10), 0.5) },
  { name: 'a docker command, 99th percentile', unit: 'ms', budget: 8, measure: (now) => at(commandTimes(now, 10), 0.99) },
  {
    name: 'docker run --rm alpine true, times faster than the engine',
    unit: '×',
    budget: 300,
    atLeast: true,
    measure: (now) => ENGINE_RUN / runTime(now),
  },

  { name: 'replay of a session of 1,000 commands', unit: 'ms', budget: 1000, measure: replay },
  { name: 'replay of 1,000 cycles of start and stop', unit: 'ms', budget: 2000, measure: cycles },
  { name: 'a build of 60 instructions and 2,000 files', unit: 'ms', budget: 1000, measure: (now) => buildTime(now, false) },
  { name: 'the same build from the cache', unit: 'ms', budget: 50, measure: (now) => buildTime(now, true) },
  {
    name: 'docker compose config of 60 services',
    unit: 'ms',
    budget: 30,
    measure: (now) => composeTime(now, 'docker compose config', ':'),
  },
  {
    name: 'docker compose up -d of 60 services',
    unit: 'ms',
    budget: 300,
    measure: (now) => composeTime(now, 'docker compose up -d', 'docker compose down -v -t 0'),
  },
  { name: 'boot to the prompt', unit: 'ms', budget: 200, measure: (now) => mean(now, 1, () => boot('lab', 1)) },
  { name: 'docker run beside 10,000 containers, times that beside none', unit: '×', budget: 1.1, measure: crowdedRun },
  { name: 'docker ps -a of 10,000 containers', unit: 'ms', budget: 50, measure: crowdedList },
];

export const machineFigures = (now: () => number): Figure[] =>
  BENCHES.map(({ name, unit, budget, atLeast, measure }) => {
    const value = measure(now);
    return { name, value, unit, budget, ok: atLeast ? value >= budget : value <= budget };
  });
