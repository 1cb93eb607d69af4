/**
 * docker run and docker create: docker/cli, cli/command/container/run.go, create.go.
 *
 *   run = create (pull and create again if there is no such image) → attach → wait → start → copy → exit status
 */

import { encode } from '../../../base';
import { Errno } from '../../../kernel';
import { reference } from '../../../oci';
import { failed, type Script, sys } from '../../driver';
import { type ContainerRequest, parseContainer } from '../../options/container';
import { OptionError } from '../../options/words';
import { type Command, CommandError, type Ctx, call, EngineError, hijack, pathOf, post, say, warn } from '../api';
import { authHeader } from '../credentials';
import { outside } from '../files';
import { checkTty, detachBytes, follow, resize, showMessages, statusOf, waitFor } from '../streams';

const withHelp = (message: string, command: string) => `docker: ${message}\n\nRun 'docker ${command} --help' for more information`;

/** Exit statuses of run: 127 for what is not there, 126 for what may not be run, 125 for everything else. */
function runError(e: unknown): never {
  if (!(e instanceof CommandError)) throw e;
  const m = e.message;
  const status = /executable file not found|no such file or directory|system cannot find the file specified/.test(m)
    ? 127
    : /permission denied|is a directory/.test(m)
      ? 126
      : 125;
  throw new CommandError(withHelp(m, 'run'), status);
}

const PULL = ['always', 'missing', 'never', ''];

/** A variable given twice has its last value: docker keeps them in a map. */
function lastOfEach(env: readonly string[]): string[] {
  const out = new Map<string, string>();
  for (const e of env) out.set(e.split('=', 1)[0] as string, e);
  return [...out.values()];
}

/** The request that a command line makes, or docker's complaint about it. */
export function* requestOf(c: Ctx, command: 'run' | 'create'): Script<ContainerRequest> {
  const complain = (m: string) => new CommandError(withHelp(m, command), 125);
  if (!PULL.includes(c.text('pull')))
    throw complain(`invalid pull option: '${c.text('pull')}': must be one of "always", "missing" or "never"`);
  const r = yield* sys((s) => {
    try {
      return {
        request: parseContainer({ ...c, list: (f) => (f === 'env' ? lastOfEach(c.list(f)) : c.list(f)) }, c.args, outside(s, c.env)),
      };
    } catch (e) {
      if (e instanceof OptionError) return { complaint: e.message };
      throw e;
    }
  });
  if (failed(r)) throw complain(r.message);
  if (r.complaint !== undefined) throw complain(r.complaint);
  return r.request as ContainerRequest;
}

const KNOWN_PLATFORM = /^(linux|windows|darwin|freebsd)(\/[\w-]+){0,2}$|^(amd64|arm64|arm|386|x86_64|aarch64|s390x|ppc64le|riscv64)$/;

/** An address that in a container is the container's own. */
const LOCALHOST = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/;

export function* pull(c: Ctx, image: string, o: { quiet: boolean; fd: 1 | 2 }): Script<void> {
  const { name, tag } = nameAndTag(image);
  const r = yield* call(
    c,
    'POST',
    pathOf('/images/create', { fromImage: name, tag, platform: c.text('platform') }),
    undefined,
    yield* authHeader(c, image),
  );
  yield* showMessages(r.body, o.fd, o.quiet);
}

export function nameAndTag(image: string): { name: string; tag: string } {
  const named = reference.tagNameOnly(reference.parseNormalized(image));
  return { name: reference.familiarName(named), tag: named.digest ?? named.tag ?? 'latest' };
}

/** A reference in full, or docker's words for a bad one. */
export function parseReference(image: string): reference.Reference {
  try {
    return reference.parseAny(image);
  } catch (e) {
    throw new CommandError((e as Error).message);
  }
}

