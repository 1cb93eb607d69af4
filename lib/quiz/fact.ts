/** What a fact is, and words that the facts of this folder share. */
import type { look } from '../machine';
import type { Schema } from './schema';

export interface Fact<A> {
  args: Schema<A>;
  /** The fact as a sentence without a full stop. */
  says(args: A): string;
  /** Null, or what is missing. */
  missing(look: look.Look, args: A): string | null;
}
export const fact = <A>(record: Fact<A>): Fact<A> => record;

export const code = (text: string) => `\`${text}\``;
export const noContainer = (n: string) => `There is no container ${code(n)}.`;
export const noImage = (n: string) => `There is no image ${code(n)}.`;
