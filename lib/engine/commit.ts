/** An environment without variables is none. */
const withoutEmpty = ({ Env, ...config }: Partial<Config>): Partial<Config> => (Env?.length ? { ...config, Env } : config);

/** `docker commit`: a container's own layer as a new image on top of its image. moby daemon/commit.go. */

import { ENGINE_VERSION } from '../base';
import { changed } from './builder';
import { type Daemon, internal, invalid, rfc3339 } from './daemon';
import * as images from './images';
import * as layerFiles from './layer-files';
import * as lifecycle from './lifecycle';
import * as overlay2 from './overlay2';
import type { Config, Image } from './state';

export function commit(
  d: Daemon,
  ref: string,
  o: { repo: string; comment: string; author: string; pause: boolean; config: Partial<Config> | null; changes?: readonly string[] },
): Image {
  const c = d.container(ref);
  const base = d.image(c.ImageID);
  if (!base) {
    const file = `/var/lib/docker/image/overlay2/imagedb/content/${c.ImageID.replace(':', '/')}`;
    throw internal(`failed to get digest ${c.ImageID}: open ${file}: no such file or directory`);
  }
  const { Hostname: _h, Domainname: _d, Image: _i, ...own } = c.Config;
  const config = withoutEmpty(
    changed({ Hostname: c.Config.Hostname, Domainname: '', ...own, Image: c.Config.Image, ...o.config }, o.changes ?? []),
  );
  const paused = o.pause && c.State.Status === 'running';
  if (paused) lifecycle.pause(d, c.Id);
  // The layer must live on by itself: its directory is copied, as an archive that is unpacked again.
  const cacheId = overlay2.newId(d.sys);
  const parent = c.layers.at(-1) ?? null;
  overlay2.create(d, cacheId, parent === null ? null : (d.layer(parent)?.cacheId ?? null));
  layerFiles.apply(d, cacheId, layerFiles.diff(d, c.layer));
  if (paused) lifecycle.unpause(d, c.Id);
  // What has changed nothing makes no layer.
  const empty = layerFiles.archive(d.sys, overlay2.diffDir(d, cacheId)).length === 0;
  const layer = empty ? null : layerFiles.commit(d, cacheId, parent);
  if (layer?.cacheId !== cacheId) overlay2.remove(d, cacheId);
  const created = rfc3339(d.now());
  const command = [...(c.Config.Entrypoint ?? []), ...(c.Config.Cmd ?? [])].join(' ');
  const image = images.add(
    d,
    images.configDocument({
      base: base?.config ?? null,
      config,
      container: c.Id,
      created,
      author: o.author || undefined,
      comment: o.comment || undefined,
      dockerVersion: ENGINE_VERSION,
      history: [
        ...(base?.config.history ?? []),
        {
          created,
          ...(o.author ? { author: o.author } : {}),
          created_by: command,
          ...(o.comment ? { comment: o.comment } : {}),
          ...(empty ? { empty_layer: true } : {}),
        },
      ],
      diffIds: [...(base?.config.rootfs.diff_ids ?? []), ...(layer ? [layer.diffId] : [])],
    }),
    c.ImageID,
  );
  if (o.repo !== '') {
    if (o.repo.includes('@')) throw invalid(`invalid reference format`);
    images.tag(d, image.Id, images.normalise(o.repo));
  }
  d.containerEvent('commit', c, { comment: o.comment, imageID: image.Id });
  return image;
}
