/** Programs whose code comes when one of them is first run (base/part.ts), and the part that each is in. */

import { type Part, part } from '../base';
import type { Program, Programs } from '../kernel';
import type { Flavour } from './tool';

// biome-ignore lint/suspicious/noExplicitAny: the tables hold programs of many state types; each sees only its own
export type AnyMake = (flavour: Flavour) => Program<any>;
type Makes = Readonly<Record<string, AnyMake>>;

/** A part of programs, and their names; the test of parts holds the two to each other. */
const of = (name: string, programs: string): { part: Part<Makes>; programs: readonly string[] } => ({
  part: part<Makes>(name),
  programs: programs.split(' '),
});

export const basics = of(
  'basics',
  '[ [[ arch cat chroot date echo env factor false groups head hostname id nice nl nohup nproc printenv printf rev seq setsid sleep sync tac tee test time timeout true tty uname usleep watch whoami yes',
);
export const languages = of('languages', 'awk jq sed');
/** npm and go. */
export const projects = of('projects', 'go npm');
export const tools = of(
  'tools',
  'apk apparmor_parser apt apt-get base64 basename capsh chgrp chmod chown cksum clear cmp comm cp cut dd df diff dirname dmesg du egrep expand expr fgrep find findmnt fold free getcap getpcaps grep gunzip gzip halt hexdump hostid install ipcmk ipcrm ipcs kill killall less link ln ls lsblk lsns md5sum mkdir mkfifo mknod mktemp more mount mountpoint mv nsenter numfmt od packaged paste pgrep pidof pip pivot_root pkill poweroff ps pwd readlink realpath reboot renice rm rmdir setcap setpriv sha1sum sha224sum sha256sum sha384sum sha512sum shuf sort split stat strace stress strings stty su sysctl tail tar top touch tr tree truncate umount unexpand uniq unlink unshare uptime wc which xargs xxd zcat',
);

/** A program that is looked up when it is called. */
export const later = (program: () => Program): Program => ({
  start: (exec) => program().start(exec),
  run: (sys, state) => program().run(sys, state),
});

/** Tools of the network. */
export const network = of(
  'network',
  'arp bridge curl dig getent host httpd ifconfig ip ip6tables ip6tables-save iptables iptables-save nc netstat nslookup ping route ss tcpdump telnet traceroute wget',
);

/** Each program of a part, as one that asks for its code at the first call. */
export const deferred = ({ part, programs }: ReturnType<typeof of>): Makes =>
  Object.fromEntries(
    programs.map((name) => [
      name,
      (flavour: Flavour): Program => {
        const made: { program?: Program } = {};
        return later(() => {
          made.program ??= (part.get()[name] as AnyMake)(flavour);
          return made.program;
        });
      },
    ]),
  );

/** Servers and inits of images. */
export const serverNames = 'docker-init nginx redis-cli redis-server registry-2 registry-3'.split(' ');
export const serverPrograms = part<Programs>('servers');

/** Language runtimes and databases of images. */
export const runtimeNames = 'gosu gunicorn initdb java node pg_ctl pg_isready postgres psql python supervisorctl supervisord'.split(' ');
export const runtimePrograms = part<Programs>('runtimes');

/** What BusyBox's applets say of their use, by applet. */
export const usageTexts = part<Readonly<Record<string, string>>>('usage');

export const parts = {
  basics: basics.part,
  languages: languages.part,
  projects: projects.part,
  tools: tools.part,
  network: network.part,
  servers: serverPrograms,
  runtimes: runtimePrograms,
  usage: usageTexts,
};
