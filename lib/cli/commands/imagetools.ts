/**
 * docker buildx imagetools: images as registries hold them, and lists of them made there. docker/buildx, commands/imagetools,
 * util/imagetools.
 *
 * Simplified: Docker Hub's part is asked of the engine, which knows the catalogue.
 */

import { decode, encode, sha256 } from '../../base';
import { reference } from '../../oci';
import { err, type Script } from '../driver';
import { dockerFunctions, executeTemplate, ofString, parseTemplate, TemplateError, toJson, typed } from '../template';
import { indexType } from '../types';
import { type Command, CommandError, type Ctx, EngineError, get, notModelled, print, segment } from './api';
import { indentJson } from './output';
import { ask, baseOf, NO_CREDENTIALS, namedOf, now, type Response, TYPES } from './registry-client';

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { architecture: string; os: string; variant?: string };
  annotations?: Record<string, string>;
}
interface Manifest {
  mediaType?: string;
  config?: Descriptor;
  layers?: Descriptor[];
  manifests?: Descriptor[];
}
interface Found {
  named: reference.Named;
  descriptor: Descriptor;
  /** The manifest as it came; null: only the engine knows of it. */
  raw: string | null;
}

const failure = (message: string) => new CommandError(`ERROR: ${message}`);

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const isList = (d: Descriptor) => d.mediaType === OCI_INDEX || d.mediaType === DOCKER_LIST;

/** What a registry has under a name. */
function* look(c: Ctx, text: string): Script<Found> {
  const named = parsed(text);
  if (named.domain === 'docker.io') return yield* catalogued(c, named);
  const url = `${baseOf(named)}/manifests/${named.digest ?? named.tag}`;
  const headers = { Accept: TYPES.join(', ') };
  const head = checked(named, yield* ask(c, named, { method: 'HEAD', url, headers }), 'HEAD', url);
  const digest = head.headers['docker-content-digest'] ?? '';
  const r = checked(named, yield* ask(c, named, { method: 'GET', url: `${baseOf(named)}/manifests/${digest}`, headers }), 'GET', url);
  return { named, descriptor: { mediaType: head.headers['content-type'] ?? '', digest, size: r.body.length }, raw: r.body };
}

function parsed(text: string): reference.Named {
  try {
    return namedOf(text);
  } catch (e) {
    throw e instanceof CommandError ? failure(e.message) : e;
  }
}

function checked(named: reference.Named, r: Response | { fault: string }, method: string, url: string): Response {
  if ('fault' in r) {
    if (r.fault === NO_CREDENTIALS)
      throw failure(`pull access denied, repository does not exist or may require authorization: authorization failed: ${r.fault}`);
    throw failure(`failed to do request: ${method[0]}${method.slice(1).toLowerCase()} "${url}": ${r.fault}`);
  }
  if (r.status === 404) throw failure(`${reference.format(named)}: not found`);
  if (r.status >= 400)
    throw failure(`unexpected status from ${method} request to ${url}: ${r.status} ${r.status === 401 ? 'Unauthorized' : ''}`.trimEnd());
  return r;
}

function* catalogued(c: Ctx, named: reference.Named): Script<Found> {
  try {
    const { Descriptor } = yield* get<{ Descriptor: Descriptor }>(c, `/distribution/${segment(reference.format(named))}/json`);
    return { named, descriptor: Descriptor, raw: null };
  } catch (e) {
    if (!(e instanceof EngineError)) throw e;
    // The client asks for the manifest, where the engine asks first whether anybody is there.
    const asked = `Head "${baseOf(named)}/manifests/${named.digest ?? named.tag}"`;
    throw failure(e.reason.startsWith('Get "') ? `failed to do request: ${e.reason.replace(/^Get "[^"]*"/, asked)}` : e.reason);
  }
}

function rawOf(f: Found): string {
  if (f.raw === null) throw notModelled('what Docker Hub holds, but for its digest');
  return f.raw;
}

const platformText = (p: NonNullable<Descriptor['platform']>) => [p.os, p.architecture, p.variant].filter(Boolean).join('/');

