/**
 * docker build, which is `docker buildx build` with the engine's own builder: docker/buildx, commands/build.go, build/.
 *
 *   The Dockerfile, the context without what .dockerignore excludes, and the secrets go along with the request;
 *   the steps come back as events, shown as plain text.
 */

import { decode, encode } from '../../base';
import { build, overlay2 } from '../../engine';
import { attempt, Errno, type Sys } from '../../kernel';
import { reference, tar } from '../../oci';
import { csv } from '../csv';
import { close, err, failed, out, recv, type Script, stdin, sys } from '../driver';
import { absolute } from '../options/mount';
import { cut } from '../options/words';
import { call, CommandError, type Command, type Ctx, EngineError, notModelled, pathOf, print, say, stream } from './api';
import { goError, readBytes, writeBytes } from './files';

const fail = (message: string) => new CommandError(`ERROR: failed to build: ${message}`);

const PROGRESS = ['', 'auto', 'none', 'plain', 'quiet', 'rawjson', 'tty'];

/** Flags of other drivers and of what the builder does not do here. */
const NOT_MODELLED = ['add-host', 'allow', 'annotation', 'attest', 'build-context', 'cgroup-parent', 'no-cache-filter', 'provenance', 'push', 'sbom', 'shm-size', 'ssh', 'ulimit', 'memory', 'memory-swap', 'cpuset-cpus', 'cpuset-mems', 'cpu-period', 'cpu-quota', 'cpu-shares', 'isolation', 'security-opt', 'squash', 'print'];

// ——— what goes along

type Output = { type: string; dest: string; attrs: Record<string, string> };

function parseOutput(text: string): Output {
  const fields = csv(text);
  if (fields.length === 1 && fields[0] === text && !text.startsWith('type=')) return text === '-' ? { type: 'tar', dest: '-', attrs: {} } : { type: 'local', dest: text, attrs: {} };
  const o: Output = { type: '', dest: '', attrs: {} };
  for (const field of fields) {
    const [key, value, found] = cut(field, '=');
    if (!found) throw new CommandError(`ERROR: invalid value ${field}`);
    if (key.trim().toLowerCase() === 'type') o.type = value;
    else if (key.trim().toLowerCase() === 'dest') o.dest = value;
    else o.attrs[key.trim().toLowerCase()] = value;
  }
  if (o.type === '') throw new CommandError('ERROR: type is required for output');
  if (o.type === 'local' && o.dest === '') throw fail('dest is required for local exporter');
  return o;
}

/** Archives of whole images are another driver's; the file is made before that is found out. */
function* checkExporter(o: Output): Script<void> {
  const other = { oci: 'OCI', docker: 'Docker' }[o.type];
  if (!other || (o.type === 'docker' && o.dest === '')) return;
  if (o.dest !== '' && o.dest !== '-') yield* writeText(o.dest, '');
  throw fail(`${other} exporter is not supported for the docker driver.\nSwitch to a different driver, or turn on the containerd image store, and try again.\nLearn more at https://docs.docker.com/go/build-exporters/`);
}

interface Secret {
  id: string;
  source: string;
  env: string;
}

function parseSecret(text: string): Secret {
  const s: Secret = { id: '', source: '', env: '' };
  let type = '';
  for (const field of csv(text)) {
    const [key, value, found] = cut(field, '=');
    const k = key.toLowerCase();
    if (!found) throw new CommandError(`ERROR: invalid field '${field}' must be a key=value pair`);
    if (k === 'type') {
      if (value !== 'file' && value !== 'env') throw new CommandError(`ERROR: unsupported secret type ${JSON.stringify(value)}`);
      type = value;
    } else if (k === 'id') s.id = value;
    else if (k === 'source' || k === 'src') s.source = value;
    else if (k === 'env') s.env = value;
    else throw new CommandError(`ERROR: unexpected key '${key}' in '${field}'`);
  }
  return type === 'env' && s.env === '' ? { ...s, env: s.source, source: '' } : s;
}

const file = (name: string, data: string): tar.TarEntry => ({ name, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: data.length, data });

