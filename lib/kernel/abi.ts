/**
 * The calls of `Sys` as they cross into a Linux kernel on x86-64: name, arguments, and what is filled in on the way back. What a
 * tracer prints. Section 2 of the manual; the shape of the text is strace 7.2's.
 *
 * One call of `Sys` is one system call or a few that belong together (readdir: openat, getdents64, close).
 * Simplified: addresses are made up, one for each process. mount(8)'s calls are shown as mount(2), not as fsopen(2) and its kin.
 * Past 400 lines because it is one table.
 */

import { CAPS, type Cap, capNames, hasCap } from './cred';
import type { Code } from './errno';
import type { Kernel } from './kernel';
import { pathOf } from './namei';
import type { Endpoint, Socket } from './net/types';
import { type Arg, address } from './ptrace';
import { signalName } from './signal';
import type { NsKind, Task } from './state';
import type { ChildStatus, OpenFlags, Stat, Sys } from './sys';
import { cloneFlags } from './told';

/** A call that cannot fail where it stands. */
export interface Side {
  name: string;
  args: readonly Arg[];
  result: string;
  /** The result is a descriptor. */
  fd?: true;
}
/** A call: what goes in, what comes back. `R` is what the method of Sys gives. */
export interface Shape<R = unknown> {
  name: string;
  args: readonly Arg[];
  /** Arguments that the kernel fills in. */
  rest?: (result: R) => readonly Arg[];
  /** The same when it was refused: addresses of what was not filled in. */
  unfilled?: readonly Arg[];
  /** What it gives; a number or 0 unless said. */
  gives?: (result: R) => string;
  fd?: true;
  /** A result that is a refusal. */
  refusal?: (result: R) => Code | null;
  /** It may wait: what it gives when it does not. */
  waits?: string;
  before?: readonly Side[];
  after?: (result: R) => readonly Side[];
}

const MODE = {
  file: 'S_IFREG',
  dir: 'S_IFDIR',
  symlink: 'S_IFLNK',
  char: 'S_IFCHR',
  block: 'S_IFBLK',
  fifo: 'S_IFIFO',
  socket: 'S_IFSOCK',
};
const octal = (mode: number) => `0${mode.toString(8)}`.padStart(3, '0');
const modeText = (s: Stat) =>
  [MODE[s.type], s.mode & 0o4000 && 'S_ISUID', s.mode & 0o2000 && 'S_ISGID', s.mode & 0o1000 && 'S_ISVTX', octal(s.mode & 0o777)]
    .filter(Boolean)
    .join('|');
const statText = (s: Stat) =>
  s.rdev
    ? `{st_mode=${modeText(s)}, st_rdev=makedev(0x${s.rdev[0].toString(16)}, 0x${s.rdev[1].toString(16)}), ...}`
    : `{st_mode=${modeText(s)}, st_size=${s.size}, ...}`;

const openFlags = (f: OpenFlags) =>
  [
    f.read && f.write ? 'O_RDWR' : f.write ? 'O_WRONLY' : 'O_RDONLY',
    f.create && 'O_CREAT',
    f.excl && 'O_EXCL',
    f.trunc && 'O_TRUNC',
    f.append && 'O_APPEND',
    f.nonblock && 'O_NONBLOCK',
    f.nofollow && 'O_NOFOLLOW',
    f.cloexec && 'O_CLOEXEC',
    f.directory && 'O_DIRECTORY',
  ]
    .filter(Boolean)
    .join('|');

const flags = (...names: (string | false | undefined)[]) => names.filter(Boolean).join('|') || '0';

const MOUNT_FLAGS: Readonly<Record<string, string>> = {
  ro: 'MS_RDONLY',
  nosuid: 'MS_NOSUID',
  nodev: 'MS_NODEV',
  noexec: 'MS_NOEXEC',
  remount: 'MS_REMOUNT',
  bind: 'MS_BIND',
  rbind: 'MS_BIND|MS_REC',
  private: 'MS_PRIVATE',
  rprivate: 'MS_REC|MS_PRIVATE',
  slave: 'MS_SLAVE',
  rslave: 'MS_REC|MS_SLAVE',
  shared: 'MS_SHARED',
  rshared: 'MS_REC|MS_SHARED',
  unbindable: 'MS_UNBINDABLE',
  runbindable: 'MS_REC|MS_UNBINDABLE',
};
const WORDS = new Set([...Object.keys(MOUNT_FLAGS), 'rw', 'suid', 'dev', 'exec', 'defaults']);

