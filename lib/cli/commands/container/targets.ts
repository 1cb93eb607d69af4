/** Commands that do one thing to each container named: stop, kill, rm, pause, … docker/cli, cli/command/container. */

import { strconv } from '../../../base';
import type { Script } from '../../driver';
import { parseRestartPolicy } from '../../options/container';
import { OptionError } from '../../options/words';
import { tabulate } from '../../tabwriter';
import { type Command, CommandError, type Ctx, call, each, get, pathOf, post, type Query, say, segment, together, warn } from '../api';
import { natural } from '../output';

const path = (name: string, verb: string, query: Query = {}) => pathOf(`/containers/${segment(name)}${verb && `/${verb}`}`, query);

/** Tells a name when it is done. */
function* told(name: string, error: unknown): Script<boolean> {
  if (error === null) yield* say(name);
  return false;
}

const stopQuery = (c: Ctx): Query => ({
  t: c.given('time') ? String(c.number('time')) : c.given('timeout') ? String(c.number('timeout')) : undefined,
  signal: c.text('signal'),
});

export const stop: Command = function* (c) {
  if (c.given('time') && c.given('timeout')) throw new CommandError('conflicting options: cannot specify both --timeout and --time');
  return yield* together(c, c.args, 'POST', (n) => path(n, 'stop', stopQuery(c)), told);
};

export const restart: Command = function* (c) {
  if (c.given('time') && c.given('timeout')) throw new CommandError('conflicting options: cannot specify both --timeout and --time');
  return yield* each(c.args, function* (name) {
    yield* call(c, 'POST', path(name, 'restart', stopQuery(c)));
    yield* say(name);
  });
};

export const kill: Command = (c) => together(c, c.args, 'POST', (n) => path(n, 'kill', { signal: c.text('signal') }), told);
export const pause: Command = (c) => together(c, c.args, 'POST', (n) => path(n, 'pause'), told);
export const unpause: Command = (c) => together(c, c.args, 'POST', (n) => path(n, 'unpause'), told);

export const rm: Command = function* (c) {
  const force = c.on('force');
  const names = c.args.map((n) => n.replace(/^\/+|\/+$/g, ''));
  if (names.some((n) => n === '')) throw new CommandError('container name cannot be empty');
  const gone = new Set<string>();
  return yield* together(
    c,
    names,
    'DELETE',
    (n) => path(n, '', { v: c.on('volumes'), link: c.on('link'), force }),
    function* (name, error) {
      if (error === null) {
        gone.add(name);
        yield* say(c.args[names.indexOf(name)] ?? name);
      } else if (error.http === 404 && gone.has(name))
        // They go out at once: the second comes while the first is at work.
        error.message = `Error response from daemon: removal of container ${name} is already in progress`;
      else if (force && error.http === 404) {
        yield* warn(error.message);
        return true;
      }
      return false;
    },
  );
};

export const rename: Command = function* (c) {
  const [from = '', to = ''] = c.args.map((a) => a.trim());
  if (from === '' || to === '') throw new CommandError('Error: Neither old nor new names may be empty');
  try {
    yield* call(c, 'POST', path(from, 'rename', { name: to }));
  } catch (e) {
    if (!(e instanceof CommandError)) throw e;
    yield* warn(e.message);
    throw new CommandError(`Error: failed to rename container named ${from}`);
  }
  return 0;
};

export const wait: Command = (c) =>
  each(c.args, function* (name) {
    const { StatusCode } = yield* post<{ StatusCode: number }>(c, path(name, 'wait'));
    yield* say(`${StatusCode}`);
  });

interface Ports {
  NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> };
}

const joinHostPort = (ip: string, port: string) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`;

export const port: Command = function* (c) {
  const [name = '', wanted] = c.args;
  const { NetworkSettings } = yield* get<Ports>(c, path(name, 'json'));
  const lines: string[] = [];
  if (wanted !== undefined && wanted !== '') {
    const [number = '', proto = 'tcp'] = wanted.split('/');
    try {
      strconv.parseUnsigned(number, 10, 16);
    } catch (e) {
      throw new CommandError(`Error: invalid port (${number}): ${(e as Error).message}`);
    }
    const found = NetworkSettings.Ports[`${Number(number)}/${proto || 'tcp'}`];
    if (!found) throw new CommandError(`Error: No public port '${wanted}' published for ${name}`);
    for (const b of found) lines.push(joinHostPort(b.HostIp, b.HostPort));
  } else
    for (const [from, to] of Object.entries(NetworkSettings.Ports))
      for (const b of to ?? []) lines.push(`${from} -> ${joinHostPort(b.HostIp, b.HostPort)}`);
  lines.sort(natural);
  for (const l of lines) yield* say(l);
  return 0;
};

export const update: Command = function* (c) {
  const flags = [
    'blkio-weight',
    'cpu-period',
    'cpu-quota',
    'cpu-rt-period',
    'cpu-rt-runtime',
    'cpu-shares',
    'cpus',
    'cpuset-cpus',
    'cpuset-mems',
    'memory',
    'memory-reservation',
    'memory-swap',
    'pids-limit',
    'restart',
  ];
  if (!flags.some((f) => c.given(f))) throw new CommandError('you must provide one or more flags when using this command');
  let RestartPolicy: { Name?: string; MaximumRetryCount?: number } = {};
  try {
    RestartPolicy = parseRestartPolicy(c.text('restart'));
  } catch (e) {
    throw e instanceof OptionError ? new CommandError(e.message) : e;
  }
  const body = {
    BlkioWeight: c.number('blkio-weight'),
    CpusetCpus: c.text('cpuset-cpus'),
    CpusetMems: c.text('cpuset-mems'),
    CpuShares: c.number('cpu-shares'),
    Memory: c.number('memory'),
    MemoryReservation: c.number('memory-reservation'),
    MemorySwap: c.number('memory-swap'),
    CpuPeriod: c.number('cpu-period'),
    CpuQuota: c.number('cpu-quota'),
    CpuRealtimePeriod: c.number('cpu-rt-period'),
    CpuRealtimeRuntime: c.number('cpu-rt-runtime'),
    NanoCpus: c.number('cpus'),
    PidsLimit: c.given('pids-limit') ? c.number('pids-limit') : 0,
    RestartPolicy,
  };
  const warnings: string[] = [];
  try {
    return yield* each(c.args, function* (name) {
      const r = yield* post<{ Warnings?: string[] | null }>(c, path(name, 'update'), body);
      yield* say(name);
      warnings.push(...(r.Warnings ?? []));
    });
  } finally {
    for (const w of warnings) yield* warn(w);
  }
};

export const top: Command = function* (c) {
  const [name = '', ...args] = c.args;
  const { Titles, Processes } = yield* get<{ Titles: string[]; Processes: string[][] | null }>(
    c,
    path(name, 'top', { ps_args: args.join(' ') }),
  );
  const text = [Titles, ...(Processes ?? [])].map((row) => `${row.join('\t')}\n`).join('');
  yield* say(tabulate(text, { minWidth: 20, tabWidth: 1, padding: 3, padChar: ' ' }).replace(/\n$/, ''));
  return 0;
};
