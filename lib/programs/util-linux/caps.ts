/**
 * capsh, getpcaps, getcap, setcap (libcap 2.75) and setpriv (util-linux 2.42): capabilities shown, given and taken.
 *
 * Simplified: capsh prints, decodes, drops and runs a shell; text forms are those that cap_to_text(3) gives for Docker's sets.
 */

import {
  ALL_CAPS,
  attempt,
  CAPS,
  type Cap,
  capNames,
  capSet,
  decodeFileCaps,
  Errno,
  encodeFileCaps,
  FILE_CAPS,
  type Sys,
} from '../../kernel';
import { direct } from '../coreutils/run';
import { execvp } from '../exec';
import { slurpOrEmpty } from '../io';
import { names } from '../names';
import { type Flavour, type Io, tool } from '../tool';

const low = (caps: readonly Cap[]) => caps.map((c) => c.toLowerCase()).join(',');
const listed = (set: number) => low(capNames(set));

interface Sets {
  inheritable: number;
  permitted: number;
  effective: number;
  bounding: number;
  ambient: number;
  noNewPrivs: boolean;
}

/** The sets of a process out of /proc/PID/status. */
function setsOf(sys: Sys, pid: string): Sets | null {
  const text = slurpOrEmpty(sys, `/proc/${pid}/status`);
  const hex = (name: string) => Number.parseInt(new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(text)?.[1] ?? '', 16);
  if (Number.isNaN(hex('CapPrm'))) return null;
  return {
    inheritable: hex('CapInh'),
    permitted: hex('CapPrm'),
    effective: hex('CapEff'),
    bounding: hex('CapBnd'),
    ambient: hex('CapAmb'),
    noNewPrivs: /^NoNewPrivs:\s*1/m.test(text),
  };
}

/** cap_to_text(3): the most common combination of flags first, then what differs. */
function toText(s: Pick<Sets, 'inheritable' | 'permitted' | 'effective'>): string {
  const flags = (c: Cap) => {
    const has = (set: number) => capNames(set).includes(c);
    return `${has(s.effective) ? 'e' : ''}${has(s.inheritable) ? 'i' : ''}${has(s.permitted) ? 'p' : ''}`;
  };
  const groups = new Map<string, Cap[]>();
  for (const c of CAPS) groups.set(flags(c), [...(groups.get(flags(c)) ?? []), c]);
  const [common] = [...groups].sort((a, b) => b[1].length - a[1].length)[0] as [string, Cap[]];
  const parts = [common === '' ? '' : `=${common}`];
  for (const [f, caps] of groups) {
    if (f === common) continue;
    const [plus, minus] = [[...f].filter((x) => !common.includes(x)).join(''), [...common].filter((x) => !f.includes(x)).join('')];
    parts.push(common === '' ? `${low(caps)}=${f}` : `${low(caps)}${plus ? `+${plus}` : ''}${minus ? `-${minus}` : ''}`);
  }
  return parts.filter(Boolean).join(' ') || '=';
}

const capOf = (text: string): Cap | null => {
  const name = text.toUpperCase();
  const full = name.startsWith('CAP_') ? name : `CAP_${name}`;
  return (CAPS as readonly string[]).includes(full) ? (full as Cap) : null;
};

