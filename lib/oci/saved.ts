/**
 * A saved image read piece by piece: what `docker save` wrote, or an OCI image layout as a tar, up to any size.
 * image-spec "image layout"; moby image/tarexport.
 *
 *   headers of the archive ──> manifest.json | index.json ──> config ──> each layer: its headers, not its data
 *
 * A reader is a generator: it asks for pieces (place and length) and is given bytes; who has the file (a page, a test) drives it. So a
 * gigabyte costs its headers. Layers may be gzipped: then they are inflated in passing and dropped.
 *
 * Simplified: of an index with several images the first is taken (one may be named); zstd is refused.
 */

import { Gunzip } from 'fflate';
import { fromArray, toArray } from '../base';
import { type Ask, type ScannedEntry, scanTar, type TarEntry, TarError } from '../base/tar';

export interface SavedLayer {
  /** sha256:… of the uncompressed archive, as the config has it. */
  diffId: string;
  /** Line of the history that made it, if the config has one. */
  createdBy: string;
  entries: TarEntry[];
}

export interface SavedImage {
  /** Names in the archive, as docker load would give them. */
  names: string[];
  /** sha256:… of the config. */
  id: string;
  /** As it stands in the archive. */
  config: string;
  layers: SavedLayer[];
}

/** An archive that is no saved image; the message is for its owner. */
export class SavedError extends Error {}

type Reader<T> = Generator<Ask, T, Uint8Array>;

const WINDOW = 256 * 1024;
/** A manifest or a config is text of this size at most. */
const TEXT = 4 * 1024 * 1024;

interface Source {
  read: (at: number, length: number) => Reader<string>;
}

/** The archive itself, asked for in windows. */
function plain(offset: number, size: number): Source {
  let from = 0;
  let window = '';
  return {
    *read(at, length) {
      if (at < from || at + length > from + window.length) {
        from = at;
        const wanted = Math.max(0, Math.min(Math.max(length, WINDOW), size - at));
        window = wanted === 0 ? '' : fromArray(yield { at: offset + at, length: wanted });
      }
      return window.slice(at - from, at - from + length);
    },
  };
}

/** A gzipped part of the archive: inflated front to back; what has been passed is dropped. */
function gzipped(offset: number, size: number): Source {
  const compressed = plain(offset, size);
  let from = 0;
  let window = '';
  let at = 0;
  let done = false;
  const gunzip = new Gunzip((chunk) => {
    window += fromArray(chunk);
  });
  return {
    *read(wanted, length) {
      while (from + window.length < wanted + length && !done) {
        const piece = yield* compressed.read(at, WINDOW);
        at += piece.length;
        done = at >= size || piece === '';
        try {
          gunzip.push(toArray(piece), done);
        } catch {
          throw new SavedError('a layer is said to be gzipped, but it cannot be inflated');
        }
        const passed = Math.min(window.length, Math.max(0, wanted - from));
        window = window.slice(passed);
        from += passed;
      }
      return window.slice(wanted - from, wanted - from + length);
    },
  };
}

function* scan(source: Source): Reader<ScannedEntry[]> {
  const s = scanTar(() => false);
  for (let step = s.next(); ; ) {
    if (step.done) return step.value;
    step = s.next(yield* source.read(step.value.at, step.value.length));
  }
}

const nameOf = (path: string): string => path.replace(/^(?:\.?\/)+/, '');

interface Manifest {
  config: string;
  layers: string[];
  names: string[];
}

class Archive {
  private readonly files: Map<string, ScannedEntry>;
  constructor(entries: readonly ScannedEntry[]) {
    this.files = new Map(entries.map((e) => [nameOf(e.name), e]));
  }

  /** A file, links followed. */
  find(name: string, depth = 0): ScannedEntry | undefined {
    const e = this.files.get(nameOf(name));
    if (!e || (e.type !== 'symlink' && e.type !== 'link') || depth > 10) return e;
    const dir = e.type === 'link' ? [] : nameOf(e.name).split('/').slice(0, -1);
    for (const part of (e.linkname ?? '').split('/')) {
      if (part === '..') dir.pop();
      else if (part !== '.' && part !== '') dir.push(part);
    }
    return this.find(dir.join('/'), depth + 1);
  }

  *text(name: string): Reader<string> {
    const e = this.find(name);
    if (e?.type !== 'file') throw new SavedError(`the archive has no ${name}`);
    if (e.size > TEXT) throw new SavedError(`${name} is too long to be what it is said to be`);
    return e.size === 0 ? '' : fromArray(yield { at: e.dataAt, length: e.size });
  }

