/**
 * docker cp: docker/cli, cli/command/container/cp.go; moby pkg/archive/copy.go.
 *
 *   What a copy makes depends on both ends: a directory that exists is copied into, one that does not is created under
 *   that name, "DIR/." is its content. The archive's entries are renamed on the way, so that unpacking does the rest.
 */

import { decode, encode, humanSize } from '../../base';
import * as tar from '../../base/tar';
import { http, layerFiles } from '../../engine/for-clients';
import { attempt, Errno, type Sys } from '../../kernel';
import { layer } from '../../oci';
import { failed, out, type Script, stdin, sys } from '../driver';
import { cleanPath } from '../options/devices';
import { absolute } from '../options/mount';
import { type Command, CommandError, type Ctx, call, EngineError, pathOf, segment, warn } from './api';
import { goError } from './files';
import { isTerminal } from './streams';

interface CopyInfo {
  path: string;
  exists: boolean;
  isDir: boolean;
  /** The name the archive's entries are to get, if a link was followed. */
  rebase: string;
}

/** "container:path" in two; a path that begins with "/" or "." has no container. */
export function splitArgument(arg: string): { container: string; path: string } {
  const at = arg.indexOf(':');
  if (arg.startsWith('/') || at < 0 || arg.startsWith('.')) return { container: '', path: arg };
  return { container: arg.slice(0, at), path: arg.slice(at + 1) };
}

/** filepath.Base */
const base = (path: string) => (path === '' ? '.' : (path.replace(/\/+$/, '').split('/').pop() ?? '') || '/');
const parentOf = (path: string) => {
  const at = path.lastIndexOf('/');
  return cleanPath(at < 0 ? '.' : path.slice(0, at + 1));
};
const isCurrent = (path: string) => base(path) === '.';
const endsInSlash = (path: string) => path.endsWith('/');
const assertsDirectory = (path: string) => endsInSlash(path) || isCurrent(path);

/** The directory and the last name of a path; "x/." is the name "." in x. */
function splitEntry(path: string): { dir: string; name: string } {
  const clean = cleanPath(path);
  const full = isCurrent(path) ? `${clean}/.` : clean;
  return isCurrent(path) ? { dir: cleanPath(clean), name: '.' } : { dir: parentOf(full), name: base(full) };
}

function keepEnding(clean: string, original: string): string {
  let path = clean;
  if (!isCurrent(path) && isCurrent(original)) path += endsInSlash(path) ? '.' : '/.';
  if (!endsInSlash(path) && endsInSlash(original)) path += '/';
  return path;
}

/** archive.RebaseArchiveEntries */
export const rebaseEntries = (entries: readonly tar.TarEntry[], from: string, to: string): tar.TarEntry[] =>
  entries.map((e) => ({
    ...e,
    name: layer.rebase(e.name, from, to),
    ...(e.type === 'link' ? { linkname: layer.rebase(e.linkname ?? '', from, to) } : {}),
  }));

/** Where to unpack, and under which names: archive.PrepareArchiveCopy. */
function prepare(entries: readonly tar.TarEntry[], src: CopyInfo, dst: CopyInfo): { dir: string; entries: readonly tar.TarEntry[] } {
  if (dst.exists && dst.isDir) return { dir: dst.path, entries };
  if (dst.exists && src.isDir) throw new CommandError('cannot copy directory');
  if (!dst.exists && !src.isDir && assertsDirectory(dst.path)) throw new CommandError('no such directory');
  const { dir, name } = splitEntry(dst.path);
  return { dir, entries: rebaseEntries(entries, src.rebase || splitEntry(src.path).name, name) };
}

// ——— this side

/** The end of a link that a destination is; its directory must exist. */
function destination(s: Sys, path: string): CopyInfo {
  let at = path;
  for (let n = 0; ; n++) {
    const st = attempt(() => s.lstat(encode(at)));
    if (st instanceof Errno) {
      if (st.code !== 'ENOENT') throw new CommandError(`lstat ${at}: ${goError(st)}`);
      const dir = splitEntry(at).dir;
      const parent = attempt(() => s.stat(encode(dir)));
      if (parent instanceof Errno) throw new CommandError(`stat ${dir}: ${goError(parent)}`);
      if (parent?.type !== 'dir') throw new CommandError('not a directory');
      return { path: at, exists: false, isDir: false, rebase: '' };
    }
    if (st?.type !== 'symlink') return { path: at, exists: true, isDir: st?.type === 'dir', rebase: '' };
    if (n > 10) throw new CommandError(`too many symlinks in ${path}`);
    const target = decode(s.readlink(encode(at)));
    at = target.startsWith('/') ? target : absolute(splitEntry(at).dir, target);
  }
}

