/** What the builder keeps: builds that go on, and the cache. Plain data; strings are bytes. */

import type * as tar from '../../base/tar';
import type { Guest } from '../net/guest';
import type { Warning } from './checks';
import type { Outline, Target } from './outline';
import type { Lines } from './parser';
import type { Plan } from './plan';
import type { BuildEvent } from './progress';

/** What a cache key stands for. `layers` keeps image layers from being collected. */
export type CacheEntry = { layers: string[] } /** The file system that a vertex made. */ & (
  | {
      kind: 'step';
      id: string;
      description: string /** Milliseconds since the epoch. */;
      created: number;
      used: number;
      uses: number /** Bytes. */;
      size: number;
    }
  /** A base image that the builder has loaded. */
  | { kind: 'source'; ref: string }
  /** RUN --mount=type=cache: a directory of the storage driver. */
  | { kind: 'mount'; id: string; dir: string }
  /** What was sent of a build context before: path → facts. */
  | { kind: 'context'; files: Record<string, string> }
);

/** A client's directory as it was last sent. */
export interface KeptContext {
  /** The list that came first, as it came: the same list is the same files. */
  list: string;
  /** Its files, as in an archive; data that is still to come is not there. */
  entries: readonly tar.TarEntry[];
}

export interface BuildResult {
  /** Cache key; what stands on it is keyed by it. */
  key: string;
  /** Chain ids, bottom first. */
  layers: string[];
  /** When the layer was made; null: it came with an image. */
  created: number | null;
}

/** One thing that a step's cache key is made of. Equal parts in the same order are the same key. */
export interface KeyPart {
  what: 'base' | 'parent' | 'instruction' | 'files' | 'environment' | 'directory' | 'user' | 'network' | 'sandbox' | 'mounts';
  value: string;
}

export interface BuildOutput {
  type: 'image' | 'local' | 'tar' | 'cacheonly';
  /** Full names as they were given: docker.io/library/app. */
  names: string[];
}

/** A BuildFault as plain data. */
export interface StoredFault {
  message: string;
  whole: string;
  lines: Lines | null | undefined;
}

/** A RUN that runs. */
export interface Running {
  vertex: number;
  /** Name of the container, and of its layer. */
  id: string;
  pid: number;
  /** Its control group. */
  group: string;
  key: string;
  /** Cache mounts that it uses: id → how they are shared. */
  caches: Record<string, string>;
  started: number;
  /** Exit status, once it has ended. */
  status: number | null;
  cleanup: Cleanup;
}

/** What a RUN leaves to be taken away. */
export interface Cleanup {
  /** Mount points that were made for it, innermost first: absolute paths below the merged directory. */
  stubs: string[];
  /** Layers of the storage driver that only it used. */
  layers: string[];
  /** Its place on the default bridge. */
  guest: Guest | null;
  /** Files outside. */
  files: string[];
}

/** What the steps of a build run in, where the client says so. */
export interface Sandbox {
  /** Bytes of /dev/shm. */
  shmSize: number;
  ulimits: { Name: string; Soft: number; Hard: number }[];
  /** The control group that those of the steps are made in; '': the engine's own. */
  cgroupParent: string;
}

export interface Build {
  id: string;
  /** The client's connection. */
  fd: number;
  /** The Dockerfile's name and text, for excerpts. */
  file: string;
  text: string;
  plan: Plan;
  /** The context as it was sent; null: there is none. */
  context: readonly tar.TarEntry[] | null;
  /** --build-context: name → files. */
  contexts: Record<string, tar.TarEntry[]>;
  /** --add-host: name:address. */
  extraHosts: string[];
  /** .dockerignore patterns that hold for it. */
  ignore: string[] | null;
  /** The context came as an archive. */
  archive: boolean;
  secrets: Record<string, string>;
  sandbox: Sandbox;
  output: BuildOutput;
  noCache: boolean;
  inlineCache: boolean;
  /** Vertices still to do, in order. */
  queue: number[];
  results: Record<number, BuildResult>;
  /** What the cache keys are made of, as far as it has been found out. */
  keys: Record<number, KeyPart[]>;
  /** Vertex of the plan → its number in the progress. */
  numbers: Record<number, number>;
  /** Numbers given out. */
  count: number;
  /** Of these, those that were given out before the first step. */
  said: number;
  /** Steps whose commands run, side by side. */
  running: Running[];
  /** What it fails of, while it waits for the other steps that run to be gone. */
  fault: StoredFault | null;
  /** Cache mounts that this build, made without the cache, has begun anew. */
  renewed: string[];
  /** Milliseconds since the epoch. */
  began: number;
  contextDir: string;
  target: string;
  /** What came of each vertex that was taken up. */
  done: Record<number, VertexOutcome>;
}

export interface VertexOutcome {
  state: 'cached' | 'made' | 'failed' | 'canceled';
  /** Milliseconds since the epoch. */
  started: number;
  completed: number;
  /** Bytes of the layer that it made, or that the cache has. */
  bytes: number;
  /** That layer's chain id. */
  layer?: string;
}

/** A build that is over, as the page looks back on it. */
export interface BuildRecord {
  id: string;
  file: string;
  text: string;
  contextDir: string;
  target: string;
  names: string[];
  began: number;
  ended: number;
  /** Why it failed. */
  error: { message: string; lines: readonly [number, number] | null } | null;
  /** The image, if one came of it. */
  image: string | null;
  plan: Plan;
  ignore: string[] | null;
  keys: Record<number, KeyPart[]>;
  done: Record<number, VertexOutcome>;
  /** Vertices that the target stands on. */
  needed: number[];
  /** Files of the context: path → what the cache key sees of it; for those that a step asked for. */
  files: Record<string, string>;
}

/** The answer to a build that only checks. */
export interface CheckResult {
  file: string;
  text: string;
  warnings: (Warning & { url: string | null; description: string })[];
  error: { message: string; lines: readonly [number, number] | null } | null;
  /** Events of what was looked at. */
  log: string;
  targets?: Target[];
  outline?: Outline;
}

export type Emit = (e: BuildEvent) => void;
