/**
 * docker as a program: reads its command line, runs what it names, says what went wrong (docker/cli, cmd/docker/docker.go).
 */

import { decode, encode } from '../base';
import type { Programs } from '../kernel';
import { COMMANDS } from './commands';
import { type Command, CommandError, contextOf, notModelled } from './commands/api';
import { err, out, type Script, sys } from './driver';
import { type Invocation, parseCommandLine } from './parse';
import { properName } from './records';
import { TemplateError } from './template';
import { program } from './turn';
import { unread } from './unread';

const DEFAULT_HOST = 'unix:///var/run/docker.sock';

/** What a command line's record does, under any of its names. */
export function commandOf({ path, record }: Pick<Invocation, 'path' | 'record'>): Command | undefined {
  const name =
    [path, ...(record.aliases ?? [])].find((n) => Object.hasOwn(COMMANDS, n)) ??
    (Object.hasOwn(COMMANDS, properName(record)) ? properName(record) : undefined);
  return name === undefined ? undefined : COMMANDS[name];
}

/** opts.ParseHost: where -H or DOCKER_HOST says the engine is. */
export function parseHost(text: string): string {
  const host = text.trim();
  if (host === '') return DEFAULT_HOST;
  const at = host.indexOf('://');
  const [scheme, rest] = at < 0 ? ['tcp', host] : [host.slice(0, at), host.slice(at + 3)];
  if (scheme === 'unix') return `unix://${rest || '/var/run/docker.sock'}`;
  if (scheme === 'npipe' || scheme === 'fd' || scheme === 'ssh') return host;
  if (scheme !== 'tcp') throw new CommandError(`invalid bind address format: ${text}`);
  const [, name = '', port = '', path = ''] = /^(\[[^\]]*\]|[^:/]*)(?::(\d*))?(\/.*)?$/.exec(rest) ?? [];
  return `tcp://${name || 'localhost'}:${port || '2375'}${path}`;
}

function hostOf(globals: Invocation['globals'], env: Record<string, string>): string {
  const given = globals.values.host;
  const hosts = Array.isArray(given) ? given : typeof given === 'string' && given !== '' ? [given] : [];
  if (hosts.length > 1) throw new CommandError('specify only one -H');
  const text = hosts[0] ?? env.DOCKER_HOST ?? '';
  try {
    return parseHost(text);
  } catch (e) {
    throw e instanceof CommandError ? new CommandError(`Failed to initialize: unable to resolve docker endpoint: ${e.message}`) : e;
  }
}

function* main(argv: string[], rawEnv: Record<string, string>): Script {
  const size = yield* sys((s) => s.winsize(0));
  const columns = (size && 'cols' in size && size.cols) || 80;
  const parsed = parseCommandLine(argv.slice(1).map(decode), columns);
  if (parsed.kind === 'print') {
    yield* out(encode(parsed.stdout));
    yield* err(encode(parsed.stderr));
    return parsed.status;
  }
  for (const flag of parsed.flags.given)
    if (unread([parsed.path, ...(parsed.record.aliases ?? [])], flag) === 'missing')
      yield* err(`drydock: --${flag} of ${parsed.path} is not modelled, and changes nothing\n`);
  for (const notice of parsed.notices) yield* out(`${encode(notice)}\n`);
  const env = Object.fromEntries(Object.entries(rawEnv).map(([k, v]) => [decode(k), decode(v)]));
  try {
    const command = commandOf(parsed);
    if (!command) throw notModelled(parsed.path);
    return yield* command(contextOf(parsed, env, hostOf(parsed.globals, env)));
  } catch (e) {
    if (!(e instanceof CommandError) && !(e instanceof TemplateError)) throw e;
    yield* err(e.message === '' ? '' : `${encode(e.message)}\n`);
    return e instanceof CommandError ? e.status : 1;
  }
}

export const programs: Programs = { docker: program(main) };
