/**
 * What a drawing of a registry needs to know, read from its disk as distribution lays it out: tags, the manifests that they stand
 * for, and the blobs that those refer to, each there once. distribution, registry/storage/paths.go; OCI image-spec, manifest.md.
 *
 * Simplified: a registry is a container with something mounted at /var/lib/registry; one that was told to store elsewhere is not seen.
 */

import { decode, encode, pmap } from '../../base';
import type { Container } from '../../engine';
import { body } from '../../kernel';
import { inodeAt, namesIn, type World } from './world';

/** What a blob is, from what refers to it; `loose`: nothing does. */
export type BlobKind = 'config' | 'layer' | 'loose';

export interface BlobRow {
  digest: string;
  /** Bytes, as it lies there. */
  size: number;
  kind: BlobKind;
  /** Digests of the manifests that refer to it. */
  of: string[];
  /** Repositories that may give it out. */
  repositories: string[];
  /** The engine has what it holds. */
  here: boolean;
  /** sent: came with the last change. was there: the last change needed it, and it was not sent. */
  last: 'sent' | 'was there' | null;
}

export interface ManifestRow {
  digest: string;
  size: number;
  /** A list of manifests, and for which platforms each of its own is. */
  list: { digest: string; platform: string }[] | null;
  /** "linux/arm64": where a list names it. */
  platform: string | null;
  repositories: string[];
  changed: boolean;
}

export interface TagRow {
  /** "app:1" */
  name: string;
  digest: string;
  changed: boolean;
}

export interface RegistryView {
  /** The container. */
  name: string;
  running: boolean;
  tags: TagRow[];
  /** Lists first, then those that are in one, then those that have a tag, then the others. */
  manifests: ManifestRow[];
  /** In the order in which the manifests name them; loose ones last. */
  blobs: BlobRow[];
  /** Bytes of all blobs, manifests among them. */
  bytes: number;
}

const PLACE = '/var/lib/registry';
const sourceOf = (c: Container): string | null => c.Mounts.find((m) => m.Destination === PLACE)?.Source ?? null;

/** Names of the containers that are registries, oldest first. */
export const registryContainers = ({ engine }: World): string[] =>
  engine === null
    ? []
    : pmap
        .values(engine.containers)
        .filter((c) => sourceOf(c) !== null)
        .sort((a, b) => a.Created - b.Created)
        .map((c) => c.Name);

interface Descriptor {
  digest: string;
  platform?: { os: string; architecture: string; variant?: string };
}
interface Manifest {
  config?: Descriptor;
  layers?: Descriptor[];
  manifests?: Descriptor[];
}

/** A registry's disk. */
interface Disk {
  /** By digest. */
  blobs: Map<string, { size: number; text: string | null }>;
  tags: Map<string, string>;
  /** By digest: repositories. */
  revisions: Map<string, string[]>;
  links: Map<string, string[]>;
}

/** Longer blobs are no manifests. */
const LONGEST = 200_000;

function diskOf(world: World, source: string): Disk {
  const top = `${source}/docker/registry/v2`;
  const list = (path: string): string[] => {
    const dir = inodeAt(world, encode(path));
    return dir ? namesIn(dir).map(decode) : [];
  };
  const file = (path: string) => {
    const inode = inodeAt(world, encode(path));
    return inode?.type === 'file' ? inode : null;
  };
  const disk: Disk = { blobs: new Map(), tags: new Map(), revisions: new Map(), links: new Map() };
  const note = (map: Map<string, string[]>, digest: string, repository: string) =>
    map.set(digest, [...(map.get(digest) ?? []), repository]);
  for (const two of list(`${top}/blobs/sha256`))
    for (const hex of list(`${top}/blobs/sha256/${two}`)) {
      const data = file(`${top}/blobs/sha256/${two}/${hex}/data`);
      if (!data) continue;
      const size = body.size(data.body);
      disk.blobs.set(`sha256:${hex}`, { size, text: size <= LONGEST ? body.bytes(data.body) : null });
    }
  const walk = (prefix: string) => {
    for (const name of list(`${top}/repositories/${prefix}`)) {
      if (name.startsWith('_')) continue;
      const repository = prefix + name;
      const at = `${top}/repositories/${repository}`;
      for (const hex of list(`${at}/_manifests/revisions/sha256`))
        if (file(`${at}/_manifests/revisions/sha256/${hex}/link`)) note(disk.revisions, `sha256:${hex}`, repository);
      for (const hex of list(`${at}/_layers/sha256`)) note(disk.links, `sha256:${hex}`, repository);
      for (const tag of list(`${at}/_manifests/tags`)) {
        const link = file(`${at}/_manifests/tags/${tag}/current/link`);
        if (link) disk.tags.set(`${repository}:${tag}`, body.bytes(link.body));
      }
      walk(`${repository}/`);
    }
  };
  walk('');
  return disk;
}