function secretEntries(s: Sys, secrets: readonly Secret[], env: Record<string, string>): tar.TarEntry[] {
  return secrets.flatMap(({ id, source, env: name }) => {
    if (id === '') throw fail('secret missing ID');
    if (name !== '' || (source === '' && Object.hasOwn(env, id))) return Object.hasOwn(env, name || id) ? [file(`secret/${encode(id)}`, encode(env[name || id] as string))] : [];
    const path = source || id;
    const bytes = attempt(() => readBytes(s, encode(path)));
    if (bytes instanceof Errno) throw fail(`failed to stat ${path}: stat ${path}: ${goError(bytes)}`);
    return [file(`secret/${encode(id)}`, bytes ?? '')];
  });
}

const readIf = (s: Sys, path: string): string | null => {
  const bytes = attempt(() => readBytes(s, encode(path)));
  return bytes instanceof Errno ? null : bytes;
};

/** A context's files, without what is excluded; directories on the way to something kept stay. */
function contextEntries(s: Sys, dir: string, ignore: string | null): tar.TarEntry[] {
  let patterns: build.Pattern[] = [];
  try {
    patterns = ignore === null ? [] : build.compilePatterns(build.readIgnoreFile(ignore));
  } catch {
    // a pattern that cannot be read is the builder's to complain about
  }
  const all = overlay2.archive(s, encode(dir), 'context/');
  const kept = new Set<string>();
  for (const e of all) {
    const path = e.name.slice('context/'.length).replace(/\/$/, '');
    if (path !== '.dockerignore' && build.excluded(patterns, path)) continue;
    kept.add(path);
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) kept.add(path.slice(0, at));
  }
  const root: tar.TarEntry = { name: 'context/', type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 };
  return [root, ...all.filter((e) => kept.has(e.name.slice('context/'.length).replace(/\/$/, ''))).map((e) => ({ ...e, uid: 0, gid: 0 }))];
}

interface Sources {
  dockerfile: string;
  contextDir: string;
  archive: string;
}

const isArchive = (bytes: string) => bytes.slice(257, 262) === 'ustar' || bytes.startsWith('\x1f\x8b') || bytes.startsWith('BZh');
const REMOTE = /^(https?:\/\/|git:\/\/|git@|ssh:\/\/|github\.com\/)/;

function* sources(c: Ctx, secrets: readonly Secret[]): Script<Sources & { locals: boolean }> {
  const context = c.args[0] as string;
  const named = c.text('file');
  if (REMOTE.test(context)) throw notModelled('a build from a URL');
  if (context === '-' && named === '-') throw fail("invalid argument: can't use stdin for both build context and dockerfile");
  const input = context === '-' || named === '-' ? yield* stdin() : '';
  if (context === '-' && isArchive(input)) return { dockerfile: named, contextDir: '', archive: input, locals: false };
  const r = yield* sys((s): Sources | { complaint: string } => {
    try {
      const extra = secretEntries(s, secrets, c.env);
      if (context === '-') {
        if (named !== '') throw fail('ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles');
        return { dockerfile: 'Dockerfile', contextDir: '', archive: tar.writeTar([file('dockerfile/Dockerfile', input), ...extra]) };
      }
      return fromDirectory(s, context, named, named === '-' ? input : null, extra);
    } catch (e) {
      if (e instanceof CommandError) return { complaint: e.message };
      throw e;
    }
  });
  if (failed(r)) throw fail(r.message.toLowerCase());
  if ('complaint' in r) throw new CommandError(r.complaint);
  return { ...r, locals: true };
}

function fromDirectory(s: Sys, context: string, named: string, given: string | null, extra: tar.TarEntry[]): Sources {
  const st = attempt(() => s.stat(encode(context)));
  if (st === null || st instanceof Errno || st.type !== 'dir') throw fail(`unable to prepare context: path ${JSON.stringify(context)} not found`);
  const cwd = decode(s.getcwd());
  const contextDir = absolute(cwd, context);
  const path = given !== null ? '' : named === '' ? `${contextDir}/Dockerfile` : absolute(cwd, named);
  const name = path === '' ? 'Dockerfile' : path.slice(path.lastIndexOf('/') + 1);
  const own = readIf(s, `${path}.dockerignore`);
  const ignore = own ?? readIf(s, `${contextDir}/.dockerignore`);
  if (named !== '' && given === null) checkDirectory(s, named);
  const text = given ?? readDockerfile(s, path);
  const dockerfile = [...(text === null ? [] : [file(`dockerfile/${encode(name)}`, text)]), ...(own === null ? [] : [file(`dockerfile/${encode(name)}.dockerignore`, own)])];
  const parts = [...dockerfile, ...contextEntries(s, contextDir, ignore), ...extra];
  return { dockerfile: name, contextDir, archive: tar.writeTar(parts) };
}

