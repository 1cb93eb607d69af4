/**
 * id, whoami, groups: who a process is.
 *
 * Source: coreutils 9.10, BusyBox 1.38's coreutils/id.c.
 */

import { type Command, command, usage } from '../command';
import { quote } from '../io';
import { names } from '../names';

const idDef: Command = {
  options: {
    gnu: { short: 'agGnruzZ', long: { group: 'g', groups: 'G', name: 'n', real: 'r', user: 'u', zero: 'z', context: 'Z' } },
    busybox: { short: 'ugGnr' },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const n = names(x.sys);
    const who = o.operands[0];
    const part = o.last('u', 'g', 'G');
    if ((o.has('n') || o.has('r')) && part === undefined) {
      if (busybox) return usage(x, idDef);
      x.fail('printing only names or real IDs requires -u, -g, or -G');
      return 1;
    }
    const chosen = [...new Set(o.given.map(([k]) => k).filter((k) => 'ugG'.includes(k)))];
    if (chosen.length > 1) {
      if (busybox) return usage(x, idDef);
      x.fail('cannot print "only" of more than one choice');
      return 1;
    }
    let ids = x.sys.credentials();
    if (who !== undefined) {
      const u = n.user(who) ?? (/^\d+$/.test(who) ? n.user(Number(who)) : undefined);
      if (!u) {
        x.fail(busybox ? `unknown user ${who}` : `${quote(x, who)}: no such user`);
        return 1;
      }
      ids = { uid: u.uid, euid: u.uid, suid: u.uid, gid: u.gid, egid: u.gid, sgid: u.gid, groups: n.groupsOf(u) };
    }
    const asTheyAre = x.flavour === 'busybox' && ids.groups.includes(ids.egid);
    const groups = who === undefined && !asTheyAre ? [ids.egid, ...ids.groups.filter((g) => g !== ids.egid)] : ids.groups;
    const [uid, gid] = o.has('r') ? [ids.uid, ids.gid] : [ids.euid, ids.egid];
    const end = o.has('z') ? '\0' : '\n';
    let failed = false;
    const named = (kind: 'user' | 'group', id: number) => {
      const found = kind === 'user' ? n.user(id)?.name : n.group(id)?.name;
      if (found === undefined && o.has('n')) {
        failed = true;
        x.fail(busybox ? `unknown ID ${id}` : `cannot find name for ${kind} ID ${id}`);
      }
      return found ?? `${id}`;
    };
    const shown = (kind: 'user' | 'group', id: number) => (o.has('n') ? named(kind, id) : `${id}`);
    if (part === 'u') x.out(shown('user', uid) + end);
    else if (part === 'g') x.out(shown('group', gid) + end);
    else if (part === 'G') x.out(groups.map((g) => shown('group', g)).join(o.has('z') ? '\0' : ' ') + end);
    else {
      const both = (kind: 'user' | 'group', id: number) => {
        const name = kind === 'user' ? n.user(id)?.name : n.group(id)?.name;
        return name === undefined ? `${id}` : `${id}(${name})`;
      };
      const effective =
        (ids.euid !== ids.uid ? ` euid=${both('user', ids.euid)}` : '') + (ids.egid !== ids.gid ? ` egid=${both('group', ids.egid)}` : '');
      x.out(
        `uid=${both('user', ids.uid)} gid=${both('group', ids.gid)}${effective} groups=${groups.map((g) => both('group', g)).join(',')}\n`,
      );
    }
    return failed ? 1 : 0;
  },
};
export const id = command(idDef);

export const whoami = command({
  options: { short: '' },
  main(x) {
    const { euid } = x.sys.credentials();
    const u = names(x.sys).user(euid);
    if (u) {
      x.out(`${u.name}\n`);
      return 0;
    }
    x.fail(x.flavour === 'busybox' ? `unknown uid ${euid}` : `cannot find name for user ID ${euid}`);
    return 1;
  },
});

export const groups = command({
  options: { short: '' },
  main(x, o) {
    const n = names(x.sys);
    const c = x.sys.credentials();
    if (o.operands.length === 0) {
      x.out(`${[c.egid, ...c.groups.filter((g) => g !== c.egid)].map((g) => n.groupName(g)).join(' ')}\n`);
      return 0;
    }
    let failed = false;
    for (const who of x.flavour === 'busybox' ? o.operands.slice(0, 1) : o.operands) {
      const u = n.user(who);
      if (!u) {
        failed = true;
        x.fail(x.flavour === 'busybox' ? `unknown user ${who}` : `${quote(x, who)}: no such user`);
      } else
        x.out(
          `${x.flavour === 'busybox' ? '' : `${who} : `}${n
            .groupsOf(u)
            .map((g) => n.groupName(g))
            .join(' ')}\n`,
        );
    }
    return failed ? 1 : 0;
  },
});
