/**
 * busybox: one file, many applets, chosen by the name it is called by.
 *
 *   /bin/ls → busybox    argv[0] "ls": the applet ls        busybox ls -l: the same
 *
 * Source: BusyBox 1.38's libbb/appletlib.c.
 */

import { attempt, Errno, type Exec, MAGIC, type Outcome, type Program, type Programs, type Sys } from '../kernel';
import { BUSYBOX_BANNER } from './command';
import { usageTexts } from './parts';

/** `busybox --list` of BusyBox 1.38.0 as Debian builds it, and of the six images. */
export const APPLET_LIST =
  `[ [[ acpid adjtimex ar arch arp arping ascii ash awk base64 basename bc blkdiscard blockdev brctl bunzip2 busybox bzcat bzip2 cal cat chattr chgrp chmod chown chroot chvt clear cmp cp cpio crc32 crond crontab cttyhack cut date dc dd deallocvt depmod devmem df diff dirname dmesg dnsdomainname dos2unix dpkg dpkg-deb du dumpkmap dumpleases echo ed egrep env expand expr factor fallocate false fatattr fdisk fgrep find findfs fold free freeramdisk fsfreeze fstrim ftpget ftpput getfattr getopt getty grep groups gunzip gzip halt head hexdump hostid hostname httpd hwclock i2cdetect i2cdump i2cget i2cset i2ctransfer id ifconfig ifdown ifup init insmod install ionice ip ipcalc kill killall klogd last less link linux32 linux64 linuxrc ln loadfont loadkmap logger login logname logread losetup ls lsattr lsblk lsmod lsscsi lzcat lzma lzop md5sum mdev microcom mim mkdir mkdosfs mke2fs mkfifo mknod mkpasswd mkswap mktemp modinfo modprobe more mount mt mv nameif nbd-client nc netstat nl nologin nproc nsenter nslookup nuke od openvt partprobe passwd paste patch pidof ping ping6 pivot_root poweroff printf ps pwd rdate readlink realpath reboot renice reset resize resume rev rm rmdir rmmod route rpm rpm2cpio run-init run-parts sed seq setkeycodes setpriv setsid sh sha1sum sha256sum sha384sum sha3sum sha512sum shred shuf sleep sort ssl_client ssl_server start-stop-daemon stat strings stty su sulogin svc svok swapoff swapon switch_root sync sysctl syslogd tac tail tar taskset tc tee telnet telnetd test tftp time timeout top touch tr traceroute traceroute6 true truncate ts tty tunctl ubirename udhcpc udhcpc6 udhcpd uevent umount uname uncompress unexpand uniq unix2dos unlink unlzma unshare unxz unzip uptime usleep uudecode uuencode uuidgen vconfig vi vmstat w watch watchdog wc wget which who whoami xargs xxd xz xzcat yes zcat`.split(
    ' ',
  );

const KNOWN = new Set(APPLET_LIST);

/** The list behind tabs, broken before column 79, as appletlib.c breaks it. */
function listing(): string {
  let out = '';
  let column = 0;
  for (const name of APPLET_LIST) {
    const width = name.length + 2;
    if (column >= 79 - width) (out += ',\n'), (column = 0);
    out += (column === 0 ? '\t' : ', ') + name;
    column = (column === 0 ? 6 : column) + width;
  }
  return `${out}\n`;
}

const ABOUT = `BusyBox is copyrighted by many authors between 1998-2015.
Licensed under GPLv2. See source distribution for detailed
copyright notices.

Usage: busybox [function [arguments]...]
   or: busybox --list[-full]
   or: busybox --install [-s] [DIR]
   or: function [arguments]...

	BusyBox is a multi-call binary that combines many common Unix
	utilities into a single executable.  The shell in this build
	is configured to run built-in utilities without $PATH search.
	You don't need to install a link to busybox for each utility.
	To run external program, use full path (/sbin/ip instead of ip).

Currently defined functions:
`;

