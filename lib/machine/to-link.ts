/** A session as text for a link; link.ts reads it back, and is loaded only where there is one to read. */

import lz from 'lz-string';
import type { Session } from './face';

export const encode = (session: Session): string => lz.compressToEncodedURIComponent(JSON.stringify(session));
