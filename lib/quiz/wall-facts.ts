/**
 * Facts about the walls around a process: its namespaces, and what it is still allowed inside them. The other facts are in
 * facts.ts, build-facts.ts and life-facts.ts.
 */

import * as z from 'zod/mini';
import { look } from '../machine';
import { code, fact, noContainer } from './fact';
import { count, list, optional, strictObject, text } from './schema';

type Look = look.Look;
type Task = NonNullable<ReturnType<typeof look.initOf>>;

const kinds = optional(list(z.enum(look.NS_KINDS), 1));
const caps = optional(list(z.string().check(z.startsWith('CAP_')), 1));

const named = (all: readonly string[]) => {
  const [last, ...more] = all.map(code).reverse();
  return more.length > 0 ? `${more.reverse().join(', ')} and ${last}` : `${last}`;
};
const namespaces = (all: readonly string[]) => `${named(all)} ${all.length === 1 ? 'namespace' : 'namespaces'}`;

/** The first process of a container, or the sentence that there is none. */
function running(l: Look, name: string): Task | string {
  const c = look.containerOf(l, name);
  if (c === null) return noContainer(name);
  return look.initOf(l, c) ?? `The container ${code(name)} does not run.`;
}

const within = (n: number, a: { atLeast?: number; atMost?: number }) => n >= (a.atLeast ?? 0) && n <= (a.atMost ?? Infinity);

