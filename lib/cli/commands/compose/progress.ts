/** The lines that tell what is done to what, where output is not a terminal (docker/compose, pkg/progress/plain.go). */

import type { Script } from '../../driver';
import { warn } from '../api';

export function* tell(kind: 'Container' | 'Network' | 'Volume' | 'Image', name: string, what: string): Script<void> {
  yield* warn(` ${kind} ${name}  ${what}`);
}