function source(s: Sys, path: string, followLink: boolean): { info: CopyInfo; entries: tar.TarEntry[] } {
  const fail = (e: Errno, p: string) => new CommandError(`lstat ${p}: ${goError(e)}`);
  let resolved: string;
  let rebase = '';
  if (followLink) {
    const real = attempt(() => s.realpath(encode(path)));
    if (real instanceof Errno || real === null) throw fail(real as Errno, cleanPath(path));
    resolved = decode(real);
    if (isCurrent(path) && !isCurrent(resolved)) resolved += '/.';
    if (endsInSlash(path) && !endsInSlash(resolved)) resolved += '/';
    if (base(path) !== base(resolved)) rebase = base(path);
  } else {
    const cut = path.lastIndexOf('/') + 1;
    const dir = path.slice(0, cut);
    const real = attempt(() => s.realpath(encode(dir || '/')));
    if (real instanceof Errno || real === null) throw fail(real as Errno, cleanPath(dir));
    resolved = `${real === '/' ? '' : decode(real)}/${path.slice(cut)}`;
    if (endsInSlash(path) && base(path) !== base(resolved)) rebase = base(path);
  }
  const st = attempt(() => s.lstat(encode(resolved)));
  if (st instanceof Errno || st === null) throw fail(st as Errno, resolved);
  const { dir, name } = splitEntry(resolved);
  const at = name === '.' ? dir : `${dir === '/' ? '' : dir}/${name}`;
  const seen = new Map<string, string>();
  const first = encode(rebase || name);
  const top = layerFiles.entryOf(s, encode(at), first, seen);
  const entries = top.type === 'dir' ? [top, ...layerFiles.archive(s, encode(at), `${first}/`, { seen })] : [top];
  return { info: { path: resolved, exists: true, isDir: st.type === 'dir', rebase }, entries };
}

/** Runs a step on this side's files; what it finds wrong ends the command. */
function* local<T>(step: (s: Sys) => T): Script<T> {
  const r = yield* sys((s) => {
    try {
      return { value: step(s) };
    } catch (e) {
      if (e instanceof CommandError) return { complaint: e.message };
      throw e;
    }
  });
  if (failed(r)) throw new CommandError(r.message.toLowerCase());
  if (r.complaint !== undefined) throw new CommandError(r.complaint);
  return r.value as T;
}

// ——— the container's side

interface Stat {
  name: string;
  mode: number;
  linkTarget: string;
}
const DIR = 2 ** 31;
const SYMLINK = 2 ** 27;
const has = (mode: number, bit: number) => Math.floor(mode / bit) % 2 === 1;

function* statPath(c: Ctx, container: string, path: string): Script<Stat | null> {
  try {
    const r = yield* call(c, 'HEAD', pathOf(`/containers/${segment(container)}/archive`, { path }));
    return statOf(r.headers);
  } catch (e) {
    if (e instanceof EngineError && e.http !== 0) return null;
    throw e;
  }
}

const statOf = (headers: Record<string, string>): Stat =>
  JSON.parse(decode(http.percentDecode(headers['x-docker-container-path-stat'] ?? '{}'))) as Stat;

function* fromContainer(c: Ctx, container: string, from: string, to: string): Script<void> {
  let path = from;
  let rebase = '';
  const dst = to === '-' ? '-' : yield* local((s) => keepEnding(absolute(decode(s.getcwd()), to), to));
  if (dst !== '-') yield* local((s) => checkOutput(s, dst));
  if (c.on('follow-link')) {
    const st = yield* statPath(c, container, path);
    if (st && has(st.mode, SYMLINK)) {
      let target = st.linkTarget.startsWith('/') ? st.linkTarget : absolute(splitEntry(path).dir, st.linkTarget);
      if (isCurrent(path) && !isCurrent(target)) target += '/.';
      if (endsInSlash(path) && !endsInSlash(target)) target += '/';
      if (base(path) !== base(target)) rebase = base(path);
      path = target;
    }
  }
  const r = yield* call(c, 'GET', pathOf(`/containers/${segment(container)}/archive`, { path }));
  if (dst === '-') {
    yield* out(r.body);
    return;
  }
  const isDir = has(statOf(r.headers).mode, DIR);
  yield* local((s) => {
    const src: CopyInfo = { path, exists: true, isDir, rebase };
    const read = tar.readTar(r.body);
    const entries = rebase ? rebaseEntries(read, splitEntry(path).name, rebase) : read;
    const plan = prepare(entries, src, destination(s, dst));
    unpack(s, encode(plan.dir), plan.entries);
  });
  yield* report(c, r.body.length, dst);
}

