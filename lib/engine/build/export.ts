/**
 * The end of a build: its layers and its draft become an image, or files for the client. moby builder-next/exporter,
 * image-spec "config".
 *
 * Times are those of the layers: a line of history without a layer has the time of the layer before it, the first of a
 * build that of its first new layer. So a build from the cache is the same image.
 */

import { sha256 } from '../../base';
import * as tar from '../../base/tar';
import { type Daemon, rfc3339 } from '../daemon';
import * as images from '../images';
import * as layerFiles from '../layer-files';
import * as layers from '../layers';
import type { Config, HistoryEntry, ImageConfig, Layer } from '../state';
import { INLINE_CACHE, inlineCacheOf } from './inline-cache';
import type { ImageDraft, PlannedHistory } from './plan';
import { resultOf, withView } from './solver';
import type { Build } from './state';

const sorted = <T>(map: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The config's fields in the image-spec's order; empty ones are left out. */
export function orderedConfig(c: Partial<Config>): Partial<Config> {
  const filled = (m: Record<string, unknown> | null | undefined) => !!m && Object.keys(m).length > 0;
  return {
    ...(c.User ? { User: c.User } : {}),
    ...(filled(c.ExposedPorts) ? { ExposedPorts: sorted(c.ExposedPorts ?? {}) } : {}),
    ...(c.Env?.length ? { Env: c.Env } : {}),
    ...(c.Entrypoint?.length ? { Entrypoint: c.Entrypoint } : {}),
    ...(c.Cmd?.length ? { Cmd: c.Cmd } : {}),
    ...(filled(c.Volumes) ? { Volumes: sorted(c.Volumes ?? {}) } : {}),
    ...(c.WorkingDir ? { WorkingDir: c.WorkingDir } : {}),
    ...(filled(c.Labels) ? { Labels: sorted(c.Labels ?? {}) } : {}),
    ...(c.StopSignal ? { StopSignal: c.StopSignal } : {}),
    ...(c.ArgsEscaped ? { ArgsEscaped: true } : {}),
    ...(c.Healthcheck ? { Healthcheck: c.Healthcheck } : {}),
    ...(c.OnBuild?.length ? { OnBuild: c.OnBuild } : {}),
    ...(c.Shell?.length ? { Shell: c.Shell } : {}),
  };
}

/** Fills in the times that lines of history have not. */
function dated(history: readonly PlannedHistory[], timeOf: (vertex: number) => number | null, now: number): HistoryEntry[] {
  const withLayers = history.map((h) => ({
    ...h,
    created: h.created ?? (h.vertex === undefined ? undefined : rfc3339(timeOf(h.vertex) ?? now)),
  }));
  let created: string | undefined;
  let gap = false;
  for (const h of withLayers) {
    if (h.created === undefined) gap = true;
    else {
      created = h.created;
      if (gap) break;
    }
  }
  gap = false;
  return withLayers.map((h) => {
    if (h.created !== undefined) {
      if (gap) created = h.created;
    } else gap = true;
    const when = h.created ?? created;
    return {
      ...(when === undefined ? {} : { created: when }),
      ...(h.created_by === undefined ? {} : { created_by: h.created_by }),
      ...(h.author ? { author: h.author } : {}),
      ...(h.comment ? { comment: h.comment } : {}),
      ...(h.empty_layer ? { empty_layer: true } : {}),
    };
  });
}

export function imageOf(d: Daemon, b: Build): { id: string; raw: string; config: ImageConfig } {
  const draft: ImageDraft = b.plan.image;
  const { layers: stack } = resultOf(b, b.plan.result);
  const history = dated(draft.history, (v) => resultOf(b, v).created, d.now());
  const created = history.findLast((h) => h.created !== undefined)?.created ?? rfc3339(d.now());
  const config: ImageConfig = {
    architecture: draft.architecture,
    ...(draft.author ? { author: draft.author } : {}),
    config: orderedConfig(draft.config),
    created,
    history,
    os: draft.os,
    rootfs: { type: 'layers', diff_ids: stack.map((c) => (d.layer(c) as Layer).diffId) },
    ...(draft.variant ? { variant: draft.variant } : {}),
    ...(b.inlineCache ? { [INLINE_CACHE]: inlineCacheOf(d, b) } : {}),
  };
  const raw = images.goJson(config);
  return { id: `sha256:${sha256(raw)}`, raw, config };
}

/** Enters the image and gives it its names. */
export function enter(d: Daemon, image: { raw: string; config: ImageConfig; id: string }, names: readonly string[]) {
  images.addRaw(d, image.raw, image.config);
  for (const name of names) {
    const full = images.normalise(name);
    const before = images.find(d, name);
    images.tag(d, image.id, full);
    d.event('image', 'tag', image.id, { name: images.familiar(full) });
    if (before && before.Id !== image.id && before.RepoTags.length === 0) layers.collect(d);
  }
}

/** The files of the result as an archive, and how many bytes it takes to send them. */
export function filesOf(d: Daemon, b: Build): { archive: string; entries: tar.TarEntry[] } {
  return withView(d, resultOf(b, b.plan.result).layers, (_tree, root) => {
    const entries = layerFiles.archive(d.files, root);
    return { archive: tar.writeTar(entries), entries };
  });
}
