/**
 * Pulling from a registry. The only registry that this machine reaches is the catalogue of images that the model knows.
 *
 * Simplified: layers arrive whole and at once; other registries do not answer. An image's own digest stands for its manifest's in
 * the line `Digest:`, and a pulled image has no RepoDigests.
 */

import { platform, reference } from '../oci';
import { type Daemon, internal, parseRfc3339 } from './daemon';
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

export function pull(d: Daemon, name: string, tag: string, wanted = ''): Reply {
  const full = images.normalise(tag.startsWith('sha256:') ? `${name}@${tag}` : tag ? `${name}:${tag}` : name);
  const shown = images.familiar(full);
  const record = d.registry.find(shown);
  const named = reference.parseNormalized(shown);
  if (!record) {
    const host = registryHost(named.domain);
    // A registry on this machine need not have a certificate; the error of the last try is told.
    const url = `${isLocal(host) ? 'http' : 'https'}://${host}/v2/`;
    throw internal(`Get "${url}": ${dialError(d, url)}`);
  }
  if (wanted !== '' && !platform.matches(images.platformOf(wanted), record.config))
    throw internal(`drydock: images for ${wanted} are not modelled`);
  const there = images.find(d, shown);
  const image = there ?? install(d, record);
  images.tag(d, image.Id, full);
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
      line({ status: `Pulling from ${named.path}`, id: named.tag ?? 'latest' }),
      ...steps,
      line({ status: `Digest: ${image.Id}` }),
      line({ status: there ? `Status: Image is up to date for ${shown}` : `Status: Downloaded newer image for ${shown}` }),
    ].join(''),
    headers: { 'Content-Type': 'application/json' },
  };
}