export const WALL_FACTS = {
  /** Which namespaces a container has in common with another one, or with the host, and which it has for itself. */
  namespaces: fact({
    args: strictObject({ of: text, with: z._default(text, 'host'), shares: kinds, own: kinds }),
    says(a) {
      const other = a.with === 'host' ? 'the host' : code(a.with);
      const parts = [
        a.shares && `is in the ${namespaces(a.shares)} of ${other}`,
        a.own && `has ${a.own.length === 1 ? 'a' : 'the'} ${namespaces(a.own)} other than that of ${other}`,
      ];
      return `${code(a.of)} ${parts.filter(Boolean).join(' and ')}`;
    },
    missing(l, a) {
      const one = running(l, a.of);
      const two = a.with === 'host' ? (l.kernel.findTask(1) as Task) : running(l, a.with);
      if (typeof one === 'string') return one;
      if (typeof two === 'string') return two;
      const other = a.with === 'host' ? 'the host' : code(a.with);
      const common: readonly string[] = look.common(one, two);
      const apart = a.shares?.find((kind) => !common.includes(kind));
      if (apart) return `${code(a.of)} has another ${code(apart)} namespace than ${other}.`;
      const joint = a.own?.find((kind) => common.includes(kind));
      return joint ? `${code(a.of)} is in the ${code(joint)} namespace of ${other}.` : null;
    },
  }),

  /** What a running container's UTS namespace says. */
  hostname: fact({
    args: strictObject({ of: text, is: text }),
    says: (a) => `The host name of ${code(a.of)} is ${code(a.is)}`,
    missing(l, a) {
      const t = a.of === 'host' ? (l.kernel.findTask(1) as Task) : running(l, a.of);
      if (typeof t === 'string') return t;
      const is = look.hostnameOf(l, t);
      return is === a.is ? null : `The host name of ${code(a.of)} is ${code(is)}.`;
    },
  }),

  /** A process that is in no container: which of the host's namespaces it has left, its host name, its root, its user on the host. */
  outside: fact({
    args: strictObject({
      runs: text,
      own: kinds,
      hostname: optional(text),
      root: optional(z.string().check(z.startsWith('/'))),
      uid: optional(z.int()),
      group: optional(text),
      lacks: caps,
    }),
    says(a) {
      const parts = [
        a.own && `has ${namespaces(a.own)} of its own`,
        a.hostname && `is called ${code(a.hostname)} there`,
        a.root && `has ${code(a.root)} for its root`,
        a.uid !== undefined && `is user ${a.uid} on the host`,
        a.group && `is in the control group ${code(a.group)}`,
        a.lacks && `does not have ${named(a.lacks)}`,
      ].filter(Boolean);
      return `A process outside of any container runs ${code(a.runs)}${parts.length > 0 ? `, ${parts.join(', ')}` : ''}`;
    },
    missing(l, a) {
      const found = look.outside(l, a.runs);
      if (found.length === 0) return `Outside of containers, nothing runs ${code(a.runs)}.`;
      const wrong = (t: Task): string | null => {
        const own: readonly string[] = look.left(l, t);
        const kind = a.own?.find((k) => !own.includes(k));
        if (kind) return `${code(a.runs)} is still in the host’s ${code(kind)} namespace.`;
        if (a.hostname !== undefined && look.hostnameOf(l, t) !== a.hostname)
          return `Where ${code(a.runs)} is, the host name is ${code(look.hostnameOf(l, t))}.`;
        if (a.root !== undefined && !look.rootedAt(l, t, a.root)) return `${code(a.runs)} has another root than ${code(a.root)}.`;
        const is = look.confinementOf(l, t);
        if (a.uid !== undefined && is.uid !== a.uid) return `On the host, ${code(a.runs)} is user ${is.uid}.`;
        if (a.group !== undefined && t.cgroup !== a.group) return `${code(a.runs)} is in the control group ${code(t.cgroup)}.`;
        const has = a.lacks?.find((cap) => (is.effective as string[]).includes(cap));
        return has ? `${code(a.runs)} has ${code(has)}.` : null;
      };
      const said = found.map(wrong);
      return said.includes(null) ? null : (said[0] ?? null);
    },
  }),

  /** How large a container's /dev/shm may become. */
  shm: fact({
    args: strictObject({ of: text, atLeast: optional(count), atMost: optional(count) }),
    says: (a) =>
      `The shared memory of ${code(a.of)} holds ${[a.atLeast !== undefined && `at least ${a.atLeast}`, a.atMost !== undefined && `at most ${a.atMost}`].filter(Boolean).join(' and ')} bytes`,
    missing(l, a) {
      const t = running(l, a.of);
      if (typeof t === 'string') return t;
      const size = look.sharedMemory(l, t);
      return within(size ?? Infinity, a) ? null : `The shared memory of ${code(a.of)} holds ${size ?? 'any number of'} bytes.`;
    },
  }),

  /** What the first process of a container is allowed. */
  confined: fact({
    args: strictObject({
      of: text,
      has: caps,
      lacks: caps,
      /** Capabilities that it could still get: the bounding set. */
      never: caps,
      only: optional(list(z.string(), 0)),
      uid: optional(z.int()),
      root: optional(z.boolean()),
      seccomp: optional(z.boolean()),
      nnp: optional(z.boolean()),
      readonly: optional(z.boolean()),
      privileged: optional(z.boolean()),
      /** At most so many processes, so many bytes of memory. */
      pids: optional(count),
      memory: optional(count),
    }),
    says(a) {
      const parts = [
        a.has && `has ${named(a.has)}`,
        a.lacks && `does not have ${named(a.lacks)}`,
        a.never && `can never get ${named(a.never)}`,
        a.only && (a.only.length === 0 ? 'has no capability' : `has ${named(a.only)} and no other capability`),
        a.uid !== undefined && `is user ${a.uid}`,
        a.root !== undefined && (a.root ? 'is root' : 'is not root'),
        a.seccomp !== undefined && (a.seccomp ? 'has its system calls filtered' : 'has no filter on its system calls'),
        a.nnp !== undefined && (a.nnp ? 'cannot gain privileges' : 'may gain privileges by a setuid program'),
        a.readonly !== undefined && (a.readonly ? 'has a read-only root' : 'may write to its root'),
        a.privileged !== undefined && (a.privileged ? 'is privileged' : 'is not privileged'),
        a.pids !== undefined && `may have at most ${a.pids} processes`,
        a.memory !== undefined && `may take at most ${a.memory} bytes of memory`,
      ].filter(Boolean);
      return `${code(a.of)} ${parts.join(' and ')}`;
    },
    missing(l, a) {
      const t = running(l, a.of);
      if (typeof t === 'string') return t;
      const c = look.containerOf(l, a.of);
      const is = look.confinementOf(l, t);
      const [effective, bounding]: [string[], string[]] = [is.effective, is.bounding];
      const it = code(a.of);
      const lost = a.has?.find((cap) => !effective.includes(cap));
      if (lost) return `${it} does not have ${code(lost)}.`;
      const kept = a.lacks?.find((cap) => effective.includes(cap));
      if (kept) return `${it} has ${code(kept)}.`;
      const could = a.never?.find((cap) => bounding.includes(cap));
      if (could) return `${it} could still get ${code(could)}: it is in the bounding set.`;
      const more = a.only && effective.find((cap) => !a.only?.includes(cap));
      if (more) return `${it} has ${code(more)}, too${effective.length > 1 ? `, of ${effective.length} in all` : ''}.`;
      const none = a.only?.find((cap) => !effective.includes(cap));
      if (none) return `${it} does not have ${code(none)}.`;
      if (a.uid !== undefined && is.uid !== a.uid) return `${it} runs as user ${is.uid}.`;
      if (a.root !== undefined && (is.uid === 0) !== a.root) return `${it} runs as ${is.uid === 0 ? 'root' : `user ${is.uid}`}.`;
      if (a.seccomp !== undefined && is.seccomp !== a.seccomp)
        return is.seccomp ? `A filter checks every system call of ${it}.` : `No filter checks the system calls of ${it}.`;
      if (a.nnp !== undefined && is.noNewPrivs !== a.nnp)
        return is.noNewPrivs ? `${it} runs with no-new-privileges.` : `In ${it}, a setuid program still gives its owner’s rights.`;
      if (a.readonly !== undefined && is.readonly !== a.readonly)
        return `The root of ${it} ${is.readonly ? 'is read-only' : 'can be written'}.`;
      const privileged = c?.HostConfig.Privileged ?? false;
      if (a.privileged !== undefined && privileged !== a.privileged) return `${it} ${privileged ? 'is' : 'is not'} privileged.`;
      if (a.pids !== undefined && !within(is.pids ?? Infinity, { atMost: a.pids }))
        return `${it} may have ${is.pids === null ? 'as many processes as the host can' : `${is.pids} processes`}.`;
      if (a.memory !== undefined && !within(is.memory ?? Infinity, { atMost: a.memory }))
        return `${it} may take ${is.memory === null ? 'all of the host’s memory' : `${is.memory} bytes of memory`}.`;
      return null;
    },
  }),
} as const satisfies Record<string, unknown>;
