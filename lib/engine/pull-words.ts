/** What is told of an image that comes from a registry, wherever it comes from: moby distribution/pull.go, xfer/download.go. */

/** moby daemon/config: max-concurrent-downloads. */
const AT_ONCE = 3;

const short = (digest: string) => digest.replace('sha256:', '').slice(0, 12);

/** Lines about layers, of which the lowest `present` are here: those before the first byte comes, and those after the last. */
export function layerLines(digests: readonly string[], present: number, when: 'before' | 'after'): object[] {
  const line = (status: string) => (digest: string) => ({ status, progressDetail: {}, id: short(digest) });
  const missing = digests.slice(present);
  if (when === 'before')
    return [
      ...digests.slice(0, present).map(line('Already exists')),
      ...missing.map(line('Pulling fs layer')),
      ...missing.slice(AT_ONCE).map(line('Waiting')),
    ];
  return [...missing.flatMap((d) => [line('Verifying Checksum')(d), line('Download complete')(d)]), ...missing.map(line('Pull complete'))];
}

export const pulledStatus = (shown: string, fresh: boolean): string =>
  fresh ? `Status: Downloaded newer image for ${shown}` : `Status: Image is up to date for ${shown}`;