function checkOutput(s: Sys, path: string) {
  const dir = parentOf(cleanPath(path));
  if (attempt(() => s.stat(encode(dir))) instanceof Errno)
    throw new CommandError(`invalid output path: directory ${JSON.stringify(dir)} does not exist`);
  const st = attempt(() => s.stat(encode(cleanPath(path))));
  if (st instanceof Errno && st.code !== 'ENOENT') throw new CommandError(`stat ${path}: ${goError(st)}`);
  if (st === null || st instanceof Errno || st.type === 'dir' || st.type === 'file') return;
  throw new CommandError(
    `invalid output path: ${JSON.stringify(path)} must be a directory or a regular file: ${st.type === 'char' || st.type === 'block' ? 'got a device' : 'got an irregular file'}`,
  );
}

/** Files on this side belong to who copies; a directory is not replaced by something else, nor something else by one. */
function unpack(s: Sys, dir: string, entries: readonly tar.TarEntry[]) {
  const { euid, egid } = s.credentials();
  for (const e of entries) {
    const name = e.name.replace(/\/$/, '');
    const st = attempt(() => s.lstat(`${dir}/${name}`));
    if (st === null || st instanceof Errno) continue;
    if ((st.type === 'dir') === (e.type === 'dir')) continue;
    const [there, comes] = st.type === 'dir' ? ['directory', 'non-directory'] : ['non-directory', 'directory'];
    throw new CommandError(
      `cannot overwrite ${there} ${JSON.stringify(decode(`${dir}/${name}`))} with ${comes} ${JSON.stringify(decode(dir))}`,
    );
  }
  layerFiles.extract(
    s,
    dir,
    entries.map((e) => ({ ...e, uid: euid, gid: egid })),
  );
}

function* toContainer(c: Ctx, container: string, from: string, to: string): Script<void> {
  let path = to;
  let st = yield* statPath(c, container, to);
  if (st && has(st.mode, SYMLINK)) {
    path = st.linkTarget.startsWith('/') ? st.linkTarget : absolute(splitEntry(to).dir, st.linkTarget);
    st = yield* statPath(c, container, path);
  }
  if (st && (has(st.mode, 2 ** 26) || has(st.mode, 2 ** 25) || has(st.mode, 2 ** 24)))
    throw new CommandError(
      `destination "${container}:${to}" must be a directory or a regular file: ${has(st.mode, 2 ** 26) ? 'got a device' : 'got an irregular file'}`,
    );
  const dst: CopyInfo = { path, exists: st !== null, isDir: st !== null && has(st.mode, DIR), rebase: '' };
  let dir: string;
  let archive: string;
  if (from === '-') {
    if (!dst.isDir) throw new CommandError(`destination "${container}:${to}" must be a directory`);
    dir = dst.path;
    archive = yield* stdin();
  } else {
    const plan = yield* local((s) => {
      const full = keepEnding(absolute(decode(s.getcwd()), from), from);
      const { info, entries } = source(s, full, c.on('follow-link'));
      const p = prepare(entries, info, dst);
      return { dir: p.dir, archive: tar.writeTar(p.entries) };
    });
    ({ dir, archive } = plan);
  }
  yield* call(
    c,
    'PUT',
    pathOf(`/containers/${segment(container)}/archive`, {
      path: dir,
      noOverwriteDirNonDir: 'true',
      copyUIDGID: c.on('archive') ? 'true' : undefined,
    }),
    archive,
  );
  if (from !== '-') yield* report(c, archive.length, `${container}:${dst.path}`);
}

/** Told at a terminal only. */
function* report(c: Ctx, bytes: number, where: string): Script<void> {
  const quiet = c.given('quiet') ? c.on('quiet') : !(yield* isTerminal(1));
  if (!quiet) yield* warn(`Successfully copied ${humanSize(bytes, 3)} to ${where}`);
}

export const cp: Command = function* (c) {
  const [from = '', to = ''] = c.args;
  if (from === '') throw new CommandError('source can not be empty');
  if (to === '') throw new CommandError('destination can not be empty');
  const [src, dst] = [splitArgument(from), splitArgument(to)];
  if (src.container !== '' && dst.container !== '') throw new CommandError('copying between containers is not supported');
  if (src.container === '' && dst.container === '') throw new CommandError('must specify at least one container source');
  if (src.container !== '') yield* fromContainer(c, src.container, src.path, dst.path);
  else yield* toContainer(c, dst.container, src.path, dst.path);
  return 0;
};
