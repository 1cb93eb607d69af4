/**
 * What a shell says and where: "bash: line 3: cd: /x: No such file or directory".
 *
 *   bash   NAME: [line N: ][builtin: ]text     dash   NAME: N: [builtin: ]text     ash   NAME: [builtin: ][line N: ]text
 *
 * Source: report_error and builtin_error of bash, sh_warnx/exvwarning of dash, ash_vmsg of BusyBox 1.38.
 */

import type { Shell } from './state';

/** Ends the command line (or the shell) with a message and a status. */
export class Failure extends Error {
  readonly status: number;
  /** The shell goes down with it, unless it is interactive. */
  readonly exits: boolean;
  /** It ends the builtin that met it, not the command line. */
  readonly local: boolean;
  constructor(message: string, status: number, exits: boolean, local = false) {
    super(message);
    this.status = status;
    this.exits = exits;
    this.local = local;
  }
}

/** The name that messages begin with: $0, or the file being read. */
export function speaker(sh: Shell): string {
  if (sh.d.name === 'bash' && sh.s.mode !== 'interactive') {
    for (let i = sh.s.stack.length - 1; i >= 0; i--) {
      const f = sh.s.stack[i]!;
      if (f.t === 'call') return f.file;
      if (f.t === 'source' && f.file !== undefined) return f.file;
    }
  }
  return sh.s.voice?.name ?? sh.s.arg0;
}

/** dash and ash name the eval or the sourced file that a message comes out of. */
export function within(sh: Shell): string {
  if (sh.d.name === 'bash') return '';
  for (let i = sh.s.stack.length - 1; i >= 0; i--) {
    const f = sh.s.stack[i]!;
    if (f.t === 'source' && f.kind === 'eval') return 'eval';
    if (f.t === 'source' && f.kind === 'dot') return f.file ?? '';
  }
  return sh.s.voice?.within ?? '';
}

export function prefix(sh: Shell, builtin = sh.s.builtin): string {
  const interactive = sh.s.mode === 'interactive';
  const name = speaker(sh);
  const source = builtin === '' ? within(sh) : builtin;
  const by = source === '' ? '' : `${source}: `;
  switch (sh.d.name) {
    case 'bash':
      return interactive ? `${name}: ${by}` : `${name}: line ${sh.s.line}: ${by}`;
    case 'dash':
      return `${name}: ${sh.s.line}: ${by}`;
    case 'ash':
      return interactive ? `${name}: ${by}` : `${name}: ${by}line ${sh.s.line}: `;
  }
}

/** Output is queued and written before the shell does anything else. */
export function put(sh: Shell, fd: number, data: string): void {
  if (data !== '') sh.s.output.push(sh.s.builtin ? { fd, data, by: sh.s.builtin } : { fd, data });
}

export function complain(sh: Shell, text: string, builtin?: string): void {
  put(sh, 2, `${prefix(sh, builtin)}${text}\n`);
}
