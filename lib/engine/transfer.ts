/**
 * Images in and out as archives: save, load, import. image-spec "image layout" with moby's manifest.json beside it;
 * moby image/tarexport.
 *
 *   oci-layout  index.json  manifest.json  repositories  blobs/sha256/<digest of config, manifest, layers>
 */

import { gunzipSync } from 'fflate';
import { byKey, fromArray, sha256, toArray } from '../base';
import * as tar from '../base/tar';
import { platform, reference } from '../oci';
import { type Daemon, internal, invalid, notFound, parseRfc3339, rfc3339 } from './daemon';
import * as images from './images';
import * as layerFiles from './layer-files';
import type { Config, Image, ImageConfig, Layer } from './state';

const blob = (digest: string) => `blobs/sha256/${digest.replace('sha256:', '')}`;

const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';

function hasTag(name: string): boolean {
  try {
    const r = reference.parseAny(name);
    return r.kind === 'named' && (r.tag !== undefined || r.digest !== undefined);
  } catch (e) {
    throw e instanceof reference.InvalidReference ? invalid(e.message) : e;
  }
}

/** An image's names in a repository, as a user would type them. */
const taggedAs = (d: Daemon, name: string): string[] => {
  const prefix = `${reference.nameOf(reference.parseNormalized(name))}:`;
  return d.images().flatMap((i) => i.RepoTags.filter((t) => t.startsWith(prefix)).map(images.familiar));
};

/** The archive of `docker save`. `names` are as the user gave them: a name keeps its tag in the archive. */
export function save(d: Daemon, names: string[], platforms: string[] = []): string {
  const chosen = new Map<string, { image: Image; tags: string[] }>();
  const choose = (image: Image, tags: readonly string[]) => {
    const c = chosen.get(image.Id) ?? { image, tags: [] };
    chosen.set(image.Id, c);
    for (const t of tags) if (!c.tags.includes(t)) c.tags.push(t);
  };
  for (const name of names) {
    const image = images.find(d, name);
    if (image && /^(sha256:)?[0-9a-f]{12,64}$/.test(name) && image.Id.includes(name.replace('sha256:', ''))) {
      choose(image, []);
      continue;
    }
    // A name alone stands for all of its tags.
    const all = hasTag(name) ? [] : taggedAs(d, name);
    for (const t of all) choose(images.resolve(d, t), [images.normalise(t)]);
    if (all.length > 0) continue;
    if (!image) throw notFound(hasTag(name) && !name.startsWith('sha256:') ? 'reference does not exist' : `No such image: ${name}`);
    choose(image, hasTag(name) ? [images.normalise(name)] : []);
  }
  for (const p of platforms)
    for (const { image } of chosen.values())
      if (!platform.matches(images.platformOf(p), images.madeFor(image), 'only-strict'))
        throw notFound(`no suitable export target found for platform ${p}`);
  const blobs = new Map<string, { data: string; mtime: number }>();
  const now = 0;
  const put = (data: string, milliseconds = 0) => {
    const digest = `sha256:${sha256(data)}`;
    blobs.set(digest, { data, mtime: milliseconds / 1000 });
    return digest;
  };
  const manifest: unknown[] = [];
  const index: unknown[] = [];
  const repositories: Record<string, Record<string, string>> = {};
  for (const { image, tags } of chosen.values()) {
    const created = parseRfc3339(image.config.created) ?? 0;
    put(image.raw, created);
    const list = image.layers.map((id) => d.layer(id) as Layer);
    const sources: Record<string, { mediaType: string; size: number; digest: string }> = {};
    for (const l of list) {
      const data = layerFiles.archiveOf(d, l);
      const digest = put(data, created);
      if (digest !== l.diffId) throw internal(`layer ${l.diffId} no longer has the content it was made with`);
      sources[l.diffId] = { mediaType: LAYER_TYPE, size: data.length, digest: l.diffId };
    }
    for (const text of legacyConfigs(image, list)) put(text, created);
    const document = images.goJson({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: image.Id, size: image.raw.length },
      layers: list.map((l) => ({ mediaType: LAYER_TYPE, digest: l.diffId, size: sources[l.diffId]?.size ?? 0 })),
    });
    const digest = put(document);
    const shown = tags.map(images.familiar);
    manifest.push({
      Config: blob(image.Id),
      RepoTags: shown.length ? shown : null,
      Layers: list.map((l) => blob(l.diffId)),
      LayerSources: byKey(sources),
    });
    const describe = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: document.length };
    if (tags.length === 0) index.push(describe);
    for (const t of tags) {
      const named = reference.parseNormalized(images.familiar(t));
      index.push({ ...describe, annotations: { 'io.containerd.image.name': t, 'org.opencontainers.image.ref.name': named.tag ?? '' } });
      const repo = reference.familiarName(named);
      repositories[repo] = { ...repositories[repo], [named.tag ?? 'latest']: (list.at(-1)?.diffId ?? image.Id).replace('sha256:', '') };
    }
  }
  const file = (name: string, data: string, mtime = now): tar.TarEntry => ({
    name,
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime,
    size: data.length,
    data,
  });
  const dir = (name: string, milliseconds: number): tar.TarEntry => ({
    name,
    type: 'dir',
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtime: milliseconds / 1000,
    size: 0,
  });
  const entries = [
    dir('blobs/', Math.max(...[...chosen.values()].map((c) => parseRfc3339(c.image.config.created) ?? 0))),
    dir('blobs/sha256/', d.now()),
    ...[...blobs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([digest, b]) => file(blob(digest), b.data, b.mtime)),
    file('index.json', images.goJson({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: index })),
    file('manifest.json', `${images.goJson(manifest)}\n`),
    file('oci-layout', '{"imageLayoutVersion": "1.0.0"}'),
    ...(Object.keys(repositories).length ? [file('repositories', `${images.goJson(byKey(repositories))}\n`)] : []),
  ];
  return tar.writeTar(entries);
}