const waitStatus = (how: ChildStatus['how']) =>
  'exited' in how
    ? `[{WIFEXITED(s) && WEXITSTATUS(s) == ${how.exited}}]`
    : 'signaled' in how
      ? `[{WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(how.signaled)}${how.core ? ' && WCOREDUMP(s)' : ''}}]`
      : `[{WIFSTOPPED(s) && WSTOPSIG(s) == ${signalName(how.stopped)}}]`;

const capText = (set: number) =>
  capNames(set)
    .map((c) => `1<<${c}`)
    .join('|') || '0';

const octets = (ip: string) => (ip.includes(':') ? `inet_pton(AF_INET6, "${ip}", &sin6_addr)` : `inet_addr("${ip}")`);
const sockaddr = (ip: string, port: number) =>
  ip.includes(':')
    ? `{sa_family=AF_INET6, sin6_port=htons(${port}), sin6_flowinfo=htonl(0), ${octets(ip)}, sin6_scope_id=0}`
    : `{sa_family=AF_INET, sin_port=htons(${port}), sin_addr=${octets(ip)}}`;
const endpoint = (e: Endpoint) => sockaddr(e.ip, e.port);
const SOCKET: Readonly<Record<Socket['proto'], readonly [type: string, protocol: string]>> = {
  packet: ['SOCK_RAW', 'htons(ETH_P_ALL)'],
  tcp: ['SOCK_STREAM', 'IPPROTO_TCP'],
  udp: ['SOCK_DGRAM', 'IPPROTO_IP'],
  icmp: ['SOCK_RAW', 'IPPROTO_ICMP'],
};

const unixAddress = (path: string) => `{sa_family=AF_UNIX, sun_path=${path.startsWith('\0') ? `@"${path.slice(1)}"` : `"${path}"`}}`;

const TERMIOS =
  '{c_iflag=ICRNL|IXON, c_oflag=NL0|CR0|TAB0|BS0|VT0|FF0|OPOST|ONLCR, c_cflag=B38400|CS8|CREAD, c_lflag=ISIG|ICANON|ECHO|ECHOE|ECHOK|IEXTEN|ECHOCTL|ECHOKE, ...}';

// biome-ignore lint/suspicious/noExplicitAny: a row knows the arguments of its own method
type Method = (...args: any[]) => unknown;
type Rows<T> = { [M in keyof T]?: T[M] extends Method ? (...args: Parameters<T[M]>) => Shape<ReturnType<T[M]>> : never };

