/**
 * find: a walk through trees, an expression for each name.
 *
 * The walk is a stack of names in the state, since -exec waits for children. The expression of a name is evaluated
 * again after each child; actions that were done before are not done twice, their results are kept in order.
 * Source: find(1) of findutils 4.11, BusyBox 1.38's findutils/find.c.
 * Simplified: -exec + starts one child at the end (or each 1000 names); -ok asks on standard error and takes "no".
 * Past 400 lines because the walk, the evaluation and its waiting are one machine; the parser is in find-parse.ts.
 */

import { globMatch } from '../../base/posix';
import { strftime } from '../../base/posix/date';
import { compileRegex } from '../../base/posix/regex';
import { attempt, Errno, type Outcome, type Program, type Stat } from '../../kernel';
import { usage } from '../command';
import { codeOf, spawnp, standard } from '../exec';
import { base, dir, join, quote, statOrNull } from '../io';
import { modeString } from '../mode';
import { type Names, names } from '../names';
import { type Base, baseOf, type Flavour, flush, type Io, io } from '../tool';
import { type Amount, FindError, type Node, type Plan, parseFind } from './find-parse';

interface Visit {
  path: string;
  depth: number;
  /** The starting point it is below. */
  root: string;
  dev: number | null;
  /** Its contents were visited: only the expression is left (-depth). */
  after: boolean;
}

interface State extends Base {
  plan: Plan | null;
  follow: 'never' | 'named' | 'always';
  todo: Visit[];
  /** Results of the actions of the current name so far. */
  answers: boolean[];
  child: number | null;
  /** Key of -exec … + → names collected. */
  batches: Record<number, string[]>;
  code: number;
  ending: boolean;
}

/** Thrown to leave an evaluation that has to wait for a child. */
class Waiting extends Error {}

const within = (a: Amount, n: number) => (a.sign === '+' ? n > a.n : a.sign === '-' ? n < a.n : n === a.n);

export const find = (flavour: Flavour): Program<State> => ({
  start: (exec) => ({
    ...baseOf(exec, flavour),
    plan: null,
    follow: 'never',
    todo: [],
    answers: [],
    child: null,
    batches: {},
    code: 0,
    ending: false,
  }),
  run(sys, before): Outcome<State> {
    const s: State = {
      ...before,
      queue: [...before.queue],
      todo: [...before.todo],
      answers: [...before.answers],
      batches: { ...before.batches },
    };
    const gnu = flavour === 'gnu';
    const x = io(sys, s, s.queue);
    const drain = (): Outcome<State> | null => {
      const sent = flush(sys, s.queue);
      s.queue.length = 0;
      s.queue.push(...sent.left);
      if (sent.full !== null) return { wait: { for: 'write', fd: sent.full }, state: s };
      return sent.broken ? { exit: 1 } : null;
    };
    if (s.plan === null) {
      const begun = begin(x, s);
      if (begun !== null) {
        flush(sys, s.queue);
        return { exit: begun };
      }
    }
    const plan = s.plan as Plan;
    const n = names(sys);
    for (let steps = 0; ; steps++) {
      const full = drain();
      if (full) return full;
      if (s.child !== null) {
        const end = attempt(() => sys.waitpid(s.child as number));
        if (end === null) return { wait: { for: 'child', pid: s.child }, state: s };
        const ok = !(end instanceof Errno) && codeOf(end.how) === 0;
        s.child = null;
        if (s.ending) {
          if (!ok) s.code = 1;
        } else s.answers.push(ok);
      }
      const v = s.todo.at(-1);
      if (v === undefined) {
        // -exec … +: what was collected.
        s.ending = true;
        const key = Object.keys(s.batches)
          .map(Number)
          .find((k) => (s.batches[k] as string[]).length > 0);
        if (key === undefined) return { exit: s.code };
        const child = startBatch(x, s, plan, key);
        if (child instanceof Errno) s.code = 1;
        else s.child = child;
        continue;
      }
      if (steps > 2000) return { again: true, state: s };
      const follow = s.follow === 'always' || (s.follow === 'named' && v.depth === 0);
      let st = attempt(() => (follow ? sys.stat(v.path) : sys.lstat(v.path)));
      if (st instanceof Errno && follow) st = attempt(() => sys.lstat(v.path));
      if (st instanceof Errno) {
        x.fail(gnu ? `${quote(x, v.path)}: ${st.message}` : `${v.path}: ${st.message}`);
        s.code = 1;
        s.todo.pop();
        s.answers = [];
        continue;
      }
      const isDir = st.type === 'dir';
      if (plan.depth && isDir && !v.after) {
        s.todo[s.todo.length - 1] = { ...v, after: true };
        enter(x, s, plan, v, st);
        continue;
      }
      let pruned = false;
      if (v.depth >= plan.minDepth) {
        const at = { x, s, plan, n, v, st, done: 0, pruned: false, quit: false };
        try {
          const matched = evaluate(at, plan.node);
          if (matched && plan.silent) x.out(`${v.path}\n`);
        } catch (e) {
          if (!(e instanceof Waiting)) throw e;
          const first = drain();
          if (first) return first;
          continue;
        }
        pruned = at.pruned;
        if (at.quit) s.todo = [];
      }
      s.answers = [];
      if (s.todo.length === 0) continue;
      s.todo.pop();
      if (isDir && !plan.depth && !pruned) enter(x, s, plan, v, st);
    }
  },
});

