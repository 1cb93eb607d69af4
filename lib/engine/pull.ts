/**
 * Pulling from a registry. The only registry that this machine reaches is the catalogue of images that the model knows.
 *
 * Simplified: layers arrive whole and at once, and uncompressed, so that a layer's digest there is its diff id; a name leads to the
 * manifest of one platform and to no index of several. Other registries do not answer.
 */

import { sha256 } from '../base';
import { platform, reference } from '../oci';
import { type ApiError, type Daemon, internal, parseRfc3339 } from './daemon';
import { dialError, registryHost } from './dial';
import * as images from './images';
import * as layers from './layers';
import * as overlay2 from './overlay2';
import type { RegistryImage } from './registry';
import type { Reply } from './routes';
import type { Image, ImageConfig } from './state';

export const documentOf = (r: RegistryImage): ImageConfig => {
  const { architecture, config, created, history, os, ...rest } = r.config;
  return { architecture, config, created, history, os, rootfs: { type: 'layers', diff_ids: r.layers.map((l) => l.diffId) }, ...rest };
};

/** Directories that a path lies in: a/b/c → a/b, a. */
const above = (path: string): string[] => {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? [] : [path.slice(0, slash), ...above(path.slice(0, slash))];
};

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

/** The manifest of an image as the registry holds it; its digest is what the image is known by there. */
export function manifestOf(r: RegistryImage): string {
  const config = images.goJson(documentOf(r));
  return JSON.stringify(
    {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: CONFIG, digest: `sha256:${sha256(config)}`, size: config.length },
      layers: r.layers.map((l) => ({ mediaType: LAYER, digest: l.diffId, size: l.size })),
    },
    null,
    2,
  );
}

const digestOf = (r: RegistryImage): string => `sha256:${sha256(manifestOf(r))}`;

/** What the registry has under a name; by digest, in the same repository. */
function lookUp(d: Daemon, named: reference.Named): RegistryImage | undefined {
  const name = reference.familiarName(named);
  if (named.digest === undefined) return d.registry.find(`${name}:${named.tag ?? 'latest'}`);
  return d.registry.all(name).find((r) => digestOf(r) === named.digest);
}

/** Makes the layers that are not there yet, and the image on top. */
function install(d: Daemon, r: RegistryImage): Image {
  let parent: string | null = null;
  const built = parseRfc3339(`${r.config.created}`) ?? d.now();
  for (const l of r.layers) {
    const id: string = layers.chainId(parent, l.diffId);
    if (!d.layer(id)) {
      const cacheId = overlay2.newId(d.sys);
      overlay2.create(d, cacheId, parent === null ? null : (d.layer(parent)?.cacheId ?? null));
      const dir = overlay2.diffDir(d, cacheId);
      const old = d.sys.umask(0);
      const entries = l.entries();
      // Directories first: a list may name a file before the directory it lies in, or leave that directory unsaid.
      const [dirs, rest] = [entries.filter((e) => e.type === 'dir'), entries.filter((e) => e.type !== 'dir')];
      for (const e of [...dirs.sort((a, b) => (a.path < b.path ? -1 : 1)), ...rest]) {
        const path = `${dir}/${e.path}`;
        overlay2.mkdirs(d.files, path.slice(0, path.lastIndexOf('/')));
        if (e.linkTo !== undefined) d.sys.link(`${dir}/${e.linkTo}`, path);
        else d.files.plant(path, { ...e, mtime: e.mtime ?? built });
      }
      // What was put into a directory has changed its time; so has what was put into one that the list leaves unsaid.
      const said = new Set(dirs.map((e) => e.path));
      const unsaid = new Set(entries.flatMap((e) => above(e.path)).filter((path) => !said.has(path)));
      for (const e of [...dirs, ...[...unsaid].map((path) => ({ path, type: 'dir' as const, mtime: undefined }))])
        d.files.plant(`${dir}/${e.path}`, { ...e, mtime: e.mtime ?? built });
      d.sys.umask(old);
      layers.put(d, { chainId: id, diffId: l.diffId, parent, cacheId, size: l.size });
    }
    parent = id;
  }
  return images.add(d, documentOf(r));
}

