/**
 * docker pull from a registry that answers over the network: moby distribution/pull_v2.go, xfer/download.go.
 *
 *   HEAD manifest, and GET unless it has come before · of a list, the one for this platform · GET config and layers · register · tag
 *   Docker Hub's images: the mirrors first, one after the other; then Docker Hub
 *
 * Simplified: the next one is asked where a mirror does not have the manifest, and not where it breaks off later.
 *
 * What the machine's catalogue stands for, Docker Hub, comes by ../pull.ts; both tell of it in the same words.
 */

import { sha256 } from '../../base';
import { platform, reference } from '../../oci';
import { ApiError, type Daemon, internal, notFound } from '../daemon';
import type { Response } from '../http';
import * as images from '../images';
import * as layerFiles from '../layer-files';
import { chainId } from '../layers';
import { isCatalogued, pull as pullCatalogued } from '../pull';
import { layerLines, pulledStatus } from '../pull-words';
import type { ImageConfig } from '../state';
import { unpacked } from '../transfer';
import { type Job, say, within } from './job';
import * as manifests from './manifests';
import { layerOf, remember } from './push';
import {
  ask,
  type Credentials,
  type Endpoint,
  errorOf,
  MANIFESTS,
  type Manifest,
  mirrorsOf,
  NoCredentials,
  ping,
  pingMirror,
  repositoryOf,
} from './registry';

export interface PullArgs {
  /** A full name with tag or digest; with neither, all of a repository's tags. */
  name: string;
  platform: string;
  auth: Credentials;
}

export function* pull(args: PullArgs): Job {
  const named = reference.parseNormalized(args.name);
  if (yield* fromMirrors(args)) return undefined;
  const become = yield* within((d) => isCatalogued(d, args.name, args.platform));
  if (become) return { become: yield* within((d) => pullCatalogued(d, args.name)) };
  yield* from(yield* ping(named.domain, args.auth), args);
  return undefined;
}

/** Pulls from the first mirror that has it; false: none has. */
export function* fromMirrors(args: PullArgs): Job<boolean> {
  const named = reference.parseNormalized(args.name);
  for (const url of yield* within((d) => mirrorsOf(d, named.domain))) {
    const endpoint = yield* pingMirror(url);
    if (endpoint === null) continue;
    let found: Found;
    try {
      found = yield* manifestOf(endpoint, named.digest === undefined ? reference.tagNameOnly(named) : named);
    } catch (fault) {
      if (fault instanceof ApiError) continue;
      throw fault;
    }
    yield* from(endpoint, args, found);
    return true;
  }
  return false;
}

/** `found` is the manifest, where it has been asked for. */
function* from(endpoint: Endpoint, args: PullArgs, found?: Found): Job<void> {
  const named = reference.parseNormalized(args.name);
  let fresh = false;
  if (named.tag === undefined && named.digest === undefined)
    for (const tag of yield* tagsOf(endpoint, named)) fresh = (yield* one(endpoint, { ...named, tag }, args)) || fresh;
  else fresh = yield* one(endpoint, named, args, found);
  yield* say({ status: pulledStatus(reference.familiarString(named), fresh) });
  yield* within((d) => d.event('image', 'pull', reference.familiarString(named), { name: reference.familiarName(named) }));
}

function* tagsOf(e: Endpoint, named: reference.Named): Job<string[]> {
  const r = yield* asked(e, 'GET', `${repositoryOf(named)}/tags/list`);
  if (r.status !== 200) throw notFound(errorOf(r));
  return (JSON.parse(r.body) as { tags: string[] | null }).tags ?? [];
}

function* asked(e: Endpoint, method: string, path: string): Job<Response> {
  try {
    return yield* ask(e, method, path, { headers: { Accept: MANIFESTS.join(', ') } });
  } catch (fault) {
    if (fault instanceof NoCredentials) throw internal(`${fault.message}: no basic auth credentials`);
    throw fault;
  }
}

interface Found {
  digest: string;
  manifest: Manifest;
}

/** The manifest under a tag or digest; one that has come before is not sent again. */
function* manifestOf(e: Endpoint, named: reference.Named): Job<Found> {
  const path = `${repositoryOf(named)}/manifests/`;
  const ref = named.digest ?? (named.tag as string);
  const missing = (r: Response) => notFound(`manifest for ${reference.familiarString(named)} not found: ${errorOf(r)}`);
  const digest = named.digest ?? (yield* asked(e, 'HEAD', path + ref)).headers['docker-content-digest'];
  const kept = digest === undefined ? null : yield* within((d) => manifests.read(d, digest));
  if (kept !== null && digest !== undefined) return { digest, manifest: JSON.parse(kept) as Manifest };
  const r = yield* asked(e, 'GET', path + (digest ?? ref));
  if (r.status === 404) throw missing(r);
  if (r.status !== 200) throw internal(errorOf(r));
  return { digest: yield* within((d) => manifests.keep(d, r.body)), manifest: JSON.parse(r.body) as Manifest };
}

