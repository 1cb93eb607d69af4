/**
 * Facts about the life of a container: the settings it lives by, its processes, its log, and what has been left behind. The
 * other facts are in facts.ts and build-facts.ts, whose rules hold here as well.
 */

import * as z from 'zod/mini';
import { look } from '../machine';
import { code, fact, noContainer } from './fact';
import { count, optional, strictObject, text } from './schema';

type Container = NonNullable<ReturnType<typeof look.containerOf>>;

interface Wanted {
  policy?: string;
  restarts?: number;
  health?: string;
  stop?: string;
  grace?: number;
  init?: boolean;
  logging?: string;
  label?: string;
  command?: string;
  noEnv?: string;
  probe?: string;
  oom?: boolean;
}
const policyOf = (c: Container): string => {
  const { Name = '', MaximumRetryCount: max = 0 } = c.HostConfig.RestartPolicy ?? {};
  return `${Name || 'no'}${max > 0 ? `:${max}` : ''}`;
};
const probeOf = (c: Container): string => (c.Config.Healthcheck?.Test ?? []).slice(1).join(' ');
const commandOf = (c: Container): string => [c.Path, ...c.Args].join(' ');

/** One line a setting: what is claimed, whether it holds, and what is there instead. */
const SETTINGS: Readonly<{
  [K in keyof Wanted]-?: {
    says: (want: NonNullable<Wanted[K]>) => string;
    holds: (c: Container, want: NonNullable<Wanted[K]>) => boolean;
    has: (c: Container, want: NonNullable<Wanted[K]>) => string;
  };
}> = {
  policy: {
    says: (v) => `has the restart policy ${code(v)}`,
    holds: (c, v) => policyOf(c) === v,
    has: (c) => `has the restart policy ${code(policyOf(c))}`,
  },
  restarts: {
    says: (v) => `has been restarted by the engine${v > 1 ? ` at least ${v} times` : ''}`,
    holds: (c, v) => c.RestartCount >= v,
    has: (c) => `has been restarted by the engine ${c.RestartCount === 0 ? 'never' : `${c.RestartCount} times`}`,
  },
  health: {
    says: (v) => (v === 'none' ? 'has no health check' : `is ${v}`),
    holds: (c, v) => (c.health?.Status ?? 'none') === v,
    has: (c) => (c.health ? `has the health status ${code(c.health.Status)}` : 'has no health check'),
  },
  stop: {
    says: (v) => `is stopped with ${code(v)}`,
    holds: (c, v) => (c.Config.StopSignal || 'SIGTERM') === v,
    has: (c) => `is stopped with ${code(c.Config.StopSignal || 'SIGTERM')}`,
  },
  grace: {
    says: (v) => `gets ${v} seconds to stop`,
    holds: (c, v) => (c.Config.StopTimeout ?? 10) === v,
    has: (c) => `gets ${c.Config.StopTimeout ?? 10} seconds to stop`,
  },
  init: {
    says: (v) => (v ? 'was started with `--init`' : 'was started without `--init`'),
    holds: (c, v) => (c.HostConfig.Init ?? false) === v,
    has: (c) => (c.HostConfig.Init ? 'was started with `--init`' : 'was started without `--init`'),
  },
  logging: {
    says: (v) => `logs with the driver ${code(v)}`,
    holds: (c, v) => (c.HostConfig.LogConfig?.Type || 'json-file') === v,
    has: (c) => `logs with the driver ${code(c.HostConfig.LogConfig?.Type || 'json-file')}`,
  },
  label: {
    says: (v) => `carries the label ${code(v)}`,
    holds: (c, v) => Object.entries(c.Config.Labels ?? {}).some(([k, x]) => k === v || `${k}=${x}` === v),
    has: (_, v) => `does not carry the label ${code(v)}`,
  },
  command: {
    says: (v) => `runs ${code(v)}`,
    holds: (c, v) => commandOf(c) === v,
    has: (c) => `runs ${code(commandOf(c))}`,
  },
  noEnv: {
    says: (v) => `has no variable ${code(v)}`,
    holds: (c, v) => !(c.Config.Env ?? []).some((e) => e.startsWith(`${v}=`)),
    has: (_, v) => `has a variable ${code(v)}`,
  },
  probe: {
    says: (v) => `is asked for its health with a command that says ${code(v)}`,
    holds: (c, v) => probeOf(c).includes(v),
    has: (c) => (probeOf(c) === '' ? 'has no health check' : `is asked for its health with ${code(probeOf(c))}`),
  },
  oom: {
    says: (v) => (v ? 'has lost a process for want of memory' : 'has lost no process for want of memory'),
    holds: (c, v) => c.State.OOMKilled === v,
    has: (c) => (c.State.OOMKilled ? 'has lost a process for want of memory' : 'has lost no process for want of memory'),
  },
};
const settingsOf = (a: Wanted) =>
  (Object.keys(SETTINGS) as (keyof Wanted)[]).flatMap((key) => {
    const want = a[key];
    return want === undefined ? [] : [{ setting: SETTINGS[key] as (typeof SETTINGS)['policy'], want: want as string }];
  });

