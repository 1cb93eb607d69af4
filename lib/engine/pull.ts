/**
 * Pulling from Docker Hub, which is the catalogue of images that the model knows. Registries that answer over the network: remote/.
 *
 * Simplified: layers arrive whole and at once, and uncompressed, so that a layer's digest there is its diff id; a name leads to the
 * manifest of one platform and to no index of several.
 */

import { sha256 } from '../base';
import { platform, reference } from '../oci';
import { type Daemon, parseRfc3339 } from './daemon';
import { dialError, registryHost } from './dial';
import * as images from './images';
import * as layers from './layers';
import * as overlay2 from './overlay2';
import { layerLines, pulledStatus } from './pull-words';
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

/** Why no manifest comes for a full name: no registry but the machine's catalogue answers. The builder asks with TLS first, and tells that. */
export function noManifest(d: Daemon, full: string, asks: 'builder' | 'client' = 'builder'): string {
  const named = reference.parseNormalized(full);
  const host = registryHost(named.domain);
  const url = `${asks === 'client' && isLocal(host) ? 'http' : 'https'}://${host}/v2/${named.path}/manifests/${named.digest ?? named.tag ?? 'latest'}`;
  return `failed to do request: Head "${url}": ${dialError(d, url)}`;
}

/** Whether a name is one of the catalogue's. What it does not have is asked for over the network, where Docker Hub does not answer. */
export function isCatalogued(d: Daemon, full: string, wanted = ''): boolean {
  const record = lookUp(d, reference.parseNormalized(full));
  return record !== undefined && (wanted === '' || platform.matches(images.platformOf(wanted), record.config));
}

/** GET /distribution/{name}/json: what the catalogue says of a name. */
export function distribution(d: Daemon, full: string) {
  const record = lookUp(d, reference.parseNormalized(full)) as RegistryImage;
  const { os, architecture } = record.config;
  return {
    Descriptor: { mediaType: MANIFEST, digest: digestOf(record), size: manifestOf(record).length },
    Platforms: [{ architecture, os }],
  };
}

/** A pull of what the catalogue has, by its full name. */
export function pull(d: Daemon, full: string): Reply {
  const named = reference.parseNormalized(full);
  const shown = reference.familiarString(named);
  const record = lookUp(d, named) as RegistryImage;
  const digest = digestOf(record);
  const there = images.find(d, `sha256:${sha256(images.goJson(documentOf(record)))}`);
  const present = record.layers.findIndex(
    (_, i) => !d.layer(layers.chainIds(record.layers.slice(0, i + 1).map((l) => l.diffId))[i] as string),
  );
  const image = there ?? install(d, record);
  if (named.digest === undefined) images.tag(d, image.Id, images.normalise(full));
  images.addDigest(d, image.Id, `${reference.familiarName(named)}@${digest}`);
  const line = (value: unknown) => `${images.goJson(value)}\r\n`;
  const ids = image.config.rootfs.diff_ids;
  const before = present < 0 ? ids.length : present;
  const steps = there ? [] : (['before', 'after'] as const).flatMap((when) => layerLines(ids, before, when).map(line));
  d.event('image', 'pull', shown, { name: reference.familiarName(named) });
  return {
    status: 200,
    text: [
      line({ status: `Pulling from ${named.path}`, id: named.digest === undefined ? (named.tag ?? 'latest') : shown }),
      ...steps,
      line({ status: `Digest: ${digest}` }),
      line({ status: pulledStatus(shown, !there) }),
    ].join(''),
    headers: { 'Content-Type': 'application/json' },
  };
}
