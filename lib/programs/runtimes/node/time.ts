/** Times as JavaScript writes them. */
import { strftime } from '../../../base/posix';

/** 2025-11-21T10:00:00.293Z, of milliseconds. */
export const isoTime = (ms: number): string =>
  `${strftime('%Y-%m-%dT%H:%M:%S', Math.floor(ms / 1000))}.${`${Math.floor(((ms % 1000) + 1000) % 1000)}`.padStart(3, '0')}Z`;