/** The list of an index' manifests, as a table under its own lines. */
function listText(f: Found): string {
  const base = reference.format({ ...f.named, digest: undefined });
  const each = ((JSON.parse(rawOf(f)) as Manifest).manifests ?? []).map((m) => {
    const rows = [
      ['Name:', `${base}@${m.digest}`],
      ['MediaType:', m.mediaType],
      ...(m.platform ? [['Platform:', platformText(m.platform)]] : []),
      ...Object.entries(m.annotations ?? {}).map(([k, v], i) => [i === 0 ? 'Annotations:' : '', `${k}: ${v}`]),
    ];
    const width = Math.max(...rows.map(([k = '']) => k.length)) + 1;
    return rows.map(([k = '', v]) => `  ${k.padEnd(width)}${v}\n`).join('');
  });
  return `           \nManifests: \n${each.join('             \n')}`;
}

/** The config of an image; of a list of one for this platform. */
function* imageOf(c: Ctx, f: Found): Script<unknown> {
  const m = JSON.parse(rawOf(f)) as Manifest;
  const own = m.manifests?.find((x) => x.platform?.architecture === 'amd64' && x.platform.os === 'linux');
  if (own) return yield* imageOf(c, yield* look(c, `${reference.nameOf(f.named)}@${own.digest}`));
  const url = `${baseOf(f.named)}/blobs/${m.config?.digest}`;
  const r = checked(f.named, yield* ask(c, f.named, { method: 'GET', url }), 'GET', url);
  const { created, author, architecture, os, config, rootfs, history } = JSON.parse(r.body) as Record<string, unknown>;
  return { created, ...(author ? { author } : {}), architecture, os, config, rootfs, history };
}

const functions = new Map(dockerFunctions).set('json', {
  params: ['any'],
  call: (value) =>
    ofString(
      indentJson(
        toJson(value).replace(/[&<>]/g, (ch) => `\\u00${ch.charCodeAt(0).toString(16)}`),
        '',
        '  ',
      ),
    ),
});

function* formatted(c: Ctx, f: Found, format: string): Script<string> {
  const manifest = { ...f.descriptor, ...(isList(f.descriptor) ? { manifests: (JSON.parse(rawOf(f)) as Manifest).manifests } : {}) };
  const data = { name: reference.format(f.named), manifest, image: yield* imageOf(c, f) };
  try {
    return executeTemplate(parseTemplate(format, functions), functions, typed(indexType, data));
  } catch (e) {
    throw e instanceof TemplateError ? failure(e.message) : e;
  }
}

export const inspect: Command = function* (c) {
  const found = yield* look(c, c.args[0] as string);
  const format = c.text('format');
  if (c.on('raw') && format !== '') throw failure('format and raw cannot be used together');
  if (c.on('raw')) yield* print(decode(rawOf(found)));
  else if (format !== '') yield* print(`${yield* formatted(c, found, format)}\n`);
  else {
    const { mediaType, digest } = found.descriptor;
    yield* print(`Name:      ${reference.format(found.named)}\nMediaType: ${mediaType}\nDigest:    ${digest}\n`);
    if (isList(found.descriptor)) yield* print(listText(found));
  }
  return 0;
};

// ——— create

/** The images that sources stand for, each with its platform. */
function* described(c: Ctx, sources: readonly Found[]): Script<Descriptor[]> {
  const out: Descriptor[] = [];
  for (const f of sources) {
    const list = isList(f.descriptor) ? ((JSON.parse(rawOf(f)) as Manifest).manifests ?? []) : null;
    if (list) out.push(...list);
    else {
      const { architecture, os } = (yield* imageOf(c, f)) as { architecture: string; os: string };
      out.push({ ...f.descriptor, platform: { architecture, os } });
    }
  }
  return out.filter((d, i) => out.findIndex((x) => x.digest === d.digest) === i);
}

