/**
 * The image store: names, configs and the operations on them. moby daemon/images, image-spec "config".
 *
 *   reference ──> image id = sha256 of the config's bytes ──> rootfs.diff_ids ──> chain ids ──> layers
 */

import { pmap, sha256 } from '../base';
import { platform, reference } from '../oci';
import { conflict, type Daemon, invalid, notFound, parseRfc3339, rfc3339 } from './daemon';
import * as layers from './layers';
import * as overlay2 from './overlay2';
import type { Config, Container, HistoryEntry, Image, ImageConfig } from './state';

/** JSON as Go's encoder writes it: &, < and > escaped. */
export const goJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[&<>\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** "busybox" → "docker.io/library/busybox:latest", or the daemon's complaint. */
export function normalise(ref: string): string {
  try {
    return reference.format(reference.tagNameOnly(reference.parseNormalized(ref)));
  } catch (e) {
    if (e instanceof reference.InvalidReference)
      throw invalid(e.message === 'invalid reference format' ? 'invalid reference format' : e.message);
    throw e;
  }
}

/** Whether a name matches a `reference` filter's pattern. */
export function matches(pattern: string, name: string): boolean {
  try {
    const named = reference.parseNormalized(name);
    return (
      reference.familiarMatch(pattern, named) || reference.familiarMatch(pattern, reference.parseNormalized(reference.familiarName(named)))
    );
  } catch {
    return false;
  }
}

export const familiar = (full: string): string => reference.familiarString(reference.parseAny(full));

/** What `docker image` commands call an image by: a name, an id, or the beginning of one. */
export function resolve(d: Daemon, ref: string): Image {
  const image = find(d, ref);
  if (image) return image;
  let shown = ref;
  try {
    const r = reference.parseAny(ref);
    if ('path' in r) shown = reference.familiarString(reference.tagNameOnly(r as never));
  } catch (e) {
    throw e instanceof reference.InvalidReference ? invalid(e.message) : e;
  }
  throw notFound(`No such image: ${shown}`);
}

export function find(d: Daemon, ref: string): Image | undefined {
  if (/^(sha256:)?[0-9a-f]{64}$/.test(ref)) return d.image(ref.startsWith('sha256:') ? ref : `sha256:${ref}`);
  const pulled = byDigest(d, ref);
  if (pulled) return pulled;
  let name: string | undefined;
  try {
    name = normalise(ref.replace(/@sha256:[0-9a-f]{64}$/, ''));
  } catch {
    name = undefined;
  }
  const tagged = name === undefined ? undefined : pmap.get(d.s.references, name);
  if (tagged) return d.image(tagged);
  const hex = ref.replace(/^sha256:/, '');
  if (!/^[0-9a-f]{1,64}$/.test(hex)) return undefined;
  const hits = d.images().filter((i) => i.Id.startsWith(`sha256:${hex}`));
  return hits.length === 1 ? hits[0] : undefined;
}

/** `name@sha256:…`: the image that came from a registry under this digest. A tag beside it is not looked at. */
function byDigest(d: Daemon, ref: string): Image | undefined {
  const [, name = '', digest = ''] = /^(.+?)(?::[\w.-]+)?@(sha256:[0-9a-f]{64})$/.exec(ref) ?? [];
  if (digest === '') return undefined;
  const wanted = `${familiarName(name)}@${digest}`;
  return d.images().find((i) => i.RepoDigests.includes(wanted));
}

const familiarName = (name: string): string => {
  try {
    return reference.familiarName(reference.parseNormalized(name));
  } catch {
    return name;
  }
};

/** Notes under which digest a registry gave an image out. */
export function addDigest(d: Daemon, id: string, repoDigest: string) {
  const i = d.image(id) as Image;
  if (!i.RepoDigests.includes(repoDigest)) d.putImage({ ...i, RepoDigests: [...i.RepoDigests, repoDigest].sort() });
}

/** The digests of a repository's images go with the last name that the image has in it. */
function dropDigests(d: Daemon, id: string, repository: string): string[] {
  const i = d.image(id) as Image;
  const inIt = (text: string) => reference.familiarName(reference.parseNormalized(text)) === repository;
  if (i.RepoTags.some((t) => inIt(familiar(t)))) return [];
  const gone = i.RepoDigests.filter(inIt);
  d.putImage({ ...i, RepoDigests: i.RepoDigests.filter((r) => !gone.includes(r)) });
  return gone;
}

/** Enters a config whose layers are in the store; the same config is the same image. */
export function add(d: Daemon, config: ImageConfig, parent = ''): Image {
  const raw = goJson(config);
  return addRaw(d, raw, config, parent);
}

export function addRaw(d: Daemon, raw: string, config: ImageConfig, parent = ''): Image {
  const Id = `sha256:${sha256(raw)}`;
  const there = d.image(Id);
  if (there) return there;
  const image: Image = {
    Id,
    RepoTags: [],
    RepoDigests: [],
    raw,
    config,
    layers: layers.chainIds(config.rootfs.diff_ids),
    LastTagTime: null,
    Parent: parent,
  };
  d.putImage(image);
  return image;
}

/** Gives an image a name; whoever had it loses it. */
export function tag(d: Daemon, id: string, full: string) {
  const old = pmap.get(d.s.references, full);
  if (old === id) {
    d.putImage({ ...(d.image(id) as Image), LastTagTime: d.now() });
    return;
  }
  if (old) d.putImage({ ...(d.image(old) as Image), RepoTags: (d.image(old) as Image).RepoTags.filter((t) => t !== full) });
  d.s.references = pmap.set(d.s.references, full, id);
  const i = d.image(id) as Image;
  d.putImage({ ...i, RepoTags: [...i.RepoTags, full].sort(), LastTagTime: d.now() });
}

export function untag(d: Daemon, full: string) {
  const id = pmap.get(d.s.references, full);
  if (!id) return;
  d.s.references = pmap.remove(d.s.references, full);
  const i = d.image(id) as Image;
  d.putImage({ ...i, RepoTags: i.RepoTags.filter((t) => t !== full) });
}

/** A platform as a client asks for it. */
export function platformOf(text: string): platform.Platform {
  try {
    return platform.parse(text);
  } catch (e) {
    if (e instanceof platform.PlatformError) throw invalid(e.message);
    throw e;
  }
}

/** What an image was made for. */
export const madeFor = ({ config }: Image): platform.Platform => ({
  os: config.os,
  architecture: config.architecture,
  ...(config.variant ? { variant: config.variant } : {}),
});

export const childrenOf = (d: Daemon, id: string) => d.images().filter((i) => i.Parent === id);

const usersOf = (d: Daemon, id: string): Container[] => d.containers().filter((c) => c.ImageID === id);
const short = (id: string) => id.replace('sha256:', '').slice(0, 12);

/** `docker rmi`: untag, and delete when the last name goes. What was done, in order: moby daemon/images/image_delete.go. */
export function remove(d: Daemon, ref: string, force: boolean, prune: boolean): ({ Untagged: string } | { Deleted: string })[] {
  const image = resolve(d, ref);
  const records: ({ Untagged: string } | { Deleted: string })[] = [];
  const byId =
    /^(sha256:)?[0-9a-f]+$/.test(ref) &&
    image.Id.startsWith(`sha256:${ref.replace('sha256:', '')}`) &&
    pmap.get(d.s.references, safeName(ref)) !== image.Id;
  const users = usersOf(d, image.Id);
  const running = users.find((c) => c.State.Status === 'running' || c.State.Status === 'paused' || c.State.Status === 'restarting');
  if (!byId) {
    const full = normalise(ref);
    const { digest } = reference.parseNormalized(ref);
    if (!force && image.RepoTags.length === 1) {
      const used = running ?? users[0];
      if (used)
        throw conflict(
          `conflict: unable to remove repository reference "${reference.familiarString(reference.parseNormalized(ref))}" (must force) - container ${short(used.Id)} is using its referenced image ${short(image.Id)}`,
        );
    }
    if (digest === undefined) untag(d, full);
    else d.putImage({ ...image, RepoDigests: image.RepoDigests.filter((r) => r !== familiar(full)) });
    records.push({ Untagged: familiar(full) });
    d.event('image', 'untag', image.Id, { name: image.Id });
    for (const gone of dropDigests(d, image.Id, familiarName(ref))) {
      records.push({ Untagged: gone });
      d.event('image', 'untag', image.Id, { name: image.Id });
    }
    if ((d.image(image.Id) as Image).RepoTags.length > 0 || (d.image(image.Id) as Image).RepoDigests.length > 0) return records;
    if (users.length > 0) {
      if (running || !force) return records;
    }
  } else {
    if (image.RepoTags.length > 1 && !force) {
      const repos = new Set(image.RepoTags.map((t) => reference.nameOf(reference.parseNormalized(familiar(t)))));
      if (repos.size > 1)
        throw conflict(`conflict: unable to delete ${short(image.Id)} (must be forced) - image is referenced in multiple repositories`);
    }
    if (running)
      throw conflict(
        `conflict: unable to delete ${short(image.Id)} (cannot be forced) - image is being used by running container ${short(running.Id)}`,
      );
    if (users[0] && !force)
      throw conflict(
        `conflict: unable to delete ${short(image.Id)} (must be forced) - image is being used by stopped container ${short(users[0].Id)}`,
      );
    if (childrenOf(d, image.Id).length > 0)
      throw conflict(`conflict: unable to delete ${short(image.Id)} (cannot be forced) - image has dependent child images`);
    for (const t of [...image.RepoTags.map(familiar), ...image.RepoDigests]) {
      if (image.RepoTags.includes(normalise(t))) untag(d, normalise(t));
      records.push({ Untagged: t });
      d.event('image', 'untag', image.Id, { name: image.Id });
    }
  }
  if (childrenOf(d, image.Id).length > 0) return records;
  records.push(...erase(d, image.Id, prune));
  return records;
}

const safeName = (ref: string): string => {
  try {
    return normalise(ref);
  } catch {
    return '';
  }
};

/** Takes an image out of the store, and unnamed parents that nothing else needs. */
function erase(d: Daemon, id: string, prune: boolean): { Deleted: string }[] {
  const image = d.image(id) as Image;
  d.s.images = pmap.remove(d.s.images, id);
  d.event('image', 'delete', id, { name: id });
  const out = [{ Deleted: id }, ...layers.collect(d).map((layer) => ({ Deleted: layer }))];
  const parent = image.Parent ? d.image(image.Parent) : undefined;
  if (prune && parent && parent.RepoTags.length === 0 && childrenOf(d, parent.Id).length === 0 && usersOf(d, parent.Id).length === 0)
    out.push(...erase(d, parent.Id, prune));
  return out;
}

export const sizeOf = (d: Daemon, i: Image): number => i.layers.reduce((n, id) => n + (d.layer(id)?.size ?? 0), 0);

/** GET /images/{name}/history: newest first. */
export function history(d: Daemon, i: Image) {
  let at = 0;
  const out = i.config.history.map((h) => {
    const size = h.empty_layer ? 0 : (d.layer(i.layers[at++] ?? '')?.size ?? 0);
    return {
      Comment: h.comment ?? '',
      Created: Math.floor((parseRfc3339(h.created ?? '') ?? 0) / 1000),
      CreatedBy: h.created_by ?? '',
      Id: '<missing>',
      Size: size,
      Tags: null as string[] | null,
    };
  });
  out.reverse();
  const first = out[0];
  if (first) {
    first.Id = i.Id;
    first.Tags = i.RepoTags.length ? i.RepoTags.map(familiar) : null;
  }
  return out;
}

/** The config's part that a container inherits, with Go's zero values. */
export function inspect(d: Daemon, i: Image) {
  const c = i.config.config;
  const top = d.layer(i.layers.at(-1) ?? '');
  const dirs = [...i.layers].reverse().map((id) => overlay2.diffDir(d, `${d.layer(id)?.cacheId}`));
  return {
    Id: i.Id,
    RepoTags: i.RepoTags.map(familiar),
    RepoDigests: i.RepoDigests,
    Parent: i.Parent,
    Comment: i.config.comment ?? i.config.history.at(-1)?.comment ?? '',
    Created: i.config.created,
    DockerVersion: i.config.docker_version ?? '',
    Author: i.config.author ?? '',
    Architecture: i.config.architecture,
    ...(i.config.variant ? { Variant: i.config.variant } : {}),
    Os: i.config.os,
    Size: sizeOf(d, i),
    GraphDriver: {
      Data: top
        ? {
            ...(dirs.length > 1 ? { LowerDir: dirs.slice(1).join(':') } : {}),
            MergedDir: overlay2.mergedDir(d, top.cacheId),
            UpperDir: dirs[0],
            WorkDir: `${overlay2.layerDir(d, top.cacheId)}/work`,
          }
        : null,
      Name: 'overlay2',
    },
    RootFS: { Type: 'layers', ...(i.config.rootfs.diff_ids.length ? { Layers: i.config.rootfs.diff_ids } : {}) },
    Metadata: { LastTagTime: rfc3339(i.LastTagTime) },
    Config: imageConfig(c),
  };
}

/** The fields of an image's config that the API shows, in its order. */
export function imageConfig(c: Partial<Config>) {
  return {
    ...(c.ArgsEscaped ? { ArgsEscaped: true } : {}),
    Cmd: c.Cmd ?? null,
    Entrypoint: c.Entrypoint ?? null,
    Env: c.Env ?? null,
    ...(c.ExposedPorts && Object.keys(c.ExposedPorts).length ? { ExposedPorts: c.ExposedPorts } : {}),
    ...(c.Healthcheck ? { Healthcheck: c.Healthcheck } : {}),
    Labels: c.Labels ?? null,
    OnBuild: c.OnBuild ?? null,
    ...(c.Shell ? { Shell: c.Shell } : {}),
    ...(c.StopSignal ? { StopSignal: c.StopSignal } : {}),
    User: c.User ?? '',
    Volumes: c.Volumes ?? null,
    WorkingDir: c.WorkingDir ?? '',
  };
}

/** A config document for a new image on top of another: fields in the order of moby's image.Image. */
export function configDocument(parts: {
  base: ImageConfig | null;
  config: Partial<Config>;
  created: string;
  history: HistoryEntry[];
  diffIds: string[];
  comment?: string;
  author?: string;
  container?: string;
  dockerVersion?: string;
  platform?: { os: string; architecture: string; variant?: string };
}): ImageConfig {
  const { os = 'linux', architecture = parts.base?.architecture ?? 'amd64', variant } = parts.platform ?? {};
  return {
    architecture,
    ...(parts.author ? { author: parts.author } : {}),
    ...(parts.comment ? { comment: parts.comment } : {}),
    config: parts.config,
    ...(parts.container ? { container: parts.container } : {}),
    created: parts.created,
    ...(parts.dockerVersion ? { docker_version: parts.dockerVersion } : {}),
    history: parts.history,
    os,
    ...(variant ? { variant } : {}),
    rootfs: { type: 'layers', diff_ids: parts.diffIds },
  };
}

/** GET /images/json. */
export function list(d: Daemon) {
  const containers = d.containers();
  return d
    .images()
    .map((i) => ({
      Containers: containers.filter((c) => c.ImageID === i.Id).length,
      Created: Math.floor((parseRfc3339(i.config.created) ?? 0) / 1000),
      Id: i.Id,
      Labels: i.config.config.Labels ?? null,
      ParentId: i.Parent,
      RepoDigests: i.RepoDigests,
      RepoTags: i.RepoTags.map(familiar),
      SharedSize: -1,
      Size: sizeOf(d, i),
    }))
    .sort((a, b) => b.Created - a.Created);
}