/** Reads the command line into the state; an exit status after a complaint. */
function begin(x: Io, s: State): number | null {
  const gnu = x.flavour === 'gnu';
  const args = s.argv.slice(1);
  while (args.length > 0 && /^-([HLP]|O\d|D)$/.test(args[0] as string)) {
    const flag = args.shift() as string;
    s.follow = flag === '-L' ? 'always' : flag === '-H' ? 'named' : flag === '-P' ? 'never' : s.follow;
  }
  const cut = args.findIndex((a) => (a.startsWith('-') && a.length > 1) || a === '(' || a === '!' || a === ')' || a === ',');
  const roots = cut < 0 ? args : args.slice(0, cut);
  const words = cut < 0 ? [] : args.slice(cut);
  if (gnu && words.includes('--version')) {
    x.out('find (GNU findutils) 4.11.0\n');
    return 0;
  }
  if (!gnu && words[0] === '--help') return usage(x, { options: { short: '' } }) && 0;
  if (words.includes('-follow')) s.follow = 'always';
  try {
    s.plan = parseFind(words, gnu, (t) => quote(x, t));
  } catch (e) {
    if (!(e instanceof FindError)) throw e;
    x.fail(e.message);
    if (!gnu && e.message.startsWith('unrecognized')) usage(x, { options: { short: '' } });
    return 1;
  }
  const wrong = whoIsMissing(s.plan.node, names(x.sys), x);
  if (wrong !== null) {
    x.fail(wrong);
    return 1;
  }
  s.todo = (roots.length ? roots : ['.']).map((path) => ({ path, depth: 0, root: path, dev: null, after: false })).reverse();
  return null;
}

/** Names that an expression refers to must exist before the walk begins. */
function whoIsMissing(node: Node, n: Names, x: Io): string | null {
  const gnu = x.flavour === 'gnu';
  switch (node.op) {
    case 'and':
    case 'or':
    case 'comma':
      return whoIsMissing(node.left, n, x) ?? whoIsMissing(node.right, n, x);
    case 'not':
      return whoIsMissing(node.of, n, x);
    case 'user':
      return n.user(node.who) || /^\d+$/.test(node.who)
        ? null
        : gnu
          ? `invalid user name or UID argument to -user: ${quote(x, node.who)}`
          : `unknown user ${node.who}`;
    case 'group':
      return n.group(node.who) || /^\d+$/.test(node.who)
        ? null
        : gnu
          ? `invalid group name or GID argument to -group: ${quote(x, node.who)}`
          : `unknown group ${node.who}`;
    case 'newer':
    case 'samefile': {
      const st = attempt(() => x.sys.stat(node.file));
      return st instanceof Errno ? (gnu ? `${quote(x, node.file)}: ${st.message}` : `can't stat '${node.file}': ${st.message}`) : null;
    }
    default:
      return null;
  }
}

