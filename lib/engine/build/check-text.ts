/**
 * BuildKit's checks of a Dockerfile that nobody builds: what `docker build --check` says, for any base images. For editors.
 *
 * Simplified: base images are taken to be there and to hold nothing but a PATH.
 */

import type { Warning } from './checks';
import { type BaseImage, convert, type Progress } from './convert';
import { compilePatterns, readIgnoreFile } from './ignore';
import { DockerfileError, type Lines } from './parser';

/** Any image: what a check needs of it. */
export const anyImage = (): BaseImage => ({
  config: {
    architecture: 'amd64',
    os: 'linux',
    created: '',
    config: { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'] },
    history: [],
    rootfs: { type: 'layers', diff_ids: [] },
  },
  layers: ['sha256:0'],
});

export interface TextCheck {
  warnings: Warning[];
  /** Why it cannot be built. */
  error: { message: string; lines: Lines | null } | null;
}

/** Checks every stage of a text. `ignore` is the text of .dockerignore. */
export function checkText(text: string, ignore: string | null, buildArgs: Readonly<Record<string, string>> = {}): TextCheck {
  const progress: Progress = { warnings: [], lintError: null };
  let error: TextCheck['error'] = null;
  try {
    const patterns = ignore === null ? null : compilePatterns(readIgnoreFile(ignore));
    convert(
      text,
      { target: '', buildArgs, labels: {}, noCache: false, networkMode: 'default', ignore: patterns, allStages: true, base: anyImage },
      progress,
    );
  } catch (e) {
    if (!(e instanceof Error)) throw e;
    // A pattern of .dockerignore that cannot be read is a fault of its own.
    error = { message: e.message, lines: e instanceof DockerfileError ? e.lines : null };
  }
  return { warnings: progress.warnings, error };
}
