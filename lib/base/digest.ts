/**
 * Digests of byte strings (FIPS 180-4; RFC 1321 for MD5), as lower-case hex. The arithmetic is @noble/hashes.
 *
 * Content is addressed by these: image ids, layers, blobs. `hasher` takes the content in parts, for what is too large,
 * or not worth building, as one string.
 */
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256 as sha256Hash, sha384, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { toArray } from './bytes';

const algorithms = { md5, sha1, sha224, sha256: sha256Hash, sha384, sha512 };
export type Algorithm = keyof typeof algorithms;

const chunk = 1 << 16;

export interface Hasher {
  /** Takes the next bytes in. */
  update(bytes: string): Hasher;
  /** The digest of everything taken in; the hasher is spent. */
  hex(): string;
}

/** A digest in parts: `hasher('sha256').update(a).update(b).hex()`. */
export function hasher(algorithm: Algorithm = 'sha256'): Hasher {
  const state = algorithms[algorithm].create();
  const self: Hasher = {
    update(bytes) {
      for (let at = 0; at < bytes.length; at += chunk) state.update(toArray(bytes.slice(at, at + chunk)));
      return self;
    },
    hex: () => bytesToHex(state.digest()),
  };
  return self;
}

/** Digest of a byte string, as hex. */
export function digest(algorithm: Algorithm, bytes: string): string {
  return hasher(algorithm).update(bytes).hex();
}

/** SHA-256 of a byte string: 64 hex digits, without "sha256:". */
export function sha256(bytes: string): string {
  return digest('sha256', bytes);
}
