/** The daemon's way to what it does for its clients, whose code comes as a part (base/part.ts): serve.ts. */

import { part } from '../base';

export const serving = part<typeof import('./serve')>('serving');