/** Makes the container: its id. */
export function* create(c: Ctx, request: ContainerRequest): Script<string> {
  const { config, hostConfig, networkingConfig } = request;
  const cidfile = hostConfig.ContainerIDFile as string | undefined;
  if (cidfile) yield* makeIdFile(cidfile);
  const ref = parseReference(config.Image ?? '');
  const platform = c.text('platform');
  if (platform !== '' && !KNOWN_PLATFORM.test(platform))
    throw new CommandError(
      `error parsing specified platform: ${JSON.stringify(platform)}: unknown operating system or architecture: invalid argument`,
    );
  for (const dns of (hostConfig.Dns ?? []) as string[])
    if (LOCALHOST.test(dns)) yield* warn(`WARNING: Localhost DNS (${dns}) may fail in containers.`);
  const quiet = c.on('quiet');
  if (c.text('pull') === 'always' && ref.kind === 'named') yield* pull(c, config.Image as string, { quiet, fd: 2 });
  const size = yield* sys((s) => (s.isatty(1) ? s.winsize(1) : null));
  const body = {
    ...config,
    HostConfig: { ...hostConfig, ...(size && !failed(size) ? { ConsoleSize: [size.rows, size.cols] } : {}) },
    NetworkingConfig: networkingConfig,
  };
  const path = pathOf('/containers/create', { name: c.text('name'), platform });
  let made: { Id: string; Warnings: string[] | null };
  try {
    made = yield* post(c, path, body);
  } catch (e) {
    if (
      !(e instanceof EngineError) ||
      e.http !== 404 ||
      ref.kind !== 'named' ||
      c.text('pull') !== 'missing' ||
      !/^(No such image|image with reference)/.test(e.reason)
    )
      throw e;
    if (!quiet) yield* warn(`Unable to find image '${reference.familiarString(reference.tagNameOnly(ref))}' locally`);
    yield* pull(c, config.Image as string, { quiet, fd: 2 });
    made = yield* post(c, path, body);
  }
  for (const w of made.Warnings ?? []) yield* warn(`WARNING: ${w}`);
  if (cidfile) yield* writeIdFile(cidfile, made.Id);
  return made.Id;
}

function* makeIdFile(path: string): Script<void> {
  const r = yield* sys((s) => {
    try {
      s.stat(encode(path));
      return 'there';
    } catch (e) {
      if (!(e instanceof Errno)) throw e;
    }
    s.close(s.open(encode(path), { write: true, create: true, trunc: true }, 0o666));
    return 'made';
  });
  if (failed(r)) throw new CommandError(`failed to create the container ID file: open ${path}: ${r.message.toLowerCase()}`);
  if (r === 'there') throw new CommandError(`container ID file found, make sure the other container isn't running or delete ${path}`);
}

function* writeIdFile(path: string, id: string): Script<void> {
  yield* sys((s) => {
    const fd = s.open(encode(path), { write: true, create: true, trunc: true }, 0o666);
    s.write(fd, id);
    s.close(fd);
  });
}

export const createCommand: Command = function* (c) {
  const request = yield* requestOf(c, 'create');
  yield* say(yield* create(c, request));
  return 0;
};

export const runCommand: Command = function* (c) {
  const asked = yield* requestOf(c, 'run');
  const detach = c.on('detach');
  if (!detach) yield* checkTty(!!asked.config.AttachStdin, !!asked.config.Tty);
  else if (c.list('attach').length > 0) throw new CommandError('conflicting options: cannot specify both --attach and --detach');
  const request = detach
    ? { ...asked, config: { ...asked.config, AttachStdin: false, AttachStdout: false, AttachStderr: false, StdinOnce: false } }
    : asked;
  const { config } = request;
  let id: string;
  try {
    id = yield* create(c, request);
  } catch (e) {
    return runError(e);
  }
  const tty = !!config.Tty;
  const attach = config.AttachStdin || config.AttachStdout || config.AttachStderr;
  if (!attach) {
    yield* say(id);
    try {
      yield* call(c, 'POST', `/containers/${id}/start`);
    } catch (e) {
      return runError(e);
    }
    return 0;
  }
  const keys = c.text('detach-keys');
  const attached = yield* hijack(
    c,
    'POST',
    pathOf(`/containers/${id}/attach`, {
      stream: true,
      stdin: !!config.AttachStdin,
      stdout: !!config.AttachStdout,
      stderr: !!config.AttachStderr,
      detachKeys: keys,
    }),
  );
  const waiting = yield* waitFor(c, id, c.on('rm') ? 'removed' : 'next-exit');
  try {
    yield* call(c, 'POST', `/containers/${id}/start`);
  } catch (e) {
    if (c.on('rm')) yield* statusOf(c, waiting);
    return runError(e);
  }
  if (tty) yield* resize(c, `/containers/${id}/resize`);
  const end = yield* follow(c, {
    conn: attached.conn,
    stdin: !!config.AttachStdin,
    tty,
    detachKeys: detachBytes(keys),
    proxy: c.on('sig-proxy') && !tty ? id : undefined,
  });
  if (end === 'detached') return 0;
  return yield* statusOf(c, waiting);
};