interface State {
  applet: string | null;
  inner: unknown;
  exec: Exec;
}

/** The multi-call program over a table of applets. */
export function busybox(applets: Programs): Program<State> {
  const pick = (exec: Exec): State => {
    const name = (exec.argv[0] ?? exec.exe).split('/').pop()?.replace(/^-/, '') ?? '';
    const applet = applets[name];
    if (applet && name !== 'busybox') return { applet: name, inner: applet.start(exec), exec };
    if (name.startsWith('busybox')) {
      const word = exec.argv[1];
      if (word !== undefined && applets[word] && word !== 'busybox') {
        const inner = { ...exec, argv: exec.argv.slice(1) };
        return exec.argv[2] === '--help' && exec.argv.length === 3
          ? { applet: null, inner: null, exec }
          : { applet: word, inner: applets[word].start(inner), exec: inner };
      }
    }
    return { applet: null, inner: null, exec };
  };
  return {
    start: pick,
    run(sys, state): Outcome<State> {
      if (state.applet !== null) {
        dropRights(sys, state.applet);
        // A child forked by an applet is the same applet: its state goes into the same wrapping.
        const own: Sys = Object.assign(Object.create(sys), { fork: (inner: unknown) => sys.fork({ ...state, inner }) });
        const outcome = (applets[state.applet] as Program).run(own, state.inner);
        return 'state' in outcome ? { ...outcome, state: { ...state, inner: outcome.state } } : outcome;
      }
      const { argv } = state.exec;
      const put = (fd: number, text: string) => attempt(() => sys.write(fd, text));
      const called = (argv[0] ?? '').split('/').pop() ?? '';
      const [name, ...args] = called.startsWith('busybox') ? argv.slice(1) : [called, ...argv.slice(1)];
      if (name === undefined || name === '--help') {
        put(1, `${BUSYBOX_BANNER}\n${ABOUT}${listing()}`);
        return { exit: 0 };
      }
      if (name === '--list') {
        put(1, APPLET_LIST.map((a) => `${a}\n`).join(''));
        return { exit: 0 };
      }
      if (name === '--install') return installLinks(sys, state.exec.exe, args, put);
      const text = usageTexts.get()[name];
      if (applets[name] || text !== undefined) {
        put(2, `${BUSYBOX_BANNER}\n\n${text ?? `No help available.\n`}`);
        return { exit: 0 };
      }
      put(2, KNOWN.has(name) ? `drydock: ${name} is not modelled\n` : `${name}: applet not found\n`);
      return { exit: KNOWN.has(name) ? 1 : 127 };
    },
  };
}

/** Applets that keep what a setuid bit on the file gives: BB_SUID_REQUIRE and BB_SUID_MAYBE. */
const KEEPS = new Set('crontab findfs login mount passwd ping ping6 su traceroute traceroute6 vlock wall'.split(' '));

/** All others give it back before they begin: libbb/appletlib.c, check_suid. */
function dropRights(sys: Sys, applet: string) {
  const { uid, euid, gid, egid } = sys.credentials();
  if ((uid === euid && gid === egid) || KEEPS.has(applet)) return;
  attempt(() => sys.setgid(gid));
  attempt(() => sys.setuid(uid));
}

function installLinks(
  sys: Parameters<Program['run']>[0],
  exe: string,
  args: string[],
  put: (fd: number, text: string) => unknown,
): { exit: number } {
  const symbolic = args[0] === '-s';
  const into = args[symbolic ? 1 : 0] ?? '/bin';
  for (const name of APPLET_LIST) {
    const path = `${into.replace(/\/$/, '')}/${name}`;
    if (name === 'busybox') continue;
    const done = attempt(() => (symbolic ? sys.symlink(exe, path) : sys.link(exe, path)));
    if (done instanceof Errno) put(2, `busybox: ${path}: ${done.message}\n`);
  }
  return { exit: 0 };
}

/** What the file of busybox begins with. */
export const BUSYBOX_MAGIC = `${MAGIC}busybox\n`;
