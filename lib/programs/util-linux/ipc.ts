/**
 * ipcs, ipcmk and ipcrm: System V IPC of the namespace that they run in. util-linux 2.42, sys-utils/ipcs.c, ipcmk.c, ipcrm.c.
 *
 * Simplified: nobody attaches, sends or waits, so such times are never set; ipcrm -a removes no POSIX queues.
 */

import { strftime } from '../../base/posix';
import { attempt, Errno, type IpcKind, type IpcObject } from '../../kernel';
import { command, usage } from '../command';
import { slurpOrEmpty } from '../io';
import { names } from '../names';
import type { Io } from '../tool';

const hex = (key: number) => `0x${(key >>> 0).toString(16).padStart(8, '0')}`;
const TITLES: Readonly<Record<IpcKind, string>> = { msg: 'Message Queues', shm: 'Shared Memory Segments', sem: 'Semaphore Arrays' };
const ID: Readonly<Record<IpcKind, string>> = { msg: 'msqid', shm: 'shmid', sem: 'semid' };
const LAST: Readonly<Record<IpcKind, (o: IpcObject | null) => string>> = {
  msg: (o) => (o ? `${'0'.padEnd(12)} ${'0'.padEnd(12)}` : `${'used-bytes'.padEnd(12)} ${'messages'.padEnd(12)}`),
  shm: (o) =>
    o
      ? `${`${o.size}`.padEnd(10)} ${'0'.padEnd(10)} ${''.padEnd(6)} ${''.padEnd(4)} `
      : `${'bytes'.padEnd(10)} ${'nattch'.padEnd(10)} ${'status'.padEnd(12)}`,
  sem: (o) => (o ? `${o.size}`.padEnd(10) : 'nsems'.padEnd(10)),
};

function table(x: Io, kind: IpcKind): string {
  const known = names(x.sys);
  const head = `${'key'.padEnd(10)} ${ID[kind].padEnd(10)} ${'owner'.padEnd(10)} ${'perms'.padEnd(10)} ${LAST[kind](null)}\n`;
  const rows = x.sys.ipcList(kind).map((o) => {
    const owner = known.userName(o.uid) ?? `${o.uid}`;
    return `${hex(o.key).padEnd(10)} ${`${o.id}`.padEnd(10)} ${owner.padEnd(10)} ${o.mode.toString(8).padEnd(10)} ${LAST[kind](o)}\n`;
  });
  return `\n------ ${TITLES[kind]} --------\n${head}${rows.join('')}`;
}

const limit = (x: Io, name: string) => slurpOrEmpty(x.sys, `/proc/sys/kernel/${name}`).trim();

function limits(x: Io, kind: IpcKind): string {
  if (kind === 'msg')
    return `\n------ Messages Limits --------\nmax queues system wide = ${limit(x, 'msgmni')}\nmax size of message (bytes) = ${limit(x, 'msgmax')}\ndefault max size of queue (bytes) = ${limit(x, 'msgmnb')}\n`;
  if (kind === 'shm') {
    const all = BigInt(limit(x, 'shmall')) * 4096n;
    const total = all > 2n ** 64n - 1n ? 18446744073709551612n : all / 1024n;
    return `\n------ Shared Memory Limits --------\nmax number of segments = ${limit(x, 'shmmni')}\nmax seg size (kbytes) = ${BigInt(limit(x, 'shmmax')) / 1024n}\nmax total shared memory (kbytes) = ${total}\nmin seg size (bytes) = 1\n`;
  }
  const [perArray, all, ops, arrays] = limit(x, 'sem').split('\t');
  return `\n------ Semaphore Limits --------\nmax number of arrays = ${arrays}\nmax semaphores per array = ${perArray}\nmax semaphores system wide = ${all}\nmax ops per semop call = ${ops}\nsemaphore max value = 32767\n`;
}

function status(x: Io, kind: IpcKind): string {
  const all = x.sys.ipcList(kind);
  const sum = all.reduce((n, o) => n + o.size, 0);
  if (kind === 'msg')
    return `\n------ Messages Status --------\nallocated queues = ${all.length}\nused headers = 0\nused space = 0 bytes\n`;
  if (kind === 'sem') return `\n------ Semaphore Status --------\nused arrays = ${all.length}\nallocated semaphores = ${sum}\n`;
  const pages = all.reduce((n, o) => n + Math.ceil(o.size / 4096), 0);
  return `\n------ Shared Memory Status --------\nsegments allocated ${all.length}\npages allocated ${pages}\npages resident  0\npages swapped   0\nSwap performance: 0 attempts\t 0 successes\n`;
}

// ——— times, processes, makers