/** A Dockerfile's directory must be there; the file itself is the builder's to miss. */
function checkDirectory(s: Sys, named: string) {
  const dir = named.includes('/') ? named.slice(0, named.lastIndexOf('/')) : '';
  let at = named.startsWith('/') ? '' : '.';
  for (const part of dir.split('/').filter(Boolean)) {
    at = at === '.' ? part : `${at}/${part}`;
    const st = attempt(() => s.stat(encode(at)));
    if (st instanceof Errno) throw fail(`resolve : lstat ${at}: ${goError(st)}`);
  }
}

function readDockerfile(s: Sys, path: string): string | null {
  const st = attempt(() => s.stat(encode(path)));
  if (st === null || st instanceof Errno) return null;
  if (st.type === 'dir') throw fail(`failed to solve: failed to read dockerfile: read ${path.slice(path.lastIndexOf('/') + 1)}: is a directory`);
  return readIf(s, path);
}

const pairs = (list: readonly string[], env: Record<string, string>): string | undefined => {
  const out: Record<string, string> = {};
  for (const item of list) {
    const [k, v, found] = cut(item, '=');
    if (found) out[k] = v;
    else if (Object.hasOwn(env, k)) out[k] = env[k] as string;
  }
  return Object.keys(out).length ? JSON.stringify(out) : undefined;
};

// ——— the build

interface Result {
  id: string;
  files?: string;
}

/** Shows the events until the build ends. */
function* watch(conn: number, first: string, quiet: boolean): Script<Result> {
  let printer = build.newPrinter();
  let rest = first;
  let result: Result | null = null;
  let failure: Extract<build.BuildEvent, { error: string }> | null = null;
  if (!quiet) yield* err(build.HEADER);
  for (;;) {
    const { events, rest: left } = build.parseEvents(rest);
    rest = left;
    const shown = build.print(printer, events);
    printer = shown.printer;
    if (!quiet) yield* err(shown.text);
    for (const e of events) {
      if ('error' in e) failure = e;
      else if ('id' in e) result = e;
    }
    const data = conn < 0 ? null : yield* recv(conn);
    if (data === null) break;
    rest += data;
  }
  if (conn >= 0) yield* close(conn);
  if (failure) {
    if (!quiet) yield* err(build.failures(printer) + build.warningSummary(printer));
    const where = failure.source ? build.excerpt(failure.source) : '';
    throw new CommandError(`${decode(where)}ERROR: failed to build: failed to solve: ${decode(failure.error)}`);
  }
  if (!quiet) yield* err(build.warningSummary(printer));
  return result ?? { id: '' };
}

function* deliver(o: Output, files: string): Script<void> {
  if (o.dest === '-') {
    yield* out(files);
    return;
  }
  const r = yield* sys((s) => {
    if (o.type === 'tar') {
      writeBytes(s, encode(o.dest), files, 0o644);
      return;
    }
    overlay2.mkdirs(s, encode(absolute(decode(s.getcwd()), o.dest)));
    overlay2.extract(s, encode(absolute(decode(s.getcwd()), o.dest)), tar.readTar(files));
  });
  if (failed(r)) throw fail(`failed to solve: ${r.message.toLowerCase()}`);
}

function* writeText(path: string, text: string): Script<void> {
  const r = yield* sys((s) => writeBytes(s, encode(path), encode(text), 0o644));
  if (failed(r)) throw fail(`open ${path}: ${goError(r)}`);
}

