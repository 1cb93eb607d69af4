/**
 * What a build is to do: vertices of a graph, each an operation on the file system that another made.
 * BuildKit solver/pb (LLB), as far as a Dockerfile uses it. Plain data; strings are bytes.
 *
 *   image ── mkdir ── copy ── run          a stage: each vertex has one parent
 *                      ▲
 *            context, another stage, a heredoc
 */

import type { Config, HistoryEntry } from '../state';
import type { RunMount } from './mounts';
import type { Lines } from './parser';

/** The vertex whose file system it is; null: the empty one. */
export type Ref = number | null;

export interface CopyStep {
  from:
    | { kind: 'context' /** --build-context: its name; undefined: the context itself. */; named?: string }
    | { kind: 'vertex'; ref: Ref }
    | { kind: 'inline'; data: string };
  /** Source path: absolute in its tree; the file's name for an inline document. */
  path: string;
  unpack: boolean;
}

export interface PlannedMount extends RunMount {
  /** The file system it comes from; undefined: the build context, or none is needed. */
  ref?: Ref;
  /** --build-context: the one it comes from. */
  named?: string;
}

export type Op =
  /** An image as the start of a stage. */
  | { kind: 'image'; ref: string; layers: string[] }
  /** WORKDIR. */
  | { kind: 'mkdir'; path: string; user: string }
  /** COPY, ADD. */
  | { kind: 'copy'; steps: CopyStep[]; dest: string; chown: string; chmod: string; exclude: string[] }
  | {
      kind: 'run';
      args: string[];
      env: string[];
      proxy: string[];
      cwd: string;
      user: string;
      mounts: PlannedMount[];
      network: string /** A heredoc with its own interpreter. */;
      script: { name: string; data: string } | null;
    }
  /** A heredoc as a file: what COPY takes. */
  | { kind: 'document'; name: string; data: string }
  /** A source that is out of reach. */
  | { kind: 'remote'; url: string };

export interface Vertex {
  name: string;
  /** Number of its stage in the Dockerfile; -1: none of it. */
  stage: number;
  /** Where in the Dockerfile. */
  lines: Lines | null;
  op: Op;
  parent: Ref;
  /** Results kept from before are not used. */
  ignoreCache: boolean;
}

export interface PlannedHistory extends HistoryEntry {
  /** The vertex that makes the layer. */
  vertex?: number;
}

/** The image that comes of it, but for what only its layers tell. */
export interface ImageDraft {
  architecture: string;
  author: string;
  os: string;
  variant?: string;
  config: Partial<Config>;
  history: PlannedHistory[];
}

export interface Plan {
  vertices: Vertex[];
  result: Ref;
  image: ImageDraft;
}

/** Vertices that an operation takes files from. */
export function sourcesOf(op: Op): Ref[] {
  if (op.kind === 'copy') return op.steps.flatMap((s) => (s.from.kind === 'vertex' ? [s.from.ref] : []));
  if (op.kind === 'run') return op.mounts.flatMap((m) => (m.ref === undefined ? [] : [m.ref]));
  return [];
}
