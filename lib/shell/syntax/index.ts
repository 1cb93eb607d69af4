/** The grammar by itself, for those who read scripts without running them. */

import { DIALECTS } from '../dialect';
import type { Node } from './ast';
import { parseLine } from './parse';
import { reader, SyntaxFault } from './reader';

export type { Arg, Node, Part, Word } from './ast';

/** Every command in a text as bash reads it, as far as it is one. */
export function parseNodes(text: string): readonly Node[] {
  const r = reader(text, 1, DIALECTS.bash.grammar, true);
  try {
    while (parseLine(r) !== null);
  } catch (e) {
    if (!(e instanceof SyntaxFault)) throw e;
  }
  return r.nodes;
}