/** One tag or digest; whether its name was new or stood for something else. */
function* one(e: Endpoint, named: reference.Named, args: PullArgs, found?: Found): Job<boolean> {
  const full = reference.format(named);
  const { digest, manifest } = found ?? (yield* manifestOf(e, named));
  yield* say({ status: `Pulling from ${named.path}`, id: named.digest === undefined ? named.tag : images.familiar(full) });
  const own = manifest.manifests ? yield* chosen(e, named, manifest, args.platform) : manifest;
  const id = own.config?.digest ?? '';
  if (!(yield* within((d) => d.image(id) !== undefined))) yield* fetchImage(e, named, own, args.platform);
  yield* say({ status: `Digest: ${digest}` });
  return yield* within((d) => {
    const there = named.digest === undefined ? images.find(d, images.familiar(full))?.Id : undefined;
    const repoDigest = `${reference.familiarName(named)}@${digest}`;
    const fresh = named.digest === undefined ? there !== id : !d.image(id)?.RepoDigests.includes(repoDigest);
    if (named.digest === undefined && fresh) images.tag(d, id, full);
    images.addDigest(d, id, repoDigest);
    return fresh;
  });
}

/** Of a list, the image for a platform. */
function* chosen(e: Endpoint, named: reference.Named, list: Manifest, wanted: string): Job<Manifest> {
  const own = images.platformOf(wanted || platform.format(platform.HOST));
  const found = list.manifests?.find((m) => m.platform && platform.matches(own, m.platform));
  if (!found) throw notFound(`no matching manifest for ${platform.format(own)} in the manifest list entries`);
  return (yield* manifestOf(e, { ...named, tag: undefined, digest: found.digest })).manifest;
}

function* blobOf(e: Endpoint, named: reference.Named, digest: string): Job<string> {
  const r = yield* asked(e, 'GET', `${repositoryOf(named)}/blobs/${digest}`);
  if (r.status !== 200) throw internal(errorOf(r));
  if (`sha256:${sha256(r.body)}` !== digest) throw internal(`filesystem layer verification failed for digest ${digest}`);
  return r.body;
}

function* fetchImage(e: Endpoint, named: reference.Named, m: Manifest, wanted: string): Job<void> {
  const raw = yield* blobOf(e, named, m.config?.digest ?? '');
  const config = JSON.parse(raw) as ImageConfig;
  if (wanted !== '' && !platform.matches(images.platformOf(wanted), config))
    throw notFound(
      `image with reference ${reference.familiarString(named)} was found but its platform (${platform.format(config)}) does not match the specified platform (${platform.format(images.platformOf(wanted))})`,
    );
  const layers = m.layers ?? [];
  const present = yield* within((d) =>
    layers
      .slice(
        0,
        presentCount(
          d,
          layers.map((l) => l.digest),
        ),
      )
      .map((l) => l.digest),
  );
  for (const message of layerLines(
    layers.map((l) => l.digest),
    present.length,
    'before',
  ))
    yield* say(message);
  const missing = layers.slice(present.length);
  const data: string[] = [];
  for (const l of missing) data.push(yield* blobOf(e, named, l.digest));
  for (const message of layerLines(
    layers.map((l) => l.digest),
    present.length,
    'after',
  ))
    yield* say(message);
  const repository = reference.nameOf(named);
  yield* within((d) => {
    let parent: string | null = null;
    for (const [i, l] of layers.entries()) {
      const blob = data[i - present.length];
      if (blob === undefined) {
        parent = chainId(parent, layerOf(d, l.digest) as string);
        continue;
      }
      const layer: { chainId: string; diffId: string } = layerFiles.register(d, unpacked(blob), parent);
      if (layer.diffId !== config.rootfs.diff_ids[i]) throw internal("layers from manifest don't match image configuration");
      remember(d, layer.diffId, { digest: l.digest, size: l.size, repository });
      parent = layer.chainId;
    }
    images.addRaw(d, raw, config);
  });
}

/** How many of the lowest layers are here already, as far as the blobs tell. */
function presentCount(d: Daemon, digests: readonly string[]): number {
  let parent: string | null = null;
  for (const [i, digest] of digests.entries()) {
    const diffId = layerOf(d, digest);
    if (diffId === undefined) return i;
    parent = chainId(parent, diffId);
    if (!d.layer(parent)) return i;
  }
  return digests.length;
}
