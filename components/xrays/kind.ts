/** A kind of X-ray: one file beside this one says what it is drawn from, how, and what its table is. The list: index.ts. */
import type { ReactNode } from 'react';
import type { Input, Machine, Trace } from '../../lib/machine';
import { openToRead } from '../../lib/machine/machine';
import { type World, worldOf } from '../../lib/machine/views/world';
import type { Drawn } from '../figures/parts';

/** What is drawn: a machine, and what its last change was. */
export interface Look {
  machine: Machine;
  /** The machine before its last change; null when it has not changed yet, or what changed is not to be marked. */
  before: Machine | null;
  /** Of the step that made the change. */
  trace: Trace | null;
  /** Of the last step, whether it changed anything or not. */
  last: Trace | null;
  /** Of every step so far, the last one last. */
  traces: readonly Trace[];
}

/** A drawing, which in a chapter has the attributes of its tag. */
type InText<V> = Drawn<V> & { text?: Readonly<Record<string, string>> };

export interface XrayKind<V> {
  /** What one is chosen among, the likeliest first: "container". Without it there is one view of the whole machine. */
  among?: { what: string; names: (look: Look) => string[] };
  /** Null when there is nothing to draw. `of` is the chosen name. */
  view(look: Look, of: string | null): V | null;
  /** The last change shows in this view. */
  changed(view: V): boolean;
  /** In a chapter nothing is marked as changed: a reader has not seen what was before. */
  unmarked?: true;
  /** What is marked comes from the last step, whether it changed the machine or not. */
  ofLastStep?: true;
  /** The drawing has controls of its own: in a chapter it is not HTML alone. */
  handled?: true;
  /** Said while there is nothing to draw. */
  none: string;
  /** Words beneath the drawing in the machine's pane. */
  says?(view: V): string;
  /** What the reader can have done from here: the button's words, and the steps. */
  act?(view: V): { words: string; inputs: Input[] } | null;
  Draw(props: InText<V>): ReactNode;
  Table(props: { view: V }): ReactNode;
}

export const world = (machine: Machine): World => worldOf(openToRead(machine));
export const worldOrNull = (machine: Machine | null): World | null => machine && world(machine);
