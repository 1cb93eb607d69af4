/** Signals: numbers, names and default actions. signal(7), x86-64. */

export const SIGNALS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;

export type SignalName = keyof typeof SIGNALS;
/** A signal's number, 1 to 64; 34 to 64 are the real-time ones. */
export type Signal = number;

const NAMES = new Map<number, SignalName>(Object.entries(SIGNALS).map(([name, n]) => [n, name as SignalName]));

/** "SIGTERM" for 15; real-time signals as "SIGRTMIN+n". */
export const signalName = (n: Signal): string =>
  NAMES.get(n) ??
  (n >= 34 && n <= 64 ? (n === 34 ? 'SIGRTMIN' : n === 64 ? 'SIGRTMAX' : n <= 49 ? `SIGRTMIN+${n - 34}` : `SIGRTMAX-${64 - n}`) : `${n}`);

/** A number or a name with or without SIG, in any case; null if there is no such signal. */
export function parseSignal(text: string): Signal | null {
  if (/^\d+$/.test(text)) return Number(text) <= 64 ? Number(text) : null;
  const name = text.toUpperCase().replace(/^(SIG)?/, 'SIG');
  if (name === 'SIGCLD') return 17;
  if (name === 'SIGIOT') return 6;
  if (name === 'SIGPOLL') return 29;
  const rt = /^SIGRT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (rt) {
    const n = (rt[1] === 'MIN' ? 34 : 64) + (rt[2] === '-' ? -1 : 1) * Number(rt[3] ?? 0);
    return n >= 34 && n <= 64 ? n : null;
  }
  return SIGNALS[name as SignalName] ?? null;
}

/** What a signal does to a task that neither handles nor ignores it. */
export function defaultAction(n: Signal): 'terminate' | 'core' | 'ignore' | 'stop' | 'continue' {
  switch (n) {
    case SIGNALS.SIGCHLD:
    case SIGNALS.SIGURG:
    case SIGNALS.SIGWINCH:
      return 'ignore';
    case SIGNALS.SIGCONT:
      return 'continue';
    case SIGNALS.SIGSTOP:
    case SIGNALS.SIGTSTP:
    case SIGNALS.SIGTTIN:
    case SIGNALS.SIGTTOU:
      return 'stop';
    case SIGNALS.SIGQUIT:
    case SIGNALS.SIGILL:
    case SIGNALS.SIGTRAP:
    case SIGNALS.SIGABRT:
    case SIGNALS.SIGBUS:
    case SIGNALS.SIGFPE:
    case SIGNALS.SIGSEGV:
    case SIGNALS.SIGXCPU:
    case SIGNALS.SIGXFSZ:
    case SIGNALS.SIGSYS:
      return 'core';
    default:
      return 'terminate';
  }
}

/** strsignal(3). */
export const DESCRIPTIONS: Readonly<Record<number, string>> = {
  1: 'Hangup',
  2: 'Interrupt',
  3: 'Quit',
  4: 'Illegal instruction',
  5: 'Trace/breakpoint trap',
  6: 'Aborted',
  7: 'Bus error',
  8: 'Floating point exception',
  9: 'Killed',
  10: 'User defined signal 1',
  11: 'Segmentation fault',
  12: 'User defined signal 2',
  13: 'Broken pipe',
  14: 'Alarm clock',
  15: 'Terminated',
  16: 'Stack fault',
  17: 'Child exited',
  18: 'Continued',
  19: 'Stopped (signal)',
  20: 'Stopped',
  21: 'Stopped (tty input)',
  22: 'Stopped (tty output)',
  23: 'Urgent I/O condition',
  24: 'CPU time limit exceeded',
  25: 'File size limit exceeded',
  26: 'Virtual timer expired',
  27: 'Profiling timer expired',
  28: 'Window changed',
  29: 'I/O possible',
  30: 'Power failure',
  31: 'Bad system call',
};