const NEVER = 'Not set';
/** ctime(3), and the same without the day of the week and the year. */
const long = (ms: number) => strftime('%a %b %e %H:%M:%S %Y', ms / 1000);
const short = (ms: number) => strftime('%b %e %H:%M:%S', ms / 1000);
const cells = (widths: readonly number[], row: readonly string[]) => `${row.map((c, i) => c.padEnd(widths[i] ?? 0)).join(' ')}\n`;

/** A table of its own for each kind: title, widths and heads of the columns, and a row of an object. */
interface View {
  title: Readonly<Record<IpcKind, string>>;
  heads: Readonly<Record<IpcKind, string>>;
  row(kind: IpcKind, o: IpcObject, owner: string): string;
}

const TIMES: View = {
  title: {
    msg: 'Message Queues Send/Recv/Change Times',
    shm: 'Shared Memory Attach/Detach/Change Times',
    sem: 'Semaphore Operation/Change Times',
  },
  heads: {
    msg: cells([8, 10, 20, 20, 20], ['msqid', 'owner', 'send', 'recv', 'change']),
    shm: cells([10, 10, 20, 20, 20], ['shmid', 'owner', 'attached', 'detached', 'changed']),
    sem: cells([8, 10, 26, 26], ['semid', 'owner', 'last-op', 'last-changed']),
  },
  row: (kind, o, owner) =>
    kind === 'sem'
      ? cells([8, 10, 26, 26], [`${o.id}`, owner, ` ${NEVER}`, ` ${long(o.changed)}`])
      : cells([kind === 'msg' ? 8 : 10, 10, 20, 20, 20], [`${o.id}`, owner, NEVER, NEVER, short(o.changed)]),
};
const PIDS: View = {
  title: { msg: 'Message Queues PIDs', shm: 'Shared Memory Creator/Last-op PIDs', sem: '' },
  heads: {
    msg: cells([10, 10, 10, 10], ['msqid', 'owner', 'lspid', 'lrpid']),
    shm: cells([10, 10, 10, 10], ['shmid', 'owner', 'cpid', 'lpid']),
    sem: '',
  },
  row: (kind, o, owner) =>
    kind === 'msg'
      ? `${`${o.id}`.padEnd(8)} ${owner.padEnd(10)} ${'0'.padStart(7)} ${'0'.padStart(9)}\n`
      : cells([10, 10, 10, 10], [`${o.id}`, owner, `${o.cpid}`, '0']),
};
const MAKERS: View = {
  title: { msg: 'Message Queues Creators/Owners', shm: 'Shared Memory Segment Creators/Owners', sem: 'Semaphore Arrays Creators/Owners' },
  heads: Object.fromEntries(
    Object.entries(ID).map(([kind, id]) => [kind, cells([10, 10, 10, 10, 10, 10], [id, 'perms', 'cuid', 'cgid', 'uid', 'gid'])]),
  ) as Record<IpcKind, string>,
  row: () => '',
};

function viewed(view: View): (x: Io, kind: IpcKind) => string {
  return (x, kind) => {
    if (view.title[kind] === '') return '';
    const known = names(x.sys);
    const user = (id: number) => known.userName(id) ?? `${id}`;
    const group = (id: number) => known.groupName(id) ?? `${id}`;
    const rows = x.sys
      .ipcList(kind)
      .map((o) =>
        view === MAKERS
          ? cells([10, 10, 10, 10, 10, 10], [`${o.id}`, o.mode.toString(8), user(o.cuid), group(o.cgid), user(o.uid), group(o.gid)])
          : view.row(kind, o, user(o.uid)),
      );
    return `\n------ ${view.title[kind]} --------\n${view.heads[kind]}${rows.join('')}`;
  };
}

/** All of one object: -i. */
function details(kind: IpcKind, o: IpcObject): string {
  const mode = `0${o.mode.toString(8)}`;
  const never = NEVER.padEnd(26);
  if (kind === 'shm')
    return `\nShared memory Segment shmid=${o.id}\nuid=${o.uid}\tgid=${o.gid}\tcuid=${o.cuid}\tcgid=${o.cgid}\nmode=${mode}\taccess_perms=${mode}\nbytes=${o.size}\tlpid=0\tcpid=${o.cpid}\tnattch=0\natt_time=${never}\ndet_time=${never}\nchange_time=${long(o.changed).padEnd(26)}\n\n`;
  if (kind === 'msg')
    return `\nMessage Queue msqid=${o.id}\nuid=${o.uid}\tgid=${o.gid}\tcuid=${o.cuid}\tcgid=${o.cgid}\tmode=${mode}\ncbytes=0\tqbytes=16384\tqnum=0\tlspid=0\tlrpid=0\nsend_time=${never}\nrcv_time=${never}\nchange_time=${long(o.changed).padEnd(26)}\n\n`;
  const each = Array.from({ length: o.size }, (_, i) => cells([10, 10, 10, 10, 10], [`${i}`, '0', '0', '0', '0'])).join('');
  return `\nSemaphore Array semid=${o.id}\nuid=${o.uid}\t gid=${o.gid}\t cuid=${o.cuid}\t cgid=${o.cgid}\nmode=${mode}, access_perms=${mode}\nnsems = ${o.size}\notime = ${never}\nctime = ${long(o.changed).padEnd(26)}\n${cells([10, 10, 10, 10, 10], ['semnum', 'value', 'ncount', 'zcount', 'pid'])}${each}\n`;
}