export const buildCommand: Command = function* (c) {
  const odd = NOT_MODELLED.find((f) => c.given(f));
  if (odd) throw notModelled(`--${odd}`);
  const platform = c.list('platform').find((p) => !/^linux(\/amd64)?$/.test(p));
  if (platform) throw notModelled(`--platform ${platform}`);
  const method = c.on('check') ? 'check' : c.text('call') || 'build';
  if (method !== 'build' && method !== 'check' && method !== 'lint') throw notModelled(`--call=${method}`);
  const outputs = c.list('output').map(parseOutput);
  if (outputs.length > 1) throw fail('multiple outputs currently unsupported by the current BuildKit daemon, please upgrade to version v0.13+ or use a single output');
  const output = outputs[0] ?? null;
  if (output) yield* checkExporter(output);
  const secrets = c.list('secret').map(parseSecret);
  const quiet = c.on('quiet') || c.text('progress') === 'quiet' || c.text('progress') === 'none';
  const s = yield* sources(c, secrets);
  const type = output && output.type !== 'docker' ? output.type : 'image';
  for (const t of c.list('tag')) {
    try {
      reference.parseNormalized(t);
    } catch (e) {
      throw fail(`invalid tag ${JSON.stringify(t)}: ${(e as Error).message.replace(/^invalid reference format: (repository name) \([^)]*\)/, '$1')}`);
    }
  }
  if (!PROGRESS.includes(c.text('progress'))) throw new CommandError(`ERROR: invalid progress mode ${c.text('progress')}`);
  const names = output?.attrs.name ? [...c.list('tag'), ...output.attrs.name.split(',')] : c.list('tag');
  const query = {
    locals: s.locals,
    dockerfile: s.dockerfile,
    contextdir: s.contextDir,
    t: names,
    target: c.text('target'),
    buildargs: pairs(c.list('build-arg'), c.env),
    labels: pairs(c.list('label'), {}),
    nocache: c.on('no-cache'),
    pull: c.on('pull'),
    networkmode: c.text('network') === 'default' ? '' : c.text('network'),
    output: type === 'image' ? '' : type,
    check: method !== 'build',
  };
  try {
    if (method !== 'build') return yield* check(c, pathOf('/build', query), s.archive, quiet);
    const r = yield* stream(c, 'POST', pathOf('/build', query), s.archive);
    const result = yield* watch(r.conn, r.body, quiet);
    if (output && result.files !== undefined) yield* deliver(output, result.files);
    if (c.text('iidfile') !== '') yield* writeText(c.text('iidfile'), result.id);
    if (c.text('metadata-file') !== '') yield* writeText(c.text('metadata-file'), metadata(result.id, names));
    if (quiet) yield* say(result.id);
    return 0;
  } catch (e) {
    if (!(e instanceof EngineError)) throw e;
    throw e.http === 0 ? new CommandError(`ERROR: ${e.reason}`) : fail(`failed to solve: ${e.reason}`);
  }
};

const metadata = (id: string, names: readonly string[]): string =>
  `${JSON.stringify({ 'buildx.build.provenance': {}, 'buildx.build.ref': 'default/default', 'containerimage.config.digest': id, 'containerimage.digest': id, ...(names.length ? { 'image.name': names.join(',') } : {}) }, null, 2)}`;

// ——— --check

interface Warning {
  rule: string;
  url: string | null;
  message: string;
  description: string;
  lines: [number, number];
}

function* check(c: Ctx, path: string, archive: string, quiet: boolean): Script {
  if (!quiet) yield* err(build.HEADER);
  const r = yield* call(c, 'POST', path, archive);
  const { file: name, text, warnings, error } = JSON.parse(decode(r.body)) as { file: string; text: string; warnings: Warning[]; error: { message: string; lines: [number, number] | null } | null };
  const n = warnings.length;
  const summary = n === 0 ? 'Check complete, no warnings found.\n' : n === 1 ? 'Check complete, 1 warning has been found!\n' : `Check complete, ${n} warnings have been found!\n`;
  const told = warnings.map((w) => `\nWARNING: ${w.rule}${w.url ? ` - ${w.url}` : ''}\n${w.message}\n${build.excerpt({ file: name, text, lines: w.lines })}`);
  if (error === null) {
    yield* print(`${summary}${told.join('')}`);
    return n > 0 ? 1 : 0;
  }
  yield* print(`${n > 0 ? summary + told.join('') : ''}`);
  const where = error.lines ? build.excerpt({ file: name, text, lines: error.lines }) : '';
  throw new CommandError(`ERROR: ${error.message}\n${where}`.trimEnd());
}