/** Go's container.Config, field by field: in the form of images before content addresses even empty ones are written. */
const legacyConfig = (c: Partial<Config>) => ({
  Hostname: '',
  Domainname: '',
  User: c.User ?? '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  ...(c.ExposedPorts ? { ExposedPorts: c.ExposedPorts } : {}),
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: c.Env ?? null,
  Cmd: c.Cmd ?? null,
  ...(c.Healthcheck ? { Healthcheck: c.Healthcheck } : {}),
  ...(c.ArgsEscaped ? { ArgsEscaped: true } : {}),
  Image: c.Image ?? '',
  Volumes: c.Volumes ?? null,
  WorkingDir: c.WorkingDir ?? '',
  Entrypoint: c.Entrypoint ?? null,
  OnBuild: c.OnBuild ?? null,
  Labels: c.Labels ?? null,
  ...(c.StopSignal ? { StopSignal: c.StopSignal } : {}),
  ...(c.Shell ? { Shell: c.Shell } : {}),
});

/**
 * One document a layer, in the form that images had before content addresses: each names the one below by an id made of
 * both. Nobody reads them any more; the archive still holds them. moby image/v1.
 */
function legacyConfigs(image: Image, list: readonly Layer[]): string[] {
  const { config } = image;
  const out: string[] = [];
  let parent = '';
  for (const [i, l] of list.entries()) {
    const last = i === list.length - 1;
    const document = {
      created: last ? config.created : '1970-01-01T00:00:00Z',
      container_config: legacyConfig({}),
      ...(last ? { config: legacyConfig(config.config), architecture: config.architecture } : {}),
      os: config.os,
    };
    // The id of a layer below the last is made before its system is known.
    const { os, ...early } = document;
    const named = Object.entries({
      ...early,
      ...(last ? { os } : {}),
      layer_id: l.chainId,
      ...(parent === '' ? {} : { parent: `sha256:${parent}` }),
    });
    const id = sha256(images.goJson(Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)))));
    out.push(images.goJson({ id, ...(parent === '' ? {} : { parent }), ...document }));
    parent = id;
  }
  return out;
}