const KINDS = [
  ['q', 'msg'],
  ['m', 'shm'],
  ['s', 'sem'],
] as const;

export const ipcs = command({
  options: {
    short: 'aqmstpculi:',
    long: { all: 'a', queues: 'q', shmems: 'm', semaphores: 's', limits: 'l', summary: 'u', time: 't', pid: 'p', creator: 'c', id: 'i:' },
  },
  package: 'util-linux',
  main(x, o) {
    const asked = KINDS.filter(([key]) => o.has(key));
    if (o.has('i')) {
      const [one, ...more] = asked;
      if (!one || more.length > 0) return x.fail('when using an ID, a single resource must be specified'), 1;
      const found = x.sys.ipcList(one[1]).find((object) => `${object.id}` === o.value('i'));
      if (found) x.out(details(one[1], found));
      else x.fail(`id ${o.value('i')} not found`);
      return 0;
    }
    const show = o.has('l')
      ? limits
      : o.has('u')
        ? status
        : o.has('t')
          ? viewed(TIMES)
          : o.has('p')
            ? viewed(PIDS)
            : o.has('c')
              ? viewed(MAKERS)
              : table;
    const kinds = asked.length > 0 && !o.has('a') ? asked : KINDS;
    for (const [, kind] of kinds) x.out(show(x, kind));
    // Semaphores have no processes to tell of: a line stands for them all the same.
    x.out(o.has('p') && kinds.some(([key]) => key === 's') ? '\n\n' : '\n');
    return 0;
  },
});

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

export const ipcmk = command({
  options: { short: 'M:QS:p:', long: { shmem: 'M:', queue: 'Q', semaphore: 'S:', mode: 'p:' } },
  package: 'util-linux',
  main(x, o) {
    if (!o.has('M', 'Q', 'S')) return usage(x, { options: { short: '' } }, 'bad usage');
    const mode = Number.parseInt(o.value('p') ?? '644', 8);
    const key = () => Math.floor(x.sys.random() * 2 ** 32) | 0;
    const make = (kind: IpcKind, size: number, what: string): number => {
      const id = attempt(() => x.sys.ipcGet(kind, { key: key(), size, mode }));
      if (id instanceof Errno)
        return x.fail(`create ${what === 'Shared memory' ? 'share memory' : what.toLowerCase()} failed: ${id.message}`), 1;
      x.out(`${what} id: ${id}\n`);
      return 0;
    };
    if (o.has('M')) {
      const text = o.value('M') as string;
      const m = /^(\d+)([kmg]?)(?:ib)?$/i.exec(text);
      if (!m) return x.fail(`failed to parse size: '${text}': Invalid argument`), 1;
      const done = make('shm', Number(m[1]) * (UNITS[(m[2] as string).toLowerCase()] as number), 'Shared memory');
      if (done) return done;
    }
    if (o.has('Q') && make('msg', 0, 'Message queue')) return 1;
    return o.has('S') ? make('sem', Number(o.value('S')), 'Semaphore') : 0;
  },
});

export const ipcrm = command({
  options: {
    short: 'm:q:s:a::',
    long: { 'shmem-id': 'm:', 'queue-id': 'q:', 'semaphore-id': 's:', all: 'a::' },
  },
  package: 'util-linux',
  main(x, o) {
    if (o.given.length === 0) return usage(x, { options: { short: '' } }, 'bad usage');
    let code = 0;
    const remove = (kind: IpcKind, id: string) => {
      const done = attempt(() => x.sys.ipcRemove(kind, Number(id)));
      if (!(done instanceof Errno)) return;
      x.fail(done.code === 'EINVAL' ? `invalid id (${id})` : `permission denied for id (${id})`);
      code = 1;
    };
    for (const [key, value] of o.given) {
      if (key === 'a')
        for (const kind of (['shm', 'sem', 'msg'] as const).filter((one) => !value || one === value))
          for (const one of [...x.sys.ipcList(kind)]) remove(kind, `${one.id}`);
      else remove(({ m: 'shm', q: 'msg', s: 'sem' } as const)[key as 'm' | 'q' | 's'], value);
    }
    return code;
  },
});