/** Puts the contents of a directory on the stack. */
function enter(x: Io, s: State, plan: Plan, v: Visit, st: Stat): void {
  if (v.depth >= plan.maxDepth) return;
  const dev = v.dev ?? st.dev;
  if (plan.mount && st.dev !== dev) return;
  const entries = attempt(() => x.sys.readdir(v.path));
  if (entries instanceof Errno) {
    x.fail(x.flavour === 'gnu' ? `${quote(x, v.path)}: ${entries.message}` : `${v.path}: ${entries.message}`);
    s.code = 1;
    return;
  }
  const inner = entries
    .filter((e) => e.name !== '.' && e.name !== '..')
    .map((e) => ({ path: join(v.path, e.name), depth: v.depth + 1, root: v.root, dev, after: false }));
  s.todo.push(...inner.reverse());
}

interface At {
  x: Io;
  s: State;
  plan: Plan;
  n: Names;
  v: Visit;
  st: Stat;
  /** Actions met so far in this evaluation. */
  done: number;
  pruned: boolean;
  quit: boolean;
}

/** Does an action unless it was done in an earlier evaluation of this name. */
function once(at: At, act: () => boolean): boolean {
  const i = at.done++;
  const known = at.s.answers[i];
  if (known !== undefined) return known;
  const result = act();
  at.s.answers.push(result);
  return result;
}

