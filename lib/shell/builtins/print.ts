/**
 * Commands printed back as text: declare -f, type. bash's print_cmd.c.
 *
 * Simplified: a function is printed as it was written, behind its name in bash's layout, not laid out anew.
 */

import type { Shell } from '../state';

export function functionText(sh: Shell, name: string): string {
  const { src } = sh.s.functions[name]!;
  const body = src.trim();
  const one = /^\{\s+([\s\S]*?);?\s*\}$/.exec(body);
  if (one !== null && !one[1]!.includes('\n') && !/<</.test(body))
    return `${name} () \n{ \n${one[1]!
      .split(/;\s+/)
      .map((c) => `    ${c}`)
      .join(';\n')}\n}\n`;
  return `${name} () \n${body.replace(/^\{[ \t]*\n/, '{ \n')}\n`;
}
