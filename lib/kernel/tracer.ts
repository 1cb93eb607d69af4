/** The way to what a traced task's calls are told by, whose code comes as a part (base/part.ts): traced.ts. */

import { part } from '../base';

export const tracer = part<typeof import('./traced')>('tracer');