function print(x: Io) {
  const s = setsOf(x.sys, 'self');
  if (!s) return;
  const { uid, euid, gid, groups } = x.sys.credentials();
  const n = names(x.sys);
  const user = (id: number) => `${id}(${n.userName(id) ?? '???'})`;
  const group = (id: number) => `${id}(${n.groupName(id) ?? '???'})`;
  const dropped = capNames(ALL_CAPS).filter((c) => !capNames(s.bounding).includes(c));
  x.out(`Current: ${toText(s)}\nBounding set =${listed(s.bounding)}\nAmbient set =${listed(s.ambient)}\n`);
  x.out(`Current IAB: ${dropped.map((c) => `!${c.toLowerCase()}`).join(',')}\n`);
  x.out(`Securebits: 00/0x0/1'b0 (no-new-privs=${s.noNewPrivs ? 1 : 0})\n`);
  for (const bit of ['noroot', 'no-suid-fixup', 'keep-caps', 'no-ambient-raise']) x.out(` secure-${bit}: no (unlocked)\n`);
  x.out(`uid=${user(uid)} euid=${user(euid)}\ngid=${group(gid)}\ngroups=${groups.map(group).join(',')}\n`);
  x.out(`Guessed mode: ${s.inheritable === 0 && s.ambient === 0 ? 'HYBRID (4)' : 'UNCERTAIN (0)'}\n`);
}

export const capsh = (flavour: Flavour) => ({
  start: (exec: { argv: string[]; env: Record<string, string> }) => ({ argv: exec.argv, env: exec.env }),
  run(sys: Sys, s: { argv: string[]; env: Record<string, string> }) {
    const x = direct(sys, s.argv, s.env, flavour);
    for (let i = 1; i < s.argv.length; i++) {
      const w = s.argv[i] as string;
      const value = w.slice(w.indexOf('=') + 1);
      if (w === '--print') print(x);
      else if (w.startsWith('--decode=')) {
        const set = Number.parseInt(value, 16);
        x.out(`0x${set.toString(16).padStart(16, '0')}=${listed(set)}\n`);
      } else if (w.startsWith('--drop=')) {
        const caps = value.split(',').map(capOf);
        const sets = setsOf(sys, 'self');
        const bad = value.split(',').find((n) => !capOf(n));
        if (bad !== undefined) return x.err(`cap[${bad}] not recognized by library\n`), { exit: 1 };
        const keep = capSet(capNames(sets?.bounding ?? 0).filter((c) => !caps.includes(c)));
        const done = attempt(() => sys.capset({ ...(sets as Sets), bounding: keep }));
        if (done instanceof Errno) return x.err(`failed to drop [${low(caps as Cap[])}=${CAPS.indexOf(caps[0] as Cap)}]\n`), { exit: 1 };
      } else if (w.startsWith('--user=') || w.startsWith('--uid=')) {
        const user = names(sys).user(value);
        const done = attempt(() => {
          if (user) sys.setgroups(names(sys).groupsOf(user)), sys.setgid(user.gid);
          sys.setuid(user?.uid ?? Number(value));
        });
        if (done instanceof Errno) return x.err(`Failed to set uid=${value}: ${done.message}\n`), { exit: 1 };
      } else if (w.startsWith('--has-p=')) {
        const cap = capOf(value);
        if (!cap || !capNames(setsOf(sys, 'self')?.permitted ?? 0).includes(cap))
          return x.err(`cap[${value}] not permitted\n`), { exit: 1 };
      } else if (w === '--' || w === '-+' || w === '==') {
        const done = execvp(sys, ['/bin/bash', ...s.argv.slice(i + 1)], s.env);
        if (!(done instanceof Errno)) return done;
        return x.err(`execve '/bin/bash' failed!\n`), { exit: 1 };
      } else return x.err(`drydock: capsh ${w} is not modelled\n`), { exit: 1 };
    }
    return { exit: 0 };
  },
});

export const getpcaps = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        let status = 0;
        for (const pid of x.argv.slice(1).filter((w) => !w.startsWith('-'))) {
          const s = setsOf(x.sys, pid);
          if (s) x.out(`${pid}: ${toText(s)}\n`);
          else {
            x.err(`Failed to get cap's for process ${pid}: (No such process)\n`);
            status = 1;
          }
        }
        return status;
      },
    },
    flavour,
  );

