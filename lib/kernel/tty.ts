/**
 * Terminals and pseudo terminals: line discipline N_TTY as far as lines, echo and the signal keys go.
 * tty_ioctl(4), termios(3), pty(7).
 *
 *   screen ── console (cooked) ── bash          master (docker) ══ pts/0 ── sh in a container
 *
 * Simplified: editing within a line happens before it is submitted (lib/shell/readline.ts), not in the discipline.
 */

import { Errno } from './errno';
import type { Kernel } from './kernel';
import { signalGroup, wake } from './sched';
import { SIGNALS } from './signal';
import type { Task, Tty } from './state';

export function newTty(k: Kernel, name: string | null, master: Tty['master'], size = { cols: 80, rows: 24 }): Tty {
  const id = k.s.next.tty++;
  const t: Tty = {
    id,
    name: name ?? `pts/${id}`,
    session: null,
    foreground: null,
    input: '',
    eof: false,
    output: '',
    raw: false,
    echo: true,
    ...size,
    master,
    slaves: 0,
  };
  k.putTty(t);
  return t;
}

const KEYS: Record<string, number> = { '\x03': SIGNALS.SIGINT, '\x1c': SIGNALS.SIGQUIT, '\x1a': SIGNALS.SIGTSTP };

/** What newlines become on the way out: ONLCR. */
const cook = (s: string) => s.replace(/\r?\n/g, '\r\n');

/** Bytes typed at the terminal, or written by the master of a pseudo terminal. */
export function typed(k: Kernel, id: number, data: string) {
  for (const part of data.split(/([\x03\x1c\x1a\x04])/)) {
    if (part === '') continue;
    const t = k.tty(id);
    const echo = (s: string) => t.echo && k.putTty({ ...k.tty(id), output: k.tty(id).output + s });
    if (!t.raw && KEYS[part] !== undefined) {
      echo(`^${String.fromCharCode(part.charCodeAt(0) + 64)}`);
      k.putTty({ ...k.tty(id), input: '' });
      if (t.foreground !== null) signalGroup(k, t.foreground, KEYS[part] as number);
    } else if (!t.raw && part === '\x04') {
      if (t.input === '' || t.input.endsWith('\n')) k.putTty({ ...t, eof: true });
    } else {
      const text = t.raw ? part : part.replace(/\r/g, '\n');
      if (!t.raw) echo(cook(text));
      k.putTty({ ...k.tty(id), input: k.tty(id).input + text });
    }
    wake(k, `tty:${id}:r`);
    wake(k, `tty:${id}:m`);
  }
}

export function readTty(k: Kernel, task: Task, id: number, count: number): string | null {
  const t = k.tty(id);
  if (t.master === 'closed') return '';
  if (task.tty === id && t.foreground !== null && task.pgid !== t.foreground && t.session === task.sid) {
    signalGroup(k, task.pgid, SIGNALS.SIGTTIN);
    return null;
  }
  if (t.input === '') {
    if (!t.eof) return null;
    k.putTty({ ...t, eof: false });
    return '';
  }
  const line = t.raw ? t.input.length : t.input.indexOf('\n') + 1 || (t.eof ? t.input.length : 0);
  if (line === 0) return null;
  const n = Math.min(line, count);
  k.putTty({ ...t, input: t.input.slice(n) });
  return t.input.slice(0, n);
}

export const readable = (k: Kernel, id: number): boolean => {
  const t = k.tty(id);
  return t.master === 'closed' || t.eof || (t.raw ? t.input !== '' : t.input.includes('\n'));
};

export function writeTty(k: Kernel, id: number, data: string): number {
  const t = k.tty(id);
  if (t.master === 'closed') throw new Errno('EIO', 'process', 'the terminal was closed');
  k.putTty({ ...t, output: t.output + (t.raw && t.master === 'screen' ? data : cook(data)) });
  wake(k, `tty:${id}:m`);
  return data.length;
}

/** The master's reads: what was written to the terminal; null when nothing was; '' once no slave is open. */
export function readMaster(k: Kernel, id: number, count: number): string | null {
  const t = k.tty(id);
  if (t.output === '') return t.slaves === 0 ? '' : null;
  k.putTty({ ...t, output: t.output.slice(count) });
  return t.output.slice(0, count);
}

export function closeMaster(k: Kernel, id: number) {
  const t = k.tty(id);
  if (t.foreground !== null) signalGroup(k, t.foreground, SIGNALS.SIGHUP);
  if (t.slaves === 0) k.t.ttys.delete(id);
  else k.putTty({ ...k.tty(id), master: 'closed' });
  wake(k, `tty:${id}:r`);
}

export function openSlave(k: Kernel, id: number, by: 1 | -1) {
  const t = k.tty(id);
  const slaves = t.slaves + by;
  if (slaves === 0 && t.master === 'closed') k.t.ttys.delete(id);
  else k.putTty({ ...t, slaves });
  if (slaves === 0) wake(k, `tty:${id}:m`);
}
