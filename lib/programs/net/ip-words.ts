/** The words of ip(8)'s command line: complaints with their status, and options in pairs. */

import type { NewLink } from '../../kernel';

export class Complaint extends Error {
  readonly status: number;
  constructor(text: string, status = 1) {
    super(text);
    this.status = status;
  }
}

/** What a new link is, without what every link has. */
export type NewLinkOf = NewLink extends infer L ? (L extends { kind: 'veth' } ? never : Omit<L, 'name' | 'mac' | 'mtu' | 'queue'>) : never;

/** Words as pairs after a verb: `dev eth0`, `via 10.0.0.1`; what stands alone goes under ''. */
export function pairs(words: readonly string[], keys: readonly string[], flags: readonly string[] = []): Record<string, string> {
  const out: Record<string, string> = {};
  for (let i = 0; i < words.length; i++) {
    const w = words[i] as string;
    if (flags.includes(w)) out[w] = w;
    else if (keys.includes(w)) {
      const value = words[++i];
      if (value === undefined) throw new Complaint('Command line is not complete. Try option "help"', 255);
      out[w] = value;
    } else if (out[''] === undefined) out[''] = w;
    else throw new Complaint(`Error: either "${w}" is duplicate, or "${w}" is a garbage.`, 255);
  }
  return out;
}
