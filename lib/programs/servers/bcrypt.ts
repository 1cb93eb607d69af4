/**
 * bcrypt: the hash that an htpasswd file keeps of a password. The hashing is bcryptjs'.
 *
 *   $2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a      version, cost (2^5 rounds), salt of 22 letters, hash of 31
 *
 * Simplified: a cost above 12, which would hold up the page for seconds, matches nothing.
 */

import { hashSync } from 'bcryptjs';
import { decode } from '../../base';

const SETTINGS = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{22}/;
const MOST = 12;

/** A password's hash under the version, cost and salt that a hash or its beginning says; null: that is none. Bytes in, bytes out. */
export function bcrypt(password: string, settings: string): string | null {
  const [given, cost] = SETTINGS.exec(settings) ?? [];
  if (given === undefined || Number(cost) < 4 || Number(cost) > MOST) return null;
  return hashSync(decode(password), given);
}