/** The rows of a task's calls. */
export function rowsOf(k: Kernel, t: Task): Rows<Sys> {
  const here: Arg = { cwd: pathOf(k, t.cwd, t.root) };
  const p = (path: string): Arg => ({ path });
  const fd = (n: number): Arg => ({ fd: n });
  const hole = address(t);
  const env = (e: Record<string, string>) => `${address(t, 7)} /* ${Object.keys(e).length} vars */`;
  const statOf = (path: string, how: string): Shape<Stat> => ({
    name: 'newfstatat',
    args: [here, p(path)],
    rest: (s) => [statText(s), how],
    unfilled: [hole, how],
  });
  const prctl = (...args: string[]): Side => ({ name: 'prctl', args, result: '0' });
  const execve = (path: string, argv: readonly string[], e: Record<string, string>): Shape => ({
    name: 'execve',
    args: [p(path), { list: argv }, env(e)],
  });
  return {
    open: (path, f, mode = 0o666) => ({
      name: 'openat',
      args: [here, p(path), openFlags(f), ...(f.create ? [octal(mode)] : [])],
      fd: true,
    }),
    close: (n) => ({ name: 'close', args: [fd(n)] }),
    read: (n, count) => ({
      name: 'read',
      args: [fd(n)],
      rest: (r) => [{ bytes: r ?? '' }, `${count}`],
      unfilled: [hole, `${count}`],
      gives: (r) => `${r?.length ?? 0}`,
      waits: '-1 EAGAIN (Resource temporarily unavailable)',
    }),
    pread: (n, count, offset) => ({
      name: 'pread64',
      args: [fd(n)],
      rest: (r) => [{ bytes: r }, `${count}`, `${offset}`],
      unfilled: [hole, `${count}`, `${offset}`],
      gives: (r) => `${r.length}`,
    }),
    write: (n, data) => ({
      name: 'write',
      args: [fd(n), { bytes: data }, `${data.length}`],
      waits: '-1 EAGAIN (Resource temporarily unavailable)',
    }),
    lseek: (n, offset, whence) => ({ name: 'lseek', args: [fd(n), `${offset}`, `SEEK_${whence.toUpperCase()}`] }),
    ftruncate: (n, size) => ({ name: 'ftruncate', args: [fd(n), `${size}`] }),
    truncate: (path, size) => ({ name: 'truncate', args: [p(path), `${size}`] }),
    dup: (n) => ({ name: 'dup', args: [fd(n)], fd: true }),
    dup2: (from, to) => ({ name: 'dup2', args: [fd(from), fd(to)], gives: () => `${to}` }),
    setCloexec: (n, on) => ({ name: 'fcntl', args: [fd(n), 'F_SETFD', on ? 'FD_CLOEXEC' : '0'] }),
    pipe: () => ({ name: 'pipe2', args: [], rest: ([r, w]) => [`[${r}, ${w}]`, '0'], unfilled: [hole, '0'], gives: () => '0' }),
    isatty: (n) => ({
      name: 'ioctl',
      args: [fd(n), 'TCGETS2'],
      rest: (yes) => [yes ? TERMIOS : hole],
      unfilled: [hole],
      gives: () => '0',
      refusal: (yes) => (yes ? null : 'ENOTTY'),
    }),
    winsize: (n) => ({
      name: 'ioctl',
      args: [fd(n), 'TIOCGWINSZ'],
      rest: (w) => [w ? `{ws_row=${w.rows}, ws_col=${w.cols}, ws_xpixel=0, ws_ypixel=0}` : hole],
      gives: () => '0',
      refusal: (w) => (w ? null : 'ENOTTY'),
    }),
    setWinsize: (n, w) => ({
      name: 'ioctl',
      args: [fd(n), 'TIOCSWINSZ', `{ws_row=${w.rows}, ws_col=${w.cols}, ws_xpixel=0, ws_ypixel=0}`],
    }),
    setRaw: (n) => ({ name: 'ioctl', args: [fd(n), 'TCSETS2', hole] }),
    setctty: (n) => ({ name: 'ioctl', args: [fd(n), 'TIOCSCTTY', '0'] }),
    tcsetpgrp: (pgid) => ({ name: 'ioctl', args: ['0', 'TIOCSPGRP', `[${pgid}]`] }),

    stat: (path) => statOf(path, '0'),
    lstat: (path) => statOf(path, 'AT_SYMLINK_NOFOLLOW'),
    fstat: (n) => ({ name: 'fstat', args: [fd(n)], rest: (s) => [statText(s)], unfilled: [hole] }),
    access: (path, want) => ({
      name: 'faccessat2',
      args: [here, p(path), flags(want.read && 'R_OK', want.write && 'W_OK', want.exec && 'X_OK').replace(/^0$/, 'F_OK'), 'AT_EACCESS'],
    }),
    readdir: (path) => ({
      name: 'openat',
      args: [here, p(path), 'O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY'],
      gives: () => `${lowest(t)}`,
      fd: true,
      after: (entries) => {
        const dir: Arg = { fd: lowest(t), of: path };
        const more = (n: number, bytes: number): Side => ({
          name: 'getdents64',
          args: [dir, `${address(t, 3)} /* ${n} entries */`, '32768'],
          result: `${bytes}`,
        });
        const size = entries.reduce((n, e) => n + Math.ceil((19 + e.name.length + 1) / 8) * 8, 48);
        return [more(entries.length + 2, size), more(0, 0), { name: 'close', args: [dir], result: '0' }];
      },
    }),
    readlink: (path) => ({
      name: 'readlink',
      args: [p(path)],
      rest: (target) => [{ bytes: target }, '4096'],
      unfilled: [hole, '4096'],
      gives: (target) => `${target.length}`,
    }),
    mkdir: (path, mode = 0o777) => ({ name: 'mkdir', args: [p(path), octal(mode)] }),
    mknod: (path, type, mode, rdev) => ({
      name: 'mknodat',
      args: [
        here,
        p(path),
        `${MODE[type]}|${octal(mode & 0o777)}`,
        ...(rdev ? [`makedev(0x${rdev[0].toString(16)}, 0x${rdev[1].toString(16)})`] : []),
      ],
    }),
    symlink: (target, path) => ({ name: 'symlinkat', args: [p(target), here, p(path)] }),
    link: (from, to, follow) => ({ name: 'linkat', args: [here, p(from), here, p(to), follow ? 'AT_SYMLINK_FOLLOW' : '0'] }),
    unlink: (path) => ({ name: 'unlinkat', args: [here, p(path), '0'] }),
    rmdir: (path) => ({ name: 'rmdir', args: [p(path)] }),
    rename: (from, to) => ({ name: 'rename', args: [p(from), p(to)] }),
    chmod: (path, mode) => ({ name: 'fchmodat', args: [here, p(path), octal(mode)] }),
    chown: (path, uid, gid) => ({ name: 'fchownat', args: [here, p(path), `${uid}`, `${gid}`, '0'] }),
    lchown: (path, uid, gid) => ({ name: 'fchownat', args: [here, p(path), `${uid}`, `${gid}`, 'AT_SYMLINK_NOFOLLOW'] }),
    utimes: (path, atime, mtime, nofollow) => {
      const one = (v: typeof atime) =>
        v === 'now' ? 'UTIME_NOW' : v === 'omit' ? 'UTIME_OMIT' : `{tv_sec=${Math.floor(v / 1000)}, tv_nsec=${(v % 1000) * 1_000_000}}`;
      const times = atime === 'now' && mtime === 'now' ? 'NULL' : `[${one(atime)}, ${one(mtime)}]`;
      return { name: 'utimensat', args: [here, p(path), times, nofollow ? 'AT_SYMLINK_NOFOLLOW' : '0'] };
    },
    getxattr: (path, name) => ({
      name: 'getxattr',
      args: [p(path), { bytes: name }],
      rest: (v) => (v === null ? [hole, '256'] : [{ bytes: v }, '256']),
      unfilled: [hole, '256'],
      gives: (v) => `${v?.length ?? 0}`,
      refusal: (v) => (v === null ? 'ENODATA' : null),
    }),
    listxattr: (path) => ({
      name: 'listxattr',
      args: [p(path)],
      rest: (names) => [{ bytes: names.map((n) => `${n}\0`).join('') }, '256'],
      unfilled: [hole, '256'],
      gives: (names) => `${names.reduce((n, s) => n + s.length + 1, 0)}`,
    }),
    setxattr: (path, name, value) => ({ name: 'setxattr', args: [p(path), { bytes: name }, { bytes: value }, `${value.length}`, '0'] }),
    statfs: (path) => ({ name: 'statfs', args: [p(path)], rest: () => [hole], unfilled: [hole], gives: () => '0' }),
    umask: (mask) => ({ name: 'umask', args: [octal(mask ?? t.umask)], gives: (was) => octal(was) }),
    chdir: (path) => ({ name: 'chdir', args: [p(path)] }),
    getcwd: () => ({
      name: 'getcwd',
      args: [],
      rest: (path) => [p(path), '4096'],
      unfilled: [hole, '4096'],
      gives: (path) => `${path.length + 1}`,
    }),
    chroot: (path) => ({ name: 'chroot', args: [p(path)] }),

    mount: (source, target, type, options) => {
      const data = options.filter((o) => !WORDS.has(o)).join(',');
      const named = type !== '' && type !== 'none' && !options.some((o) => o === 'bind' || o === 'rbind' || o === 'remount');
      return {
        name: 'mount',
        args: [
          source === '' ? 'NULL' : p(source),
          p(target),
          named ? { bytes: type } : 'NULL',
          flags(...options.map((o) => MOUNT_FLAGS[o])),
          data ? { bytes: data } : 'NULL',
        ],
      };
    },
    umount: (target, lazy) => ({ name: 'umount2', args: [p(target), lazy ? 'MNT_DETACH' : '0'] }),
    pivotRoot: (path, old) => ({ name: 'pivot_root', args: [p(path), p(old)] }),
    pivotRootTo: (n) => ({ name: 'fchdir', args: [fd(n)], after: () => [{ name: 'pivot_root', args: [p('.'), p('.')], result: '0' }] }),
    openTree: (path, recursive) => ({
      name: 'open_tree',
      args: [here, p(path), `OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC${recursive ? '|AT_RECURSIVE' : ''}`],
      fd: true,
    }),
    moveMount: (n, target) => ({ name: 'move_mount', args: [fd(n), p(''), here, p(target), 'MOVE_MOUNT_F_EMPTY_PATH'] }),

    getpid: () => ({ name: 'getpid', args: [] }),
    getppid: () => ({ name: 'getppid', args: [] }),
    getpgid: (n) => ({ name: 'getpgid', args: [`${n ?? 0}`] }),
    setpgid: (n, pgid) => ({ name: 'setpgid', args: [`${n}`, `${pgid}`] }),
    setsid: () => ({ name: 'setsid', args: [] }),
    credentials: () => ({ name: 'geteuid', args: [], gives: (c) => `${c.euid}` }),
    setuid: (uid) => ({ name: 'setuid', args: [`${uid}`] }),
    setgid: (gid) => ({ name: 'setgid', args: [`${gid}`] }),
    setgroups: (groups) => ({ name: 'setgroups', args: [`${groups.length}`, `[${groups.join(', ')}]`] }),
    fork: () => ({
      name: 'clone',
      args: ['child_stack=NULL', 'flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD'],
      rest: () => [`child_tidptr=${address(t, 9)}`],
      unfilled: [`child_tidptr=${address(t, 9)}`],
    }),
    spawn: () => ({ name: 'vfork', args: [] }),
    vfork: (o) => ({ name: 'clone', args: ['child_stack=NULL', `flags=${flags(cloneFlags(o.unshare ?? []), 'SIGCHLD')}`] }),
    unshare: (kinds) => ({ name: 'unshare', args: [cloneFlags(inOrder(kinds))] }),
    setns: (n, kinds) => ({
      name: 'setns',
      before: [{ name: 'pidfd_open', args: [`${n}`, '0'], result: `${lowest(t)}`, fd: true }],
      args: [fd(lowest(t)), cloneFlags(inOrder(kinds))],
    }),
    setrlimit: (name, limit) => ({
      name: 'prlimit64',
      args: ['0', `RLIMIT_${name.toUpperCase()}`, `{rlim_cur=${rlim(limit.soft)}, rlim_max=${rlim(limit.hard)}}`, 'NULL'],
    }),
    execve,
    waitpid: (n, options) => ({
      name: 'wait4',
      args: [`${n ?? -1}`],
      rest: (r) => [r ? waitStatus(r.how) : hole, flags(options?.untraced && 'WSTOPPED'), 'NULL'],
      unfilled: [hole, flags('WNOHANG', options?.untraced && 'WSTOPPED'), 'NULL'],
      gives: (r) => `${r?.pid ?? 0}`,
      waits: '0',
    }),
    kill: (n, signal) => ({ name: 'kill', args: [`${n}`, signal === 0 ? '0' : signalName(signal)] }),
    sigaction: (signal, how) => ({
      name: 'rt_sigaction',
      args: [
        signalName(signal),
        `{sa_handler=${how === 'handle' ? address(t, 5) : how === 'ignore' ? 'SIG_IGN' : 'SIG_DFL'}, sa_mask=[], sa_flags=0}`,
        'NULL',
        '8',
      ],
    }),
    capset: (sets) => capsetShape(t, sets, prctl),
    prctl: (set) => prctlShape(t, set),
    brk: (bytes) => ({
      name: 'mmap',
      args: ['NULL', `${bytes}`, 'PROT_READ|PROT_WRITE', 'MAP_PRIVATE|MAP_ANONYMOUS', '-1', '0'],
      gives: () => address(t, 11),
    }),
    filterDevices: () => ({ name: 'bpf', args: ['BPF_PROG_ATTACH', hole, '32'] }),
    gate: (name) => ({ name: name.replace(/\(.*/, ''), args: [] }),
    uname: () => ({
      name: 'uname',
      args: [],
      rest: (u) => [`{sysname="Linux", nodename="${u.nodename}", ...}`],
      gives: () => '0',
    }),
    sethostname: (name) => ({ name: 'sethostname', args: [{ bytes: name }, `${name.length}`] }),
    setdomainname: (name) => ({ name: 'setdomainname', args: [{ bytes: name }, `${name.length}`] }),

    connect: (path) => ({
      name: 'connect',
      before: [{ name: 'socket', args: ['AF_UNIX', 'SOCK_STREAM|SOCK_CLOEXEC', '0'], result: `${lowest(t)}`, fd: true }],
      args: [fd(lowest(t)), unixAddress(path), `${path.length + 3}`],
      gives: () => '0',
    }),
    listen: (path) => ({
      name: 'bind',
      before: [{ name: 'socket', args: ['AF_UNIX', 'SOCK_STREAM|SOCK_CLOEXEC', '0'], result: `${lowest(t)}`, fd: true }],
      args: [fd(lowest(t)), unixAddress(path), `${path.length + 3}`],
      gives: () => '0',
      after: (n) => [{ name: 'listen', args: [fd(n as number), '128'], result: '0' }],
    }),
    accept: (n) => ({
      name: 'accept4',
      args: [fd(n)],
      rest: () => ['{sa_family=AF_UNIX}', '[110 => 2]', 'SOCK_CLOEXEC'],
      unfilled: [hole, '[110]', 'SOCK_CLOEXEC'],
      fd: true,
      waits: '-1 EAGAIN (Resource temporarily unavailable)',
    }),
    shutdown: (n) => ({ name: 'shutdown', args: [fd(n), 'SHUT_WR'] }),
    ipcGet: (kind, o) => ({
      name: `${kind}get`,
      args: [`0x${(o.key >>> 0).toString(16)}`, ...(kind === 'msg' ? [] : [`${o.size}`]), `IPC_CREAT|0${o.mode.toString(8)}`],
    }),
    ipcRemove: (kind, id) => ({ name: `${kind}ctl`, args: [`${id}`, ...(kind === 'sem' ? ['0'] : []), 'IPC_RMID', 'NULL'] }),
    ptrace: (r) => ({
      name: 'ptrace',
      args: 'traceme' in r ? ['PTRACE_TRACEME'] : 'seize' in r ? ['PTRACE_SEIZE', `${r.seize}`] : ['PTRACE_DETACH', `${r.detach}`],
    }),
  };
}

/** Of the calls on sockets: those of `Sys.net` that a program of the network makes. */
export function netRows(t: Task): Rows<Sys['net']> {
  const fd = (n: number): Arg => ({ fd: n });
  const hole = address(t);
  return {
    socket: (proto, v) => {
      const [type, protocol] = SOCKET[proto];
      return { name: 'socket', args: [proto === 'packet' ? 'AF_PACKET' : v === 6 ? 'AF_INET6' : 'AF_INET', type, protocol], fd: true };
    },
    bind: (n, ip, port) => ({ name: 'bind', args: [fd(n), sockaddr(ip, port), ip.includes(':') ? '28' : '16'] }),
    listen: (n) => ({ name: 'listen', args: [fd(n), '511'] }),
    connect: (n, ip, port) => ({
      name: 'connect',
      args: [fd(n), sockaddr(ip, port), ip.includes(':') ? '28' : '16'],
      gives: () => '0',
      waits: '-1 EINPROGRESS (Operation now in progress)',
    }),
    accept: (n) => ({
      name: 'accept4',
      args: [fd(n)],
      unfilled: [hole, '[128]', 'SOCK_CLOEXEC'],
      rest: () => ['{sa_family=AF_INET, ...}', '[128 => 16]', 'SOCK_CLOEXEC'],
      fd: true,
      waits: '-1 EAGAIN (Resource temporarily unavailable)',
    }),
    sendTo: (n, data, to) => ({
      name: 'sendto',
      args: [fd(n), { bytes: data }, `${data.length}`, '0', to ? endpoint(to) : 'NULL', to ? '16' : '0'],
    }),
    receive: (n) => ({
      name: 'recvfrom',
      args: [fd(n)],
      rest: (d) => [{ bytes: d?.data ?? '' }, '65536', '0', 'NULL', 'NULL'],
      unfilled: [hole, '65536', '0', 'NULL', 'NULL'],
      gives: (d) => `${d?.data.length ?? 0}`,
      waits: '-1 EAGAIN (Resource temporarily unavailable)',
    }),
    shutdown: (n) => ({ name: 'shutdown', args: [fd(n), 'SHUT_WR'] }),
  };
}

/** The number that the next descriptor gets. */
function lowest(t: Task): number {
  let n = 0;
  while (t.fds[n]) n++;
  return n;
}

const rlim = (n: number | null) =>
  n === null || n === Number.POSITIVE_INFINITY ? 'RLIM64_INFINITY' : n > 1024 && n % 1024 === 0 ? `${n / 1024}*1024` : `${n}`;

/** As strace orders the flags: by their bits, the oldest first. */
const ORDER: readonly NsKind[] = ['time', 'mnt', 'cgroup', 'uts', 'ipc', 'user', 'pid', 'net'];
const inOrder = (kinds: readonly NsKind[]) => ORDER.filter((n) => kinds.includes(n));

function capsetShape(t: Task, next: Parameters<Sys['capset']>[0], prctl: (...args: string[]) => Side): Shape<void> {
  const now = t.cred.caps;
  const dropped = CAPS.filter((c: Cap) => hasCap(now.bounding, c) && !hasCap(next.bounding, c));
  const raised = capNames(next.ambient).filter((c) => !hasCap(now.ambient, c));
  const sets: Side = {
    name: 'capset',
    args: [
      '{version=_LINUX_CAPABILITY_VERSION_3, pid=0}',
      `{effective=${capText(next.effective)}, permitted=${capText(next.permitted)}, inheritable=${capText(next.inheritable)}}`,
    ],
    result: '0',
  };
  const ambient = [
    ...(now.ambient !== 0 && next.ambient === 0 ? [prctl('PR_CAP_AMBIENT', 'PR_CAP_AMBIENT_CLEAR_ALL', '0', '0', '0')] : []),
    ...raised.map((c) => prctl('PR_CAP_AMBIENT', 'PR_CAP_AMBIENT_RAISE', c, '0', '0')),
  ];
  const all = [...dropped.map((c) => prctl('PR_CAPBSET_DROP', c)), sets, ...ambient];
  const [first, ...more] = all as [Side, ...Side[]];
  return { name: first.name, args: first.args, after: () => more };
}

function prctlShape(t: Task, set: Parameters<Sys['prctl']>[0]): Shape<void> {
  const calls: Side[] = [];
  const prctl = (...args: string[]) => calls.push({ name: 'prctl', args, result: '0' });
  if (set.subreaper !== undefined) prctl('PR_SET_CHILD_SUBREAPER', set.subreaper ? '1' : '0');
  if (set.keepCaps) prctl('PR_SET_KEEPCAPS', '1');
  if (set.securebits !== undefined) prctl('PR_SET_SECUREBITS', `0x${set.securebits.toString(16)}`);
  if (set.noNewPrivs) prctl('PR_SET_NO_NEW_PRIVS', '1', '0', '0', '0');
  if (set.title !== undefined) prctl('PR_SET_MM', 'PR_SET_MM_ARG_START', address(t, 13), '0', '0');
  if (set.seccomp) calls.push({ name: 'seccomp', args: ['SECCOMP_SET_MODE_FILTER', '0', address(t, 15)], result: '0' });
  const [first = { name: 'prctl', args: [], result: '0' }, ...more] = calls;
  return { name: first.name, args: first.args, after: () => more };
}