function evaluate(at: At, node: Node): boolean {
  const { x, s, n, v, st } = at;
  const { sys } = x;
  switch (node.op) {
    case 'and':
      return evaluate(at, node.left) && evaluate(at, node.right);
    case 'or':
      return evaluate(at, node.left) || evaluate(at, node.right);
    case 'comma':
      evaluate(at, node.left);
      return evaluate(at, node.right);
    case 'not':
      return !evaluate(at, node.of);
    case 'true':
      return true;
    case 'false':
      return false;
    case 'empty':
      if (st.type === 'file') return st.size === 0;
      return st.type === 'dir' && attempt(() => sys.readdir(v.path).length === 0) === true;
    case 'nouser':
      return n.user(st.uid) === undefined;
    case 'nogroup':
      return n.group(st.gid) === undefined;
    case 'readable':
    case 'writable':
    case 'executable':
      return !(
        attempt(() =>
          sys.access(v.path, { read: node.op === 'readable', write: node.op === 'writable', exec: node.op === 'executable' }),
        ) instanceof Errno
      );
    case 'name':
      return globMatch(node.pattern, base(v.path), { icase: node.icase });
    case 'path':
      return globMatch(node.pattern, v.path, { icase: node.icase });
    case 'lname': {
      const target = st.type === 'symlink' ? attempt(() => sys.readlink(v.path)) : null;
      return typeof target === 'string' && globMatch(node.pattern, target, { icase: node.icase });
    }
    case 'regex': {
      const m = compileRegex(node.pattern, { syntax: 'bre', icase: node.icase }).exec(v.path);
      return m !== null && m[0] === 0 && m[1] === v.path.length;
    }
    case 'type':
      return node.types.includes(st.type);
    case 'xtype':
      return node.types.includes((st.type === 'symlink' ? statOrNull(sys, v.path) : st)?.type ?? 'symlink');
    case 'size':
      return within(node.amount, Math.ceil(st.size / node.unit));
    case 'age':
      return within(node.amount, Math.floor((sys.now() - st[node.of]) / node.unit));
    case 'newer': {
      const other = statOrNull(sys, node.file);
      return other !== null && st[node.of] > other[node.than];
    }
    case 'perm':
      return node.how === 'exact'
        ? st.mode === node.mode
        : node.how === 'all'
          ? (st.mode & node.mode) === node.mode
          : node.mode === 0 || (st.mode & node.mode) !== 0;
    case 'user':
      return st.uid === (n.user(node.who)?.uid ?? Number(node.who));
    case 'group':
      return st.gid === (n.group(node.who)?.gid ?? Number(node.who));
    case 'uid':
      return within(node.amount, st.uid);
    case 'gid':
      return within(node.amount, st.gid);
    case 'links':
      return within(node.amount, st.nlink);
    case 'inum':
      return within(node.amount, st.ino);
    case 'samefile': {
      const other = statOrNull(sys, node.file);
      return other !== null && other.ino === st.ino && other.dev === st.dev;
    }
    case 'print':
      return once(at, () => (x.out(v.path + node.end), true));
    case 'printf':
      return once(at, () => (x.out(fill(at, node.format)), true));
    case 'ls':
      return once(at, () => {
        const size = st.type === 'char' || st.type === 'block' ? `${st.rdev?.[0]}, ${st.rdev?.[1]}` : `${st.size}`;
        const arrow = st.type === 'symlink' ? ` -> ${String(attempt(() => sys.readlink(v.path)))}` : '';
        x.out(
          `${`${st.ino}`.padStart(9)} ${`${st.allocated / 1024}`.padStart(6)} ${modeString(st.type, st.mode)} ${`${st.nlink}`.padStart(3)} ${n.userName(st.uid).padEnd(8)} ${n.groupName(st.gid).padEnd(8)} ${size.padStart(8)} ${strftime('%b %e %H:%M', st.mtime / 1000)} ${v.path}${arrow}\n`,
        );
        return true;
      });
    case 'delete':
      return once(at, () => {
        if (v.path === '.' || (v.depth === 0 && base(v.path) === '.')) return true;
        const gone = attempt(() => (st.type === 'dir' ? sys.rmdir(v.path) : sys.unlink(v.path)));
        if (!(gone instanceof Errno)) return true;
        x.fail(x.flavour === 'gnu' ? `cannot delete ${quote(x, v.path)}: ${gone.message}` : `${v.path}: ${gone.message}`);
        s.code = 1;
        return false;
      });
    case 'prune':
      at.pruned = true;
      return true;
    case 'quit':
      at.quit = true;
      return true;
    case 'exec': {
      if (node.many) {
        return once(at, () => {
          s.batches[node.key] = [...(s.batches[node.key] ?? []), v.path];
          return true;
        });
      }
      const i = at.done++;
      const known = s.answers[i];
      if (known !== undefined) return known;
      if (node.ask) {
        x.err(`< ${node.argv[0]} ... ${v.path} > ? `);
        s.answers.push(false);
        return false;
      }
      const flushed = flush(sys, s.queue);
      s.queue.length = 0;
      s.queue.push(...flushed.left);
      const here = node.inDir ? dir(v.path) : null;
      const argv = node.argv.map((a) => a.replaceAll('{}', here === null ? v.path : `./${base(v.path)}`));
      const cwd = here === null ? null : sys.getcwd();
      if (here !== null) sys.chdir(here);
      const child = spawnp(sys, argv, s.env, standard(sys));
      if (cwd !== null) sys.chdir(cwd);
      if (child instanceof Errno) {
        x.fail(x.flavour === 'gnu' ? `${quote(x, argv[0] as string)}: ${child.message}` : `${argv[0]}: ${child.message}`);
        s.answers.push(false);
        return false;
      }
      s.child = child;
      throw new Waiting();
    }
  }
}