  *json(name: string): Reader<unknown> {
    try {
      return JSON.parse(yield* this.text(name));
    } catch (e) {
      if (e instanceof SyntaxError) throw new SavedError(`${name} is not JSON`);
      throw e;
    }
  }

  *manifests(): Reader<Manifest[]> {
    if (this.find('manifest.json')) {
      const list = yield* this.json('manifest.json');
      if (!Array.isArray(list)) throw new SavedError('manifest.json holds no list of images');
      return list.flatMap((m: { Config?: unknown; Layers?: unknown; RepoTags?: unknown }) =>
        typeof m?.Config === 'string' && Array.isArray(m.Layers)
          ? [
              {
                config: m.Config,
                layers: m.Layers.filter((l) => typeof l === 'string'),
                names: Array.isArray(m.RepoTags) ? m.RepoTags.map(String) : [],
              },
            ]
          : [],
      );
    }
    if (this.find('index.json')) return yield* this.index('index.json', []);
    throw new SavedError('this is a tar archive, but no saved image: it has neither manifest.json nor index.json');
  }

  /** An OCI index: images in it, and in indexes in it. */
  private *index(name: string, names: string[], depth = 0): Reader<Manifest[]> {
    interface Descriptor {
      mediaType?: string;
      digest?: string;
      annotations?: Record<string, string>;
    }
    const document = (yield* this.json(name)) as { manifests?: Descriptor[]; config?: Descriptor; layers?: Descriptor[] } | null;
    const blob = (d: Descriptor) => `blobs/${String(d.digest).replace(':', '/')}`;
    if (document?.config && Array.isArray(document.layers))
      return [{ config: blob(document.config), layers: document.layers.map(blob), names }];
    const out: Manifest[] = [];
    for (const d of depth < 5 && Array.isArray(document?.manifests) ? document.manifests : []) {
      const said = d.annotations?.['io.containerd.image.name'] ?? d.annotations?.['org.opencontainers.image.ref.name'];
      // An attestation stands beside its image and has no layers of a file system.
      if (d.annotations?.['vnd.docker.reference.type'] === undefined && this.find(blob(d)))
        out.push(...(yield* this.index(blob(d), said ? [said] : names, depth + 1)));
    }
    return out;
  }
}

/** Reads one image of an archive of `size` bytes: the one of a name, or the first. Throws SavedError or TarError. */
export function* readSaved(size: number, wanted?: string): Reader<SavedImage> {
  const outer = plain(0, size);
  const head = yield* outer.read(0, 2);
  if (head === '\x1f\x8b') throw new SavedError('the archive is gzipped; unpack it once (gunzip) and give it again');
  const archive = new Archive(yield* scan(outer));
  const manifests = yield* archive.manifests();
  const manifest = wanted === undefined ? manifests[0] : manifests.find((m) => m.names.includes(wanted));
  if (!manifest) throw new SavedError(wanted === undefined ? 'the archive holds no image' : `the archive holds no image named ${wanted}`);
  const config = yield* archive.text(manifest.config);
  let parsed: { rootfs?: { diff_ids?: string[] }; history?: { created_by?: string; empty_layer?: boolean }[] };
  try {
    parsed = JSON.parse(config);
  } catch {
    throw new SavedError('the image’s config is not JSON');
  }
  const history = Array.isArray(parsed?.history) ? parsed.history.filter((h) => !h?.empty_layer) : [];
  const layers: SavedLayer[] = [];
  for (const [i, name] of manifest.layers.entries()) {
    const file = archive.find(name);
    if (file?.type !== 'file') throw new SavedError(`the archive has no ${name}`);
    const source = plain(file.dataAt, file.size);
    const magic = yield* source.read(0, 4);
    if (magic === '\x28\xb5\x2f\xfd') throw new SavedError('drydock: layers packed with zstd are not modelled');
    const entries = yield* scan(magic.startsWith('\x1f\x8b') ? gzipped(file.dataAt, file.size) : source);
    layers.push({
      diffId: String(parsed?.rootfs?.diff_ids?.[i] ?? ''),
      createdBy: String(history[i]?.created_by ?? ''),
      entries: entries.map(({ dataAt: _, ...e }) => e),
    });
  }
  return {
    names: manifest.names,
    id: `sha256:${nameOf(manifest.config)
      .replace(/^blobs\/sha256\//, '')
      .replace(/\.json$/, '')}`,
    config,
    layers,
  };
}

/** Drives a reader over an archive that is wholly there. */
export function readSavedString(archive: string, wanted?: string): SavedImage {
  const reader = readSaved(archive.length, wanted);
  for (let step = reader.next(); ; ) {
    if (step.done) return step.value;
    step = reader.next(toArray(archive.slice(step.value.at, step.value.at + step.value.length)));
  }
}

export { TarError };