const counted = (n: number, what: string) => `${n === 0 ? 'no' : n} ${n === 1 ? what.replace(/s$/, '') : what}`;
const KINDS = Object.keys(look.LEFT) as [look.LeftKind, ...look.LeftKind[]];

export const LIFE_FACTS = {
  /** What a container lives by, and what has become of it. */
  life: fact({
    args: strictObject({
      of: text,
      policy: optional(text),
      restarts: optional(count),
      health: optional(z.enum(['none', 'starting', 'healthy', 'unhealthy'])),
      stop: optional(text),
      grace: optional(count),
      init: optional(z.boolean()),
      logging: optional(text),
      label: optional(text),
      command: optional(text),
      noEnv: optional(text),
      probe: optional(text),
      oom: optional(z.boolean()),
    }),
    says: (a) =>
      `${code(a.of)} ${
        settingsOf(a)
          .map(({ setting, want }) => setting.says(want))
          .join(' and ') || 'is there'
      }`,
    missing(l, a) {
      const c = look.containerOf(l, a.of);
      if (c === null) return noContainer(a.of);
      const failed = settingsOf(a).find(({ setting, want }) => !setting.holds(c, want));
      return failed ? `The container ${code(a.of)} ${failed.setting.has(c, failed.want)}.` : null;
    },
  }),

  /** How often the engine has restarted a container. */
  restarted: fact({
    args: strictObject({ of: text, times: count }),
    says: (a) => `The engine has restarted ${code(a.of)} ${a.times === 0 ? 'never' : `${a.times} times`}`,
    missing(l, a) {
      const c = look.containerOf(l, a.of);
      if (c === null) return noContainer(a.of);
      return c.RestartCount === a.times
        ? null
        : `The engine has restarted ${code(a.of)} ${c.RestartCount === 0 ? 'never' : `${c.RestartCount} times`}.`;
    },
  }),

  /** A signal that the engine was asked to send to a container. */
  signalled: fact({
    args: strictObject({ of: text, signal: z.string().check(z.startsWith('SIG')) }),
    says: (a) => `${code(a.of)} has been sent ${a.signal} by the engine`,
    missing(l, a) {
      const c = look.containerOf(l, a.of);
      if (c === null) return noContainer(a.of);
      return look.signalsTo(l, c).includes(a.signal) ? null : `The engine has not sent ${a.signal} to ${code(a.of)}.`;
    },
  }),

  /** A container that the engine was never asked to signal. */
  'not-signalled': fact({
    args: strictObject({ of: text }),
    says: (a) => `The engine has sent no signal to ${code(a.of)}`,
    missing(l, a) {
      const c = look.containerOf(l, a.of);
      if (c === null) return noContainer(a.of);
      const [sent] = look.signalsTo(l, c);
      return sent === undefined ? null : `The engine has sent ${sent} to ${code(a.of)}.`;
    },
  }),

  /** Commands that were run in a container with docker exec. */
  execs: fact({
    args: strictObject({ of: text, atLeast: count }),
    says: (a) =>
      `${a.atLeast === 1 ? 'A command has' : `At least ${a.atLeast} commands have`} been run in ${code(a.of)} with \`docker exec\``,
    missing(l, a) {
      const c = look.containerOf(l, a.of);
      if (c === null) return noContainer(a.of);
      const n = look.execsIn(l, c);
      return n >= a.atLeast
        ? null
        : `In ${code(a.of)}, ${counted(n, 'commands')} ${n === 1 ? 'has' : 'have'} been run with ${code('docker exec')}.`;
    },
  }),

  /** The user that a container's first process runs as. */
  'container-user': fact({
    args: strictObject({ name: text, is: text }),
    says: (a) => `${code(a.name)} runs as user ${code(a.is)}`,
    missing(l, a) {
      const c = look.containerOf(l, a.name);
      if (c === null) return noContainer(a.name);
      const user = (c.Config.User || '0').split(':')[0] ?? '0';
      return user === a.is ? null : `${code(a.name)} runs as user ${code(user)}.`;
    },
  }),

  /** What the local driver mounts for a volume. */
  'volume-options': fact({
    args: strictObject({ name: text, type: text }),
    says: (a) => `The volume ${code(a.name)} is mounted by its driver with the type ${code(a.type)}`,
    missing(l, a) {
      const v = look.volumeOf(l, a.name);
      if (v === null) return `There is no volume ${code(a.name)}.`;
      const type = v.Options?.type;
      return type === a.type
        ? null
        : `The volume ${code(a.name)} is ${type === undefined ? 'a directory' : `mounted with the type ${code(type)}`}.`;
    },
  }),

  /** A container that was started in the PID namespace of another. */
  'shares-pid': fact({
    args: strictObject({ of: text, with: text }),
    says: (a) => `${code(a.of)} shares the processes of ${code(a.with)}`,
    missing(l, a) {
      const [c, other] = [look.containerOf(l, a.of), look.containerOf(l, a.with)];
      if (c === null || other === null) return noContainer(c === null ? a.of : a.with);
      return c.HostConfig.PidMode === `container:${other.Id}` || c.HostConfig.PidMode === `container:${other.Name}`
        ? null
        : `${code(a.of)} does not share the processes of ${code(a.with)}.`;
    },
  }),

  /** A number in a file of a container. */
  'file-number': fact({
    args: strictObject({ in: text, path: text, atLeast: optional(count), atMost: optional(count) }),
    says: (a) =>
      `In ${code(a.in)}, the number in ${code(a.path)} is ${[a.atLeast !== undefined && `at least ${a.atLeast}`, a.atMost !== undefined && `at most ${a.atMost}`].filter(Boolean).join(' and ')}`,
    missing(l, a) {
      const c = look.containerOf(l, a.in);
      if (c === null) return noContainer(a.in);
      const seen = look.inContainer(l, c, a.path);
      const n = seen === null ? Number.NaN : Number.parseInt(seen.text, 10);
      if (Number.isNaN(n)) return `In ${code(a.in)}, there is no number in ${code(a.path)}.`;
      return n >= (a.atLeast ?? 0) && n <= (a.atMost ?? Infinity) ? null : `In ${code(a.in)}, the number in ${code(a.path)} is ${n}.`;
    },
  }),

  /** Two files in a container that say the same. */
  'same-text': fact({
    args: strictObject({ in: text, paths: z.tuple([text, text]) }),
    says: (a) => `In ${code(a.in)}, ${a.paths.map(code).join(' and ')} say the same`,
    missing(l, a) {
      const c = look.containerOf(l, a.in);
      if (c === null) return noContainer(a.in);
      const [one, two] = a.paths.map((p) => look.inContainer(l, c, p));
      if (!one || !two) return `In ${code(a.in)}, ${code(a.paths[one ? 1 : 0])} is not there.`;
      const [left, right] = [one.text.trim(), two.text.trim()];
      return left === right
        ? null
        : `In ${code(a.in)}, ${code(a.paths[0])} says ${code(left)}, and ${code(a.paths[1])} says ${code(right)}.`;
    },
  }),

  /** A process in a container, by what it runs; by its number inside, where one is given. */
  process: fact({
    args: strictObject({ in: text, runs: text, pid: optional(count), absent: optional(z.literal(true)) }),
    says: (a) =>
      a.absent
        ? `In ${code(a.in)}, nothing runs ${code(a.runs)}`
        : `In ${code(a.in)}, ${a.pid === undefined ? 'a process' : `process ${a.pid}`} runs ${code(a.runs)}`,
    missing(l, a) {
      const c = look.containerOf(l, a.in);
      if (c === null) return noContainer(a.in);
      const all = look.processesOf(l, c).filter((p) => !p.zombie);
      const there = all.some((p) => p.title.includes(a.runs) && (a.pid === undefined || p.pid === a.pid));
      if (a.absent) return there ? `In ${code(a.in)}, ${code(a.runs)} still runs.` : null;
      if (there) return null;
      if (all.length === 0) return `No process runs in ${code(a.in)}.`;
      const other = all.find((p) => p.pid === a.pid);
      return other
        ? `In ${code(a.in)}, process ${other.pid} runs ${code(other.title)}.`
        : `In ${code(a.in)}, nothing runs ${code(a.runs)}${a.pid === undefined ? '' : ` as process ${a.pid}`}.`;
    },
  }),

  /** Processes of a running container that have ended and that nobody has reaped. */
  zombies: fact({
    args: strictObject({ in: text, atMost: optional(count), atLeast: optional(count) }),
    says: (a) => (a.atLeast !== undefined ? `There are zombies in ${code(a.in)}` : `${code(a.in)} runs, and there is no zombie in it`),
    missing(l, a) {
      const c = look.containerOf(l, a.in);
      if (c === null) return noContainer(a.in);
      if (c.State.Pid === 0) return `The container ${code(a.in)} does not run.`;
      const n = look.processesOf(l, c).filter((p) => p.zombie).length;
      return n >= (a.atLeast ?? 0) && n <= (a.atMost ?? (a.atLeast === undefined ? 0 : Infinity))
        ? null
        : `In ${code(a.in)}, there ${n === 1 ? 'is' : 'are'} ${counted(n, 'zombies')}.`;
    },
  }),

  /** What a container's log files on the host say, and how large they are. */
  log: fact({
    args: strictObject({ of: text, says: optional(text), atMost: optional(count) }),
    says: (a) =>
      [
        a.says === undefined ? '' : `The log of ${code(a.of)} on the host says ${code(a.says)}`,
        a.atMost === undefined
          ? ''
          : `${a.says === undefined ? `The log of ${code(a.of)} on the host` : ''} takes at most ${a.atMost} bytes`,
      ]
        .filter(Boolean)
        .join(' and'),
    missing(l, a) {
      const c = look.containerOf(l, a.of);
      if (c === null) return noContainer(a.of);
      const log = look.logOf(l, c);
      if (log === null) return `There is no log of ${code(a.of)} on the host.`;
      if (a.says !== undefined && !log.includes(a.says)) return `The log of ${code(a.of)} does not say ${code(a.says)}.`;
      return a.atMost !== undefined && log.length > a.atMost ? `The log of ${code(a.of)} takes ${log.length} bytes.` : null;
    },
  }),

  /** How many things of a kind there are, with a label where one is given. */
  left: fact({
    args: strictObject({ what: z.enum(KINDS), label: optional(text), atMost: optional(count), atLeast: optional(count) }),
    says: (a) => {
      const what = `${a.what}${a.label ? ` with the label ${code(a.label)}` : ''}`;
      if (a.atLeast !== undefined) return `There are ${what}${a.atLeast > 1 ? `, at least ${a.atLeast}` : ''}`;
      return a.atMost ? `There are at most ${a.atMost} ${what}` : `There are no ${what}`;
    },
    missing(l, a) {
      const names = look.leftOf(l, a.what, a.label);
      const n = names.length;
      if (n >= (a.atLeast ?? 0) && n <= (a.atMost ?? (a.atLeast === undefined ? 0 : Infinity))) return null;
      const some = names.slice(0, 3).map(code).join(', ');
      return `There ${n === 1 ? 'is' : 'are'} ${counted(n, a.what)}${a.label ? ` with the label ${code(a.label)}` : ''}${n > 0 ? `: ${some}${n > 3 ? ' and more' : ''}` : ''}.`;
    },
  }),
} as const satisfies Record<string, unknown>;
