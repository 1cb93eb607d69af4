/**
 * docker push: moby distribution/push_v2.go.
 *
 *   for each layer:  is there in this repository?   HEAD blob            "Layer already exists"
 *                    known in another one there?    POST …?mount=&from=  "Mounted from …"
 *                    else                           POST, PATCH, PUT     "Pushed"
 *   then the config the same way, and the manifest under its tag.
 *
 * Simplified: layers go one after the other, and without a picture of how far each is.
 */

import { gzipSync } from 'fflate';
import { fromArray, pmap, sha256, toArray } from '../../base';
import { reference } from '../../oci';
import { type Daemon, internal } from '../daemon';
import type { Response } from '../http';
import * as images from '../images';
import * as layerFiles from '../layer-files';
import type { Image, Layer } from '../state';
import { type Job, say, within } from './job';
import { ask, type Credentials, type Described, type Endpoint, errorOf, NoCredentials, ping, repositoryOf, SCHEMA2 } from './registry';

const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
/** moby daemon/config: max-concurrent-uploads. */
const AT_ONCE = 5;
/** How many blobs a repository is asked for that may be the layer: distribution/push_v2.go, getMaxMountAndExistenceCheckAttempts. */
const MOST_ASKED = 3;

export interface PushArgs {
  name: string;
  tag: string;
  auth: Credentials;
}

export function* push({ name, tag, auth }: PushArgs): Job {
  const named = reference.parseNormalized(name);
  const repository = reference.nameOf(named);
  yield* say({ status: `The push refers to repository [${repository}]` });
  const tags = yield* within((d) => tagsOf(d, repository));
  if (tags.length === 0) throw internal(`An image does not exist locally with the tag: ${reference.familiarName(named)}`);
  const endpoint = yield* ping(named.domain, auth);
  const wanted = tag === '' ? tags : tags.filter((t) => t === `${repository}:${tag}`);
  if (wanted.length === 0) throw internal(`tag does not exist: ${images.familiar(`${repository}:${tag}`)}`);
  try {
    for (const full of wanted) yield* pushTag(endpoint, full);
  } catch (e) {
    if (e instanceof NoCredentials) throw internal('no basic auth credentials');
    throw e;
  }
  return undefined;
}

const tagsOf = (d: Daemon, repository: string): string[] =>
  d
    .images()
    .flatMap((i) => i.RepoTags.filter((t) => t.startsWith(`${repository}:`)))
    .sort();

interface LayerToPush {
  id: string;
  diffId: string;
}

const short = (digest: string) => digest.replace('sha256:', '').slice(0, 12);

function* pushTag(e: Endpoint, full: string): Job<void> {
  const named = reference.parseNormalized(full);
  const { raw, layers } = yield* within((d) => {
    const image = images.resolve(d, images.familiar(full)) as Image;
    return {
      raw: image.raw,
      layers: image.layers.map((id): LayerToPush => ({ id, diffId: (d.layer(id) as Layer).diffId })),
    };
  });
  const upper = [...layers].reverse();
  for (const l of upper) yield* say({ status: 'Preparing', progressDetail: {}, id: short(l.diffId) });
  for (const l of upper.slice(AT_ONCE)) yield* say({ status: 'Waiting', progressDetail: {}, id: short(l.diffId) });
  const pushed = new Map<string, Described>();
  for (const l of upper) pushed.set(l.diffId, yield* pushLayer(e, named, l));
  const config: Described = { mediaType: CONFIG, size: raw.length, digest: `sha256:${sha256(raw)}` };
  if (!(yield* holds(e, named, config.digest))) yield* upload(e, named, raw);
  const manifest = JSON.stringify(
    { schemaVersion: 2, mediaType: SCHEMA2, config, layers: layers.map((l) => pushed.get(l.diffId)) },
    null,
    3,
  );
  const digest = `sha256:${sha256(manifest)}`;
  const r = yield* ask(e, 'PUT', `${repositoryOf(named)}/manifests/${named.tag}`, { headers: { 'Content-Type': SCHEMA2 }, body: manifest });
  if (r.status !== 201) throw internal(errorOf(r));
  const repository = reference.familiarName(named);
  yield* within((d) => {
    images.addDigest(d, images.resolve(d, images.familiar(full)).Id, `${repository}@${digest}`);
    d.event('image', 'push', images.familiar(full), { name: repository });
  });
  yield* say({ status: `${named.tag}: digest: ${digest} size: ${manifest.length}` });
  yield* say({ progressDetail: {}, aux: { Tag: named.tag, Digest: digest, Size: manifest.length } });
}