function startBatch(x: Io, s: State, plan: Plan, key: number): number | Errno {
  const node = batchNode(plan.node, key) as Extract<Node, { op: 'exec' }>;
  const files = s.batches[key] as string[];
  s.batches = { ...s.batches, [key]: files.slice(1000) };
  const argv = [...node.argv, ...files.slice(0, 1000)];
  const child = spawnp(x.sys, argv, s.env, standard(x.sys));
  if (child instanceof Errno)
    x.fail(x.flavour === 'gnu' ? `${quote(x, argv[0] as string)}: ${child.message}` : `${argv[0]}: ${child.message}`);
  return child;
}

function batchNode(node: Node, key: number): Node | null {
  if (node.op === 'exec') return node.key === key ? node : null;
  if (node.op === 'not') return batchNode(node.of, key);
  return node.op === 'and' || node.op === 'or' || node.op === 'comma' ? (batchNode(node.left, key) ?? batchNode(node.right, key)) : null;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  '0': '\0',
  '\\': '\\',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** find -printf. */
function fill(at: At, format: string): string {
  const { v, st, n, x } = at;
  return format.replace(
    /\\(\d{1,3}|.)|%([-#0 +]*)(\d*)(?:\.(\d+))?([ACT].|[a-zA-Z%])/gs,
    (all, escaped: string | undefined, flags: string, width: string, precision: string | undefined, letter: string) => {
      if (escaped !== undefined)
        return /^\d/.test(escaped) ? String.fromCharCode(Number.parseInt(escaped, 8) & 255) : (ESCAPES[escaped] ?? all);
      const when = { A: st.atime, C: st.ctime, T: st.mtime }[letter[0] as 'A'];
      const value = (): string => {
        if (letter.length === 2 && when !== undefined)
          return letter[1] === '@'
            ? `${Math.floor(when / 1000)}.${`${when % 1000}`.padStart(3, '0')}0000000`
            : letter[1] === '+'
              ? strftime('%Y-%m-%d+%H:%M:%S.0000000000', when / 1000)
              : strftime(`%${letter[1]}`, when / 1000);
        switch (letter) {
          case '%':
            return '%';
          case 'p':
            return v.path;
          case 'f':
            return base(v.path);
          case 'h':
            return v.path.includes('/') ? v.path.replace(/\/[^/]*\/*$/, '') || '/' : '.';
          case 'P':
            return v.path === v.root ? '' : v.path.slice(v.root.length).replace(/^\//, '');
          case 'H':
            return v.root;
          case 's':
            return `${st.size}`;
          case 'm':
            return st.mode.toString(8);
          case 'M':
            return modeString(st.type, st.mode);
          case 'u':
            return n.userName(st.uid);
          case 'g':
            return n.groupName(st.gid);
          case 'U':
            return `${st.uid}`;
          case 'G':
            return `${st.gid}`;
          case 'n':
            return `${st.nlink}`;
          case 'i':
            return `${st.ino}`;
          case 'd':
            return `${v.depth}`;
          case 'D':
            return `${st.dev}`;
          case 'b':
            return `${st.allocated / 512}`;
          case 'k':
            return `${st.allocated / 1024}`;
          case 'l':
            return st.type === 'symlink' ? String(attempt(() => x.sys.readlink(v.path))) : '';
          case 'y':
            return { file: 'f', dir: 'd', symlink: 'l', char: 'c', block: 'b', fifo: 'p', socket: 's' }[st.type];
          case 't':
            return strftime('%a %b %e %H:%M:%S.0000000000 %Y', st.mtime / 1000);
          case 'a':
            return strftime('%a %b %e %H:%M:%S.0000000000 %Y', st.atime / 1000);
          case 'c':
            return strftime('%a %b %e %H:%M:%S.0000000000 %Y', st.ctime / 1000);
          default:
            return all;
        }
      };
      const text = precision === undefined ? value() : value().slice(0, Number(precision));
      return flags.includes('-') ? text.padEnd(Number(width)) : text.padStart(Number(width), flags.includes('0') ? '0' : ' ');
    },
  );
}
