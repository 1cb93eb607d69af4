/**
 * Shell text as the linter wants it: commands and what their words say, found by the shell's own parser.
 *
 * Simplified: text that is no shell (PowerShell, a mistake) is read up to where it stops being one.
 */

import type * as build from '../engine/build/face';
import { syntax } from '../shell';

type Script = build.lint.Script;
type Part = syntax.Word['parts'][number];

/** A word without its quotes; what is only known when it runs stands as written. */
function textOf(parts: readonly Part[]): string {
  return parts
    .map((p) => {
      switch (p.t) {
        case 'lit':
        case 'quoted':
          return p.s;
        case 'dq':
          return textOf(p.parts);
        case 'param':
          return p.raw.startsWith('$') ? p.raw : `$${p.raw}`;
        case 'cmd':
        case 'proc':
          return `$(${p.src})`;
        case 'arith':
          return `$((${p.expr.raw}))`;
      }
    })
    .join('');
}

/** A=1 behind export is a word too. */
const argument = (a: syntax.Arg): string =>
  a.assign && 'parts' in a.assign.value ? `${a.assign.name}=${textOf(a.assign.value.parts)}` : textOf(a.parts);

/** Texts of the substitutions in a word: $(…), `…`, <(…). */
function inner(parts: readonly Part[]): string[] {
  return parts.flatMap((p) => (p.t === 'dq' ? inner(p.parts) : p.t === 'cmd' || p.t === 'proc' ? [p.src] : []));
}

export function readScript(text: string, depth = 0): Script {
  const nodes = syntax.parseNodes(text);
  const commands: Script['commands'][number][] = [];
  let pipe = false;
  for (const n of [...nodes].sort((a, b) => a.pos - b.pos || a.id - b.id)) {
    if (n.t === 'pipe' && n.items.length > 1) pipe = true;
    if (n.t !== 'simple') continue;
    const [name, ...args] = n.words;
    const env = Object.fromEntries(n.assigns.flatMap((a) => ('parts' in a.value ? [[a.name, textOf(a.value.parts)]] : [])));
    if (name) commands.push({ name: textOf(name.parts), args: args.map(argument), env });
    const words = [...n.words, ...n.assigns.flatMap((a) => ('parts' in a.value ? [a.value] : []))];
    for (const src of depth < 20 ? words.flatMap((w) => inner(w.parts)) : []) {
      const sub = readScript(src, depth + 1);
      commands.push(...sub.commands);
    }
  }
  return { commands, pipe };
}