export const getcap = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const recursive = x.argv.includes('-r');
        const show = (path: string) => {
          const bytes = attempt(() => x.sys.getxattr(path, FILE_CAPS));
          const caps = typeof bytes === 'string' ? decodeFileCaps(bytes) : undefined;
          if (caps)
            x.out(
              `${path} ${toText({ permitted: caps.permitted, inheritable: caps.inheritable, effective: caps.effective ? caps.permitted : 0 })}\n`,
            );
        };
        const walk = (path: string) => {
          const st = attempt(() => x.sys.lstat(path));
          if (st instanceof Errno) return void x.err(`${path} (${st.message})\n`);
          if (st.type === 'file') show(path);
          if (st.type !== 'dir' || !recursive) return;
          const names = attempt(() => x.sys.readdir(path));
          if (!(names instanceof Errno)) for (const e of names) walk(`${path === '/' ? '' : path}/${e.name}`);
        };
        for (const path of x.argv.slice(1).filter((w) => !w.startsWith('-'))) walk(path);
        return 0;
      },
    },
    flavour,
  );

/** "cap_net_raw,cap_net_admin=ep", "cap_net_raw+ep". */
function fromText(text: string): { permitted: number; inheritable: number; effective: boolean } | null {
  const m = /^([a-z_,]*)[=+]([eip]*)$/i.exec(text);
  if (!m) return null;
  const caps = (m[1] ?? '').split(',').filter(Boolean).map(capOf);
  if (caps.includes(null)) return null;
  const set = m[1] === '' || m[1] === 'all' ? ALL_CAPS : capSet(caps as Cap[]);
  const has = (f: string) => (m[2] as string).includes(f);
  return { permitted: has('p') ? set : 0, inheritable: has('i') ? set : 0, effective: has('e') };
}

export const setcap = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const words = x.argv.slice(1).filter((w) => w !== '-q' && w !== '-v');
        for (let i = 0; i + 1 < words.length; i += 2) {
          const [text, path] = [words[i] as string, words[i + 1] as string];
          if (text === '-r') {
            const done = attempt(() => x.sys.setxattr(path, FILE_CAPS, ''));
            if (done instanceof Errno) return x.err(`Failed to remove capabilities on file '${path}': ${done.message}\n`), 1;
            continue;
          }
          const caps = fromText(text);
          if (!caps)
            return (
              x.err(
                `fatal error: Invalid argument\nusage: setcap [--license] [-f] [-h] [-n <rootid>] [-q] [-v] (-r|-|<caps>) <filename>\n`,
              ),
              1
            );
          const done = attempt(() => {
            x.sys.setxattr(path, FILE_CAPS, encodeFileCaps(caps));
          });
          if (done instanceof Errno) return x.err(`Failed to set capabilities on file '${path}': ${done.message}\n`), 1;
        }
        return 0;
      },
    },
    flavour,
  );

/** What is in both sets. */
const meet = (a: number, b: number) => capSet(capNames(a).filter((c) => capNames(b).includes(c)));

/** Ambient capabilities outlive the change of the user by PR_SET_KEEPCAPS. */
function becomeUser(sys: Sys, uid: number, keep: boolean) {
  if (keep) sys.prctl({ keepCaps: true });
  sys.setuid(uid);
}