/** Which blobs are known to hold a layer, and where: distribution/metadata/v2_metadata_service.go. */
export interface BlobRecord {
  digest: string;
  size: number;
  /** "localhost:5000/app" */
  repository: string;
}

/** Notes that a repository has a layer as this blob; what is newest comes last. */
export function remember(d: Daemon, diffId: string, record: BlobRecord) {
  const others = recordsOf(d, diffId).filter((r) => r.repository !== record.repository || r.digest !== record.digest);
  d.s.distribution = pmap.set(d.s.distribution, diffId, [...others, record]);
}
export const recordsOf = (d: Daemon, diffId: string): BlobRecord[] => pmap.get(d.s.distribution, diffId) ?? [];

/** The layer that a blob holds, if it was seen before. */
export const layerOf = (d: Daemon, digest: string): string | undefined => {
  for (const [diffId, records] of pmap.entries(d.s.distribution)) if (records.some((r) => r.digest === digest)) return `${diffId}`;
  return undefined;
};

function* pushLayer(e: Endpoint, named: reference.Named, l: LayerToPush): Job<Described> {
  const repository = reference.nameOf(named);
  const told = (status: string) => say({ status, progressDetail: {}, id: short(l.diffId) });
  const noted = (record: BlobRecord): Job<Described> =>
    within((d) => {
      remember(d, l.diffId, { ...record, repository });
      return { mediaType: LAYER, size: record.size, digest: record.digest };
    });
  const known = (yield* within((d) => recordsOf(d, l.diffId))).toReversed();
  const own = known.filter((r) => r.repository === repository);
  const others = known.filter((r) => r.repository !== repository && r.repository.startsWith(`${named.domain}/`));
  const asks = [...own, ...others].filter((r, i, all) => all.findIndex((x) => x.digest === r.digest) === i).slice(0, MOST_ASKED);
  for (const record of asks) {
    if (!(yield* holds(e, named, record.digest))) continue;
    yield* told('Layer already exists');
    return yield* noted(record);
  }
  for (const record of others) {
    const from = record.repository.slice(named.domain.length + 1);
    const r = yield* ask(
      e,
      'POST',
      `${repositoryOf(named)}/blobs/uploads/?from=${encodeURIComponent(from)}&mount=${encodeURIComponent(record.digest)}`,
    );
    if (r.status !== 201) continue;
    yield* holds(e, named, record.digest);
    yield* told(`Mounted from ${from}`);
    return yield* noted(record);
  }
  const data = yield* within((d) => packed(d, l.id));
  const record = { digest: `sha256:${sha256(data)}`, size: data.length, repository };
  yield* upload(e, named, data);
  yield* told('Pushed');
  return yield* noted(record);
}

/** A layer's archive as it travels. */
const packed = (d: Daemon, id: string): string => {
  const l = d.layer(id) as Layer;
  return fromArray(gzipSync(toArray(layerFiles.archiveOf(d, l)), { mtime: 0, level: 6 }));
};

function* holds(e: Endpoint, named: reference.Named, digest: string): Job<boolean> {
  const r = yield* ask(e, 'HEAD', `${repositoryOf(named)}/blobs/${digest}`);
  return r.status === 200;
}

function* upload(e: Endpoint, named: reference.Named, data: string): Job<void> {
  const digest = `sha256:${sha256(data)}`;
  const checked = (r: Response, status: number): Response => {
    if (r.status !== status) throw internal(errorOf(r));
    return r;
  };
  const begun = checked(yield* ask(e, 'POST', `${repositoryOf(named)}/blobs/uploads/`), 202);
  const sent = checked(yield* ask(e, 'PATCH', begun.headers.location ?? '', { body: data }), 202);
  const where = sent.headers.location ?? '';
  checked(yield* ask(e, 'PUT', `${where}${where.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`, { body: '' }), 201);
  yield* holds(e, named, digest);
}
