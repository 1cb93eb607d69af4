/**
 * Filters of system calls: seccomp(2), in the form that libseccomp is given them: a default, and rules by name.
 *
 * Simplified: a filter is asked by a call's name and, for clone and socket, its arguments; what the model does in one call of
 * its own (rtnetlink, openpty) counts as the call that carries it.
 */

import type { Code } from './errno';
import { ERRNO_NUMBERS, Errno } from './errno';

export type SeccompAction =
  | 'SCMP_ACT_ALLOW'
  | 'SCMP_ACT_LOG'
  | 'SCMP_ACT_TRACE'
  | 'SCMP_ACT_NOTIFY'
  | 'SCMP_ACT_ERRNO'
  | 'SCMP_ACT_TRAP'
  | 'SCMP_ACT_KILL'
  | 'SCMP_ACT_KILL_THREAD'
  | 'SCMP_ACT_KILL_PROCESS';

export interface SeccompCondition {
  index: number;
  value: number;
  valueTwo: number;
  op: string;
}
export interface SeccompRule {
  action: SeccompAction;
  errno: number;
  args: SeccompCondition[];
}
/** A compiled filter: plain data, kept once for all tasks that carry it. */
export interface SeccompFilter {
  action: SeccompAction;
  errno: number;
  calls: Readonly<Record<string, SeccompRule[]>>;
}

/** The system call that carries what the model makes one call of. */
const CARRIED_BY: Readonly<Record<string, string>> = {
  rtnetlink: 'sendto',
  netfilter: 'sendto',
  sock_diag: 'sendto',
  sysctl: 'openat',
  openpty: 'ioctl',
};

function holds(c: SeccompCondition, args: readonly number[]): boolean {
  const have = args[c.index] ?? 0;
  switch (c.op) {
    case 'SCMP_CMP_NE':
      return have !== c.value;
    case 'SCMP_CMP_LT':
      return have < c.value;
    case 'SCMP_CMP_LE':
      return have <= c.value;
    case 'SCMP_CMP_EQ':
      return have === c.value;
    case 'SCMP_CMP_GE':
      return have >= c.value;
    case 'SCMP_CMP_GT':
      return have > c.value;
    case 'SCMP_CMP_MASKED_EQ':
      return (have & c.value) >>> 0 === c.valueTwo >>> 0;
    default:
      return false;
  }
}

const CODES = Object.fromEntries(Object.entries(ERRNO_NUMBERS).map(([code, n]) => [n, code])) as Record<number, Code>;

/** Asks a filter about a call: nothing (it may), an Errno to throw, or 'kill'. */
export function judge(f: SeccompFilter, name: string, args: readonly number[]): Errno | 'kill' | null {
  const call = CARRIED_BY[name] ?? name;
  const rule = f.calls[call]?.find((r) => r.args.every((c) => holds(c, args)));
  const { action, errno } = rule ?? f;
  switch (action) {
    case 'SCMP_ACT_ERRNO':
      return new Errno(CODES[errno] ?? 'EPERM', 'seccomp', `the seccomp filter of this process does not let ${call} through`);
    case 'SCMP_ACT_TRAP':
    case 'SCMP_ACT_KILL':
    case 'SCMP_ACT_KILL_THREAD':
    case 'SCMP_ACT_KILL_PROCESS':
      return 'kill';
    default:
      return null;
  }
}