/** Copies a manifest with all that it refers to, where the target's repository does not have it. */
function* copy(c: Ctx, from: reference.Named, to: reference.Named, d: Descriptor): Script<void> {
  const source = baseOf(from);
  const target = baseOf(to);
  if (source === target) return;
  const text = (yield* look(c, `${reference.nameOf(from)}@${d.digest}`)).raw as string;
  const m = JSON.parse(text) as Manifest;
  for (const b of [...(m.layers ?? []), ...(m.config ? [m.config] : [])]) {
    const mount = from.domain === to.domain ? `?mount=${encodeURIComponent(b.digest)}&from=${encodeURIComponent(from.path)}` : '';
    const url = `${target}/blobs/uploads/${mount}`;
    const begun = checked(to, yield* ask(c, to, { method: 'POST', url, body: '' }), 'POST', url);
    if (begun.status === 201) continue;
    const data = checked(
      from,
      yield* ask(c, from, { method: 'GET', url: `${source}/blobs/${b.digest}` }),
      'GET',
      `${source}/blobs/${b.digest}`,
    );
    const where = begun.headers.location ?? '';
    const put = `${where}${where.includes('?') ? '&' : '?'}digest=${encodeURIComponent(b.digest)}`;
    checked(
      to,
      yield* ask(c, to, { method: 'PUT', url: put, body: data.body, headers: { 'Content-Type': 'application/octet-stream' } }),
      'PUT',
      put,
    );
  }
  for (const inner of m.manifests ?? []) yield* copy(c, from, to, inner);
  yield* putManifest(c, to, d.digest, d.mediaType, text);
}

function* putManifest(c: Ctx, to: reference.Named, ref: string, type: string, text: string): Script<void> {
  const url = `${baseOf(to)}/manifests/${ref}`;
  checked(to, yield* ask(c, to, { method: 'PUT', url, body: text, headers: { 'Content-Type': type } }), 'PUT', url);
}

export const create: Command = function* (c) {
  for (const flag of ['file', 'annotation', 'platform'])
    if (c.list(flag).length > 0) throw notModelled(`docker buildx imagetools create --${flag}`);
  if (c.args.length === 0) throw new CommandError('ERROR: no sources specified');
  const dry = c.on('dry-run');
  const targets = c.list('tag').map(parsed);
  if (targets.length === 0 && !dry) throw failure('at least one target tag is required, use --tag');
  const named = c.on('append') ? [...(targets[0] ? [reference.format(targets[0])] : []), ...c.args] : c.args;
  const sources: Found[] = [];
  for (const source of named) sources.push(yield* look(c, source));
  const [only] = sources;
  const manifests = yield* described(c, sources);
  const docker = manifests.every((m) => m.mediaType.startsWith('application/vnd.docker.'));
  const mediaType = docker ? DOCKER_LIST : OCI_INDEX;
  // A list that is the only source stays as it is, and so does an image if no list of one is wanted.
  const whole = sources.length === 1 && only && (isList(only.descriptor) || !c.on('prefer-index'));
  const same = whole ? only : null;
  const text = same ? rawOf(same) : JSON.stringify({ schemaVersion: 2, mediaType, manifests }, null, 2);
  if (dry) {
    yield* print(text);
    return 0;
  }
  const type = same ? same.descriptor.mediaType : mediaType;
  for (const [i, to] of targets.entries()) yield* pushed(c, i + 1, to, sources, manifests, { type, text });
  return 0;
};

function* pushed(
  c: Ctx,
  n: number,
  to: reference.Named,
  sources: readonly Found[],
  manifests: readonly Descriptor[],
  list: { type: string; text: string },
): Script<void> {
  const shown = reference.format(to);
  const started = yield* now();
  const since = function* (): Script<string> {
    return `#${n} ${(((yield* now()) - started) / 1000).toFixed(3)}`;
  };
  yield* err(encode(`#${n} [internal] pushing ${shown}\n`));
  for (const m of manifests) {
    const from = sources.find((s) => s.descriptor.digest === m.digest) ?? (sources[0] as Found);
    yield* err(encode(`${yield* since()} copying ${m.digest} from ${reference.format(from.named)} to ${shown}\n`));
    yield* copy(c, from.named, to, m);
  }
  yield* err(encode(`${yield* since()} pushing sha256:${sha256(list.text)} to ${shown}\n`));
  yield* putManifest(c, to, to.tag ?? 'latest', list.type, list.text);
  yield* err(encode(`#${n} DONE ${(((yield* now()) - started) / 1000).toFixed(1)}s\n`));
}