const parse = (text: string | null): Manifest => {
  try {
    return JSON.parse(text ?? '{}') as Manifest;
  } catch {
    return {};
  }
};

/** Whether the engine has the layer that a blob holds, or the image whose config it is. */
function isHere({ engine }: World, digest: string): boolean {
  if (engine === null) return false;
  if (pmap.get(engine.images, digest) !== undefined) return true;
  const held = new Set(
    pmap.entries(engine.distribution).flatMap(([diffId, records]) => (records.some((r) => r.digest === digest) ? [`${diffId}`] : [])),
  );
  return held.size > 0 && pmap.values(engine.layers).some((l) => held.has(l.diffId));
}

const containerNamed = ({ engine }: World, name: string): Container | undefined =>
  engine === null ? undefined : pmap.values(engine.containers).find((c) => c.Name === name);

/** Null: there is no such registry. `before` is the machine before its last change. */
export function registryView(world: World, name: string, before: World | null): RegistryView | null {
  const container = containerNamed(world, name);
  const source = container && sourceOf(container);
  if (!container || !source) return null;
  const disk = diskOf(world, source);
  // Where there was no registry of this name before, its volume may have been there: what is in it is what counts.
  const old = before && diskOf(before, source);
  const tags = [...disk.tags].map(
    ([tag, digest]): TagRow => ({ name: tag, digest, changed: old !== null && old.tags.get(tag) !== digest }),
  );
  const parsed = new Map([...disk.revisions.keys()].map((d) => [d, parse(disk.blobs.get(d)?.text ?? null)] as const));
  const platforms = new Map<string, string>();
  for (const m of parsed.values())
    for (const { digest, platform: p } of m.manifests ?? [])
      if (p) platforms.set(digest, [p.os, p.architecture, p.variant].filter(Boolean).join('/'));
  const isNew = (digest: string) => old !== null && !old.blobs.has(digest);
  const tagged = new Set(disk.tags.values());
  const rank = (m: ManifestRow) => (m.list ? 0 : m.platform !== null ? 1 : tagged.has(m.digest) ? 2 : 3);
  const manifests = [...parsed]
    .map(
      ([digest, m]): ManifestRow => ({
        digest,
        size: disk.blobs.get(digest)?.size ?? 0,
        list: m.manifests?.map((x) => ({ digest: x.digest, platform: platforms.get(x.digest) ?? '' })) ?? null,
        platform: platforms.get(digest) ?? null,
        repositories: disk.revisions.get(digest) ?? [],
        changed: isNew(digest) || (old !== null && old.revisions.get(digest)?.join() !== disk.revisions.get(digest)?.join()),
      }),
    )
    .sort((a, b) => rank(a) - rank(b));
  const kinds = new Map<string, BlobKind>();
  const of = new Map<string, string[]>();
  for (const { digest: by } of manifests) {
    const m = parsed.get(by) ?? {};
    for (const [kind, d] of [...(m.config ? [['config', m.config] as const] : []), ...(m.layers ?? []).map((l) => ['layer', l] as const)]) {
      kinds.set(d.digest, kind);
      const known = of.get(d.digest) ?? [];
      if (!known.includes(by)) of.set(d.digest, [...known, by]);
    }
  }
  // What the last change was about: manifests that are new somewhere, and those that a tag was moved to.
  const touched = new Set([
    ...manifests.filter((m) => m.changed).map((m) => m.digest),
    ...tags.filter((t) => t.changed).map((t) => t.digest),
  ]);
  const loose = [...disk.blobs.keys()].filter((d) => !kinds.has(d) && !parsed.has(d));
  const row = (digest: string): BlobRow => ({
    digest,
    size: disk.blobs.get(digest)?.size ?? 0,
    kind: kinds.get(digest) ?? 'loose',
    of: of.get(digest) ?? [],
    repositories: disk.links.get(digest) ?? [],
    here: isHere(world, digest),
    last: isNew(digest) ? 'sent' : (of.get(digest) ?? []).some((m) => touched.has(m)) ? 'was there' : null,
  });
  return {
    name: container.Name,
    running: container.State.Pid !== 0,
    tags,
    manifests,
    blobs: [...[...kinds.keys()].filter((d) => disk.blobs.has(d)), ...loose].map(row),
    bytes: [...disk.blobs.values()].reduce((n, b) => n + b.size, 0),
  };
}