/** registry/config.go: isSecureIndex. */
const isLocal = (host: string): boolean => /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(host);

/** A registry that does not answer. One on this machine need not have a certificate: the error of the last try is told. */
export function unanswered(d: Daemon, domain: string): ApiError {
  const host = registryHost(domain === 'index.docker.io' ? 'docker.io' : domain);
  const url = `${isLocal(host) ? 'http' : 'https'}://${host}/v2/`;
  return internal(`Get "${url}": ${dialError(d, url)}`);
}

/** Why no manifest comes for a full name: no registry but the machine's catalogue answers. The builder asks with TLS first, and tells that. */
export function noManifest(d: Daemon, full: string, asks: 'builder' | 'client' = 'builder'): string {
  const named = reference.parseNormalized(full);
  const host = registryHost(named.domain);
  const url = `${asks === 'client' && isLocal(host) ? 'http' : 'https'}://${host}/v2/${named.path}/manifests/${named.digest ?? named.tag ?? 'latest'}`;
  return `failed to do request: Head "${url}": ${dialError(d, url)}`;
}

/** GET /distribution/{name}/json: what the registry says of a name. */
export function distribution(d: Daemon, name: string) {
  const full = images.normalise(name);
  const record = lookUp(d, reference.parseNormalized(full));
  if (!record) throw internal(noManifest(d, full, 'client'));
  const { os, architecture } = record.config;
  return {
    Descriptor: { mediaType: MANIFEST, digest: digestOf(record), size: manifestOf(record).length },
    Platforms: [{ architecture, os }],
  };
}

/** POST /images/{name}/push: what is told of it. No registry that could be pushed to answers here. */
export function push(d: Daemon, name: string): unknown[] {
  const named = reference.parseNormalized(name);
  const repository = reference.nameOf(named);
  const tags = d.images().flatMap((i) => i.RepoTags.filter((t) => t.startsWith(`${repository}:`)));
  // Whether it has this tag is looked at when the registry has answered.
  const message =
    tags.length > 0
      ? unanswered(d, named.domain).message
      : `An image does not exist locally with the tag: ${reference.familiarName(named)}`;
  return [{ status: `The push refers to repository [${repository}]` }, { errorDetail: { message }, error: message }];
}

export function pull(d: Daemon, name: string, tag: string, wanted = ''): Reply {
  const full = images.normalise(tag.startsWith('sha256:') ? `${name}@${tag}` : tag ? `${name}:${tag}` : name);
  const shown = images.familiar(full);
  const named = reference.parseNormalized(shown);
  const record = lookUp(d, named);
  if (!record) throw unanswered(d, named.domain);
  if (wanted !== '' && !platform.matches(images.platformOf(wanted), record.config))
    throw internal(`drydock: images for ${wanted} are not modelled`);
  const digest = digestOf(record);
  const there = images.find(d, `sha256:${sha256(images.goJson(documentOf(record)))}`);
  const image = there ?? install(d, record);
  if (named.digest === undefined) images.tag(d, image.Id, full);
  images.addDigest(d, image.Id, `${reference.familiarName(named)}@${digest}`);
  const line = (value: unknown) => `${images.goJson(value)}\r\n`;
  const short = (id: string) => id.replace('sha256:', '').slice(0, 12);
  const steps = there
    ? []
    : image.config.rootfs.diff_ids.flatMap((id) =>
        ['Pulling fs layer', 'Download complete', 'Pull complete'].map((status) => line({ status, progressDetail: {}, id: short(id) })),
      );
  d.event('image', 'pull', shown, { name: reference.familiarName(named) });
  return {
    status: 200,
    text: [
      line({ status: `Pulling from ${named.path}`, id: named.digest === undefined ? (named.tag ?? 'latest') : full }),
      ...steps,
      line({ status: `Digest: ${digest}` }),
      line({ status: there ? `Status: Image is up to date for ${shown}` : `Status: Downloaded newer image for ${shown}` }),
    ].join(''),
    headers: { 'Content-Type': 'application/json' },
  };
}