export const setpriv = (flavour: Flavour) => ({
  start: (exec: { argv: string[]; env: Record<string, string> }) => ({ argv: exec.argv, env: exec.env }),
  run(sys: Sys, s: { argv: string[]; env: Record<string, string> }) {
    const x = direct(sys, s.argv, s.env, flavour);
    const o: Record<string, string> = {};
    let i = 1;
    for (; i < s.argv.length && (s.argv[i] as string).startsWith('-'); i++) {
      const w = s.argv[i] as string;
      if (w === '--') {
        i++;
        break;
      }
      const [name = '', given] = w.replace(/^--/, '').split(/=(.*)/s);
      if (
        ['reuid', 'regid', 'ruid', 'euid', 'rgid', 'egid', 'groups', 'bounding-set', 'inh-caps', 'ambient-caps', 'securebits'].includes(
          name,
        )
      )
        o[name] = given ?? (s.argv[++i] as string);
      else if (['clear-groups', 'keep-groups', 'init-groups', 'no-new-privs', 'nnp', 'dump', 'reset-env'].includes(name) || w === '-d')
        o[w === '-d' ? 'dump' : name] = '1';
      else return x.err(`${x.name}: unrecognized option '${w}'\nTry '${x.name} --help' for more information.\n`), { exit: 1 };
    }
    if (o.dump) return dump(x), { exit: 0 };
    const sets = setsOf(sys, 'self') as Sets;
    const change = (text: string, from: number): number => {
      let set = from;
      for (const word of text.split(',').filter(Boolean)) {
        const on = word.startsWith('+');
        const caps = word.slice(1) === 'all' ? [...CAPS] : ([capOf(word.slice(1))] as (Cap | null)[]).filter((c): c is Cap => c !== null);
        set = on ? capSet([...capNames(set), ...caps]) : capSet(capNames(set).filter((c) => !caps.includes(c)));
      }
      return set;
    };
    const n = names(sys);
    const uid = o.reuid ?? o.ruid ?? o.euid;
    const gid = o.regid ?? o.rgid ?? o.egid;
    const user = uid === undefined ? undefined : n.user(uid);
    const steps: [string, () => void][] = [
      ['setgroups failed', () => o['clear-groups'] && sys.setgroups([])],
      ['initgroups failed', () => o['init-groups'] && user && sys.setgroups(n.groupsOf(user))],
      ['setgroups failed', () => o.groups && sys.setgroups(o.groups.split(',').map(Number))],
      ['setresgid failed', () => gid !== undefined && sys.setgid(n.group(gid)?.gid ?? Number(gid))],
      ['apply bounding set', () => o['bounding-set'] && sys.capset({ ...sets, bounding: change(o['bounding-set'], sets.bounding) })],
      ['setresuid failed', () => uid !== undefined && becomeUser(sys, user?.uid ?? Number(uid), o['ambient-caps'] !== undefined)],
      [
        'apply capabilities',
        () => {
          if (o['inh-caps'] === undefined && o['ambient-caps'] === undefined) return;
          const now = setsOf(sys, 'self') as Sets;
          const inheritable = change(o['inh-caps'] ?? '', now.inheritable);
          sys.capset({ ...now, inheritable, ambient: meet(change(o['ambient-caps'] ?? '', now.ambient), inheritable) });
        },
      ],
      ['disallow granting new privileges failed', () => (o['no-new-privs'] || o.nnp) && sys.prctl({ noNewPrivs: true })],
    ];
    for (const [text, step] of steps) {
      const done = attempt(step);
      if (done instanceof Errno) return x.fail(`${text}: ${done.message}`), { exit: 127 };
    }
    const argv = s.argv.slice(i);
    if (argv.length === 0) return x.fail('No program specified'), { exit: 1 };
    const done = execvp(sys, argv, s.env);
    if (!(done instanceof Errno)) return done;
    x.fail(`failed to execute ${argv[0]}: ${done.message}`);
    return { exit: done.code === 'ENOENT' ? 127 : 126 };
  },
});

function dump(x: Io) {
  const s = setsOf(x.sys, 'self') as Sets;
  const { uid, euid, gid, egid, groups } = x.sys.credentials();
  const short = (set: number) => (set === 0 ? '[none]' : listed(set).replaceAll('cap_', ''));
  x.out(
    `uid: ${uid}\neuid: ${euid}\ngid: ${gid}\negid: ${egid}\nSupplementary groups: ${groups.length ? groups.join(',') : '[none]'}\nno_new_privs: ${s.noNewPrivs ? 1 : 0}\n`,
  );
  x.out(
    `Inheritable capabilities: ${short(s.inheritable)}\nAmbient capabilities: ${short(s.ambient)}\nCapability bounding set: ${short(s.bounding)}\nSecurebits: [none]\nParent death signal: [none]\n`,
  );
}