/** Reads such an archive; gives the lines `docker load` prints. Images for other platforms than those asked for are passed over. */
export function load(d: Daemon, archive: string, platforms: readonly string[] = []): string[] {
  const entries = readArchive(archive);
  const files = new Map(entries.filter((e) => e.type === 'file').map((e) => [e.name.replace(/^\.\//, ''), e.data ?? '']));
  const text = files.get('manifest.json');
  if (text === undefined) {
    // Without a manifest it is read as the layout that came before: a directory an image, and a list of names.
    const first = [...new Set(entries.map((e) => e.name.replace(/^(\.?\/)+/, '').split('/')))]
      .filter((p) => p.length > 1)
      .map((p) => p[0] as string)
      .sort()[0];
    const random = Math.floor(d.sys.random() * 1e9) + 1e9;
    throw internal(
      `open /var/lib/docker/tmp/docker-import-${random}/${first === undefined ? 'repositories' : `${first}/json`}: no such file or directory`,
    );
  }
  const manifest = JSON.parse(text) as { Config: string; RepoTags: string[] | null; Layers: string[] }[];
  const out: string[] = [];
  for (const m of manifest) {
    const raw = files.get(m.Config);
    if (raw === undefined) throw internal(`open ${m.Config}: no such file or directory`);
    const config = JSON.parse(raw) as ImageConfig;
    if (platforms.length > 0 && !platforms.some((p) => platform.matches(images.platformOf(p), config, 'only-strict'))) continue;
    if (config.rootfs.diff_ids.length !== m.Layers.length)
      throw internal(`invalid manifest, layers length mismatch: expected ${m.Layers.length}, got ${config.rootfs.diff_ids.length}`);
    let parent: string | null = null;
    for (const [i, name] of m.Layers.entries()) {
      const data = files.get(name);
      if (data === undefined) throw internal(`open ${name}: no such file or directory`);
      const layer: Layer = layerFiles.register(d, data, parent);
      if (layer.diffId !== config.rootfs.diff_ids[i])
        throw internal(`invalid diffID for layer ${i}: expected "${config.rootfs.diff_ids[i]}", got "${layer.diffId}"`);
      parent = layer.chainId;
    }
    const image = images.addRaw(d, raw, config);
    d.event('image', 'load', image.Id, { name: image.Id });
    for (const t of m.RepoTags ?? []) {
      const full = images.normalise(t);
      const had = images.find(d, images.familiar(full));
      if (had && had.Id !== image.Id)
        out.push(`The image ${images.familiar(full)} already exists, renaming the old one with ID ${had.Id} to empty string\n`);
      images.tag(d, image.Id, full);
      out.push(`Loaded image: ${images.familiar(images.normalise(t))}\n`);
    }
    if (!m.RepoTags?.length) out.push(`Loaded image ID: ${image.Id}\n`);
  }
  return out;
}

/** An archive may come gzipped. */
export function unpacked(archive: string): string {
  if (!archive.startsWith('\x1f\x8b')) return archive;
  try {
    return fromArray(gunzipSync(toArray(archive)));
  } catch {
    throw internal('unexpected EOF');
  }
}

function readArchive(archive: string): tar.TarEntry[] {
  try {
    return tar.readTar(archive);
  } catch (e) {
    if (e instanceof tar.TarError)
      throw internal(/^(unexpected EOF|archive\/tar: )/.test(e.message) ? e.message : `archive/tar: ${e.message}`);
    throw e;
  }
}

/** `docker import`: one layer from a tree's archive. */
export function importImage(
  d: Daemon,
  archive: string,
  o: { ref: string; message: string; config: Partial<Config>; platform?: platform.Platform },
): Image {
  const tree = unpacked(archive);
  readArchive(tree);
  if (o.ref !== '' && reference.parseNormalized(o.ref).digest) throw invalid('cannot import digest reference');
  const layer = layerFiles.register(d, tree, null);
  const created = rfc3339(d.now());
  const image = images.add(
    d,
    images.configDocument({
      base: null,
      config: o.config,
      created,
      comment: o.message || undefined,
      history: [{ created, ...(o.message ? { comment: o.message } : {}) }],
      diffIds: [layer.diffId],
      platform: o.platform,
    }),
  );
  if (o.ref !== '') images.tag(d, image.Id, images.normalise(o.ref));
  d.event('image', 'import', image.Id, { name: image.Id });
  return image;
}
