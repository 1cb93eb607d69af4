/**
 * What goes along with a build: the Dockerfile, the context without what .dockerignore excludes, secrets.
 * docker/buildx, build/opt.go; the request's layout is in engine/build/request.ts.
 */

import { decode, encode } from '../../base';
import * as tar from '../../base/tar';
import * as build from '../../engine/build/face';
import { layerFiles } from '../../engine/for-clients';
import { attempt, Errno, type Sys } from '../../kernel';
import { csv } from '../csv';
import { failed, type Script, stdin, sys } from '../driver';
import { absolute } from '../options/mount';
import { cut } from '../options/words';
import { CommandError, type Ctx, call, notModelled, pathOf } from './api';
import { goError, readBytes, writeBytes } from './files';

export const fail = (message: string) => new CommandError(`ERROR: failed to build: ${message}`);

interface Secret {
  id: string;
  source: string;
  env: string;
}

export function parseSecret(text: string): Secret {
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

export interface NamedContext {
  name: string;
  value: string;
}

/** --build-context NAME=PATH|docker-image://REF */
export function parseContext(text: string): NamedContext {
  const [name, value, found] = cut(text, '=');
  if (!found) throw new CommandError(`ERROR: invalid context value: ${text}, expected key=value`);
  if (/^(https?:\/\/|git:|git@|oci-layout:|target:|ssh:)/.test(value)) throw notModelled(`--build-context ${text}`);
  return { name, value };
}

/** Files of the directories among them, and how the request names each. */
function namedEntries(s: Sys, contexts: readonly NamedContext[]): { entries: tar.TarEntry[]; named: string[] } {
  const entries: tar.TarEntry[] = [];
  const named = contexts.map(({ name, value }, n) => {
    if (value.startsWith('docker-image://')) return `${name}=${value}`;
    const st = attempt(() => s.stat(encode(value)));
    if (st === null || st instanceof Errno) throw fail(`failed to get build context ${name}: stat ${value}: no such file or directory`);
    if (st.type !== 'dir') throw fail(`failed to get build context ${name}: ${value} is not a directory`);
    const dir = absolute(decode(s.getcwd()), value);
    const ignore = readIf(s, `${dir}/.dockerignore`);
    entries.push(...contextEntries(s, dir, ignore, `named/${n}/`));
    return `${name}=local:${n}`;
  });
  return { entries, named };
}

const file = (name: string, data: string): tar.TarEntry => ({
  name,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 0,
  size: data.length,
  data,
});

function secretEntries(s: Sys, secrets: readonly Secret[], env: Record<string, string>): tar.TarEntry[] {
  return secrets.flatMap(({ id, source, env: name }) => {
    if (id === '') throw fail('secret missing ID');
    if (name !== '' || (source === '' && Object.hasOwn(env, id)))
      return Object.hasOwn(env, name || id) ? [file(`secret/${encode(id)}`, encode(env[name || id] as string))] : [];
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

/** A directory's files, without what is excluded; directories on the way to something kept stay. */
function contextEntries(s: Sys, dir: string, ignore: string | null, prefix = '', bare = false): layerFiles.Listed[] {
  let patterns: build.Pattern[] = [];
  try {
    patterns = ignore === null ? [] : build.compilePatterns(build.readIgnoreFile(ignore));
  } catch {
    // a pattern that cannot be read is the builder's to complain about
  }
  const all = layerFiles.archive(s, encode(dir), prefix, { bare });
  const paths = all.map((e) => (e.type === 'dir' ? e.name.slice(prefix.length, -1) : e.name.slice(prefix.length)));
  const kept = new Set<string>();
  for (const path of paths) {
    if (path !== '.dockerignore' && patterns.length > 0 && build.excluded(patterns, path)) continue;
    kept.add(path);
    for (let at = path.lastIndexOf('/'); at > 0 && !kept.has(path.slice(0, at)); at = path.lastIndexOf('/', at - 1))
      kept.add(path.slice(0, at));
  }
  return all.flatMap((e, n) => (kept.has(paths[n] as string) ? [{ ...e, uid: 0, gid: 0 }] : []));
}

interface Sources {
  dockerfile: string;
  contextDir: string;
  /** What goes along whatever the daemon has: Dockerfile, secrets, other contexts; or an archive that is all of it. */
  parts: tar.TarEntry[] | string;
  /** The context's files, to be offered; null: there are none, or they are in the archive. */
  context: layerFiles.Listed[] | null;
}

const isArchive = (bytes: string) => bytes.slice(257, 262) === 'ustar' || bytes.startsWith('\x1f\x8b') || bytes.startsWith('BZh');
const REMOTE = /^(https?:\/\/|git:\/\/|git@|ssh:\/\/|github\.com\/)/;

export function* sources(
  c: Ctx,
  secrets: readonly Secret[],
  contexts: readonly NamedContext[],
): Script<Sources & { locals: boolean; named: string[] }> {
  const context = c.args[0] as string;
  const named = c.text('file');
  if (REMOTE.test(context)) throw notModelled('a build from a URL');
  if (context === '-' && named === '-') throw fail("invalid argument: can't use stdin for both build context and dockerfile");
  const input = context === '-' || named === '-' ? yield* stdin() : '';
  if (context === '-' && input === '') throw fail('failed to solve: failed to read dockerfile: no local sources enabled');
  if (context === '-' && isArchive(input))
    return { dockerfile: named, contextDir: '', parts: input, context: null, locals: false, named: [] };
  const r = yield* sys((s): (Sources & { named: string[] }) | { complaint: string } => {
    try {
      const more = namedEntries(s, contexts);
      const extra = [...secretEntries(s, secrets, c.env), ...more.entries];
      if (context === '-') {
        if (named !== '') throw fail('ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles');
        return {
          dockerfile: 'Dockerfile',
          contextDir: '',
          parts: [file('dockerfile/Dockerfile', input), ...extra],
          context: null,
          named: more.named,
        };
      }
      return { ...fromDirectory(s, context, named, named === '-' ? input : null, extra), named: more.named };
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
  if (st === null || st instanceof Errno || st.type !== 'dir')
    throw fail(`unable to prepare context: path ${JSON.stringify(context)} not found`);
  const cwd = decode(s.getcwd());
  const contextDir = absolute(cwd, context);
  const path = given !== null ? '' : named === '' ? `${contextDir}/Dockerfile` : absolute(cwd, named);
  const name = path === '' ? 'Dockerfile' : path.slice(path.lastIndexOf('/') + 1);
  const own = readIf(s, `${path}.dockerignore`);
  const ignore = own ?? readIf(s, `${contextDir}/.dockerignore`);
  if (named !== '' && given === null) checkDirectory(s, named);
  const text = given ?? readDockerfile(s, path);
  const dockerfile = [
    ...(text === null ? [] : [file(`dockerfile/${encode(name)}`, text)]),
    ...(own === null ? [] : [file(`dockerfile/${encode(name)}.dockerignore`, own)]),
  ];
  return { dockerfile: name, contextDir, parts: [...dockerfile, ...extra], context: contextEntries(s, contextDir, ignore, '', true) };
}

/** The body of the request: of the context's files those that the daemon has not from before. */
export function* packed(c: Ctx, sent: Sources): Script<string> {
  const { parts, context, contextDir } = sent;
  if (typeof parts === 'string') return parts;
  if (context === null) return tar.writeTar(parts);
  const r = yield* call(c, 'POST', pathOf('/build/context', { contextdir: contextDir }), context);
  const { wanted } = JSON.parse(r.body) as { wanted: number[] };
  const files = yield* sys((s) => wanted.map((n) => withData(s, contextDir, context[n] as layerFiles.Listed)));
  if (failed(files)) throw fail(files.message.toLowerCase());
  return tar.writeTar([...parts, ...files]);
}

function withData(s: Sys, dir: string, e: layerFiles.Listed): tar.TarEntry {
  const data = readBytes(s, `${encode(dir)}/${e.name}`);
  return { ...e, name: `context/${e.name}`, size: data.length, data };
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
  if (st.type === 'dir')
    throw fail(`failed to solve: failed to read dockerfile: read ${path.slice(path.lastIndexOf('/') + 1)}: is a directory`);
  return readIf(s, path);
}

/** Writes a file on this side. */
export function* writeText(path: string, text: string): Script<void> {
  const r = yield* sys((s) => writeBytes(s, encode(path), encode(text), 0o644));
  if (failed(r)) throw fail(`open ${path}: ${goError(r)}`);
}
