/**
 * clear, dmesg, stty, and BusyBox's halt, poweroff and reboot: what one asks of the console and of the machine under it.
 *
 * Source: ncurses 6, util-linux 2.42, stty(1) of coreutils 9.10, BusyBox 1.38 (util-linux/dmesg.c, init/halt.c).
 * Simplified: the kernel keeps no log; of a terminal's modes there are its size, echo, and raw or cooked: the others are shown
 * as they are on a terminal that nobody has changed.
 */

import { attempt, Errno, SIGNALS, type Sys } from '../kernel';
import { command, type Make } from './command';
import { type Io, tool } from './tool';

/** BusyBox's knows one terminal, ncurses' asks for its name. */
export const clear: Make = (flavour) =>
  tool(
    {
      main(x) {
        if (flavour === 'busybox') x.out('\x1b[H\x1b[J');
        else if (!x.env.TERM) {
          x.err('TERM environment variable not set.\n');
          return 1;
        } else if (x.env.TERM !== 'dumb') x.out('\x1b[H\x1b[2J\x1b[3J');
        return 0;
      },
    },
    flavour,
  );

export const dmesg = command({
  options: { gnu: { short: 'CcDEdeF:f:HhIJkL:l:n:PprSs:TtuVwWx' }, busybox: { short: 'cr' } },
  package: 'util-linux',
  main(x) {
    const done = attempt(() => x.sys.gate('syslog(READ_ALL)'));
    if (done instanceof Errno) x.fail(x.flavour === 'busybox' ? `klogctl: ${done.message}` : `read kernel buffer failed: ${done.message}`);
    else x.err('drydock: the log of the kernel is not modelled\n');
    return 1;
  },
});

type TtyMode = NonNullable<ReturnType<Sys['winsize']>>;

/** "-echo" is a setting: what follows the options is not one. */
const settings = (args: string[]): string[] => {
  const at = args.findIndex((a, i) => !/^-([agF]|-)/.test(a) && args[i - 1] !== '-F');
  return at < 0 ? args : [...args.slice(0, at), '--', ...args.slice(at)];
};

export const stty = command({
  prepare: settings,
  options: { gnu: { short: '+agF:', long: { all: 'a', save: 'g', file: 'F:' } }, busybox: { short: '+agF:' } },
  main(x, o) {
    const device = o.value('F');
    const fd = device === undefined ? 0 : attempt(() => x.sys.open(device, { read: true, write: true }));
    if (fd === null || fd instanceof Errno) {
      x.fail(x.flavour === 'busybox' ? `can't open '${device}': ${fd?.message}` : `${device}: ${fd?.message}`);
      return 1;
    }
    const name = device ?? 'standard input';
    const mode = x.sys.winsize(fd);
    if (mode === null) {
      x.fail(`${x.flavour === 'busybox' ? name : `'${name}'`}: ${new Errno('ENOTTY', 'vfs', 'no terminal').message}`);
      return 1;
    }
    const [first = ''] = o.operands;
    if (first === 'size') {
      if (x.flavour === 'busybox' && !(mode.cols && mode.rows)) {
        x.fail(name);
        return 1;
      }
      x.out(`${mode.rows} ${mode.cols}\n`);
      return 0;
    }
    if (first === 'speed') x.out('38400\n');
    else if (o.has('g')) x.out(`${saved(mode)}\n`);
    else if (first === '') {
      const [size, ...rest] = shown(mode, o.has('a'), x.flavour === 'busybox').split(/(?<=baud;)(?= rows 0; columns 0;)/);
      x.out(size as string);
      // BusyBox takes a terminal without a size for one that cannot be asked.
      if (x.flavour === 'busybox' && rest.length > 0) x.fail(name);
      x.out(rest.join('').slice(x.flavour === 'busybox' ? ' rows 0; columns 0;'.length : 0));
    } else return change(x, fd, o.operands);
    return 0;
  },
});

const KEYS = (flush: string) => `intr = ^C; quit = ^\\; erase = ^?; kill = ^U; eof = ^D; eol = <undef>;
eol2 = <undef>; swtch = <undef>; start = ^Q; stop = ^S; susp = ^Z; rprnt = ^R;
werase = ^W; lnext = ^V; ${flush} = ^O; min = 1; time = 0;
`;

/** Words that stty knows and the model does not: settings of the line, and the keys' names. */
const MODES =
  /^(\d+|[io]speed|line|min|time|intr|quit|erase|kill|eof|eol2?|swtch|start|stop|susp|rprnt|werase|lnext|discard|cs[5-8]|ek|evenp|parity|oddp|nl|lcase|LCASE|crt|dec|tabs|cbreak|pass8|litout|-?(parenb|parodd|cmspar|hupcl|hup|cstopb|cread|clocal|crtscts|ignbrk|brkint|ignpar|parmrk|inpck|istrip|inlcr|igncr|icrnl|ixon|ixoff|iuclc|ixany|imaxbel|iutf8|opost|olcuc|ocrnl|onlcr|onocr|onlret|ofill|ofdel|isig|icanon|iexten|echoe|echok|echonl|noflsh|xcase|tostop|echoprt|echoctl|echoke|flusho|extproc))$/;

/** All modes, or those that are not what `sane` sets. */
function shown(m: TtyMode, all: boolean, busybox: boolean): string {
  const keys = KEYS(busybox ? 'flush' : 'discard');
  const is = (on: boolean, word: string) => `${on ? '' : '-'}${word}`;
  const cooked = !m.raw;
  if (all)
    return `speed 38400 baud; rows ${m.rows}; columns ${m.cols}; line = 0;
${keys}-parenb -parodd -cmspar cs8 -hupcl -cstopb cread -clocal -crtscts
-ignbrk -brkint -ignpar -parmrk -inpck -istrip -inlcr -igncr ${is(cooked, 'icrnl')} ${is(cooked, 'ixon')} -ixoff
-iuclc -ixany -imaxbel -iutf8
${is(cooked, 'opost')} -olcuc -ocrnl onlcr -onocr -onlret -ofill -ofdel nl0 cr0 tab0 bs0 vt0 ff0
${is(cooked, 'isig')} ${is(cooked, 'icanon')} iexten ${is(m.echo, 'echo')} echoe echok -echonl -noflsh -xcase -tostop -echoprt
echoctl echoke -flusho -extproc
`;
  const local = [...(cooked ? [] : ['-isig -icanon']), ...(m.echo ? [] : ['-echo'])].join(' ');
  return `speed 38400 baud; line = 0;
${busybox ? keys : cooked ? '' : 'min = 1; time = 0;\n'}-brkint ${cooked ? '' : '-icrnl -ixon '}-imaxbel
${cooked ? '' : '-opost\n'}${local && `${local}\n`}`;
}

/** Flags of input, output, control and local modes, and the keys: what -g prints to be given back. */
const saved = (m: TtyMode): string =>
  `${m.raw ? '0:4' : '500:5'}:f00bf:${(0x8a30 | (m.raw ? 0 : 3) | (m.echo ? 8 : 0)).toString(16)}:3:1c:7f:15:4:0:1:0:11:13:1a:0:12:f:17:16${':0'.repeat(16)}`;
const SAVED = /^[0-9a-f]+:[0-9a-f]+:[0-9a-f]+:([0-9a-f]+):/;

/** Sets what the words say, in their order. */
function change(x: Io, fd: number, words: readonly string[]): number {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const flags = SAVED.exec(word);
    if (flags) {
      const local = Number.parseInt(flags[1] as string, 16);
      x.sys.setRaw(fd, !(local & 2));
      x.sys.setEcho(fd, !!(local & 8));
    } else if (/^(cols|columns|rows)$/.test(word)) {
      const n = Number(words[++i]);
      const now = x.sys.winsize(fd) as TtyMode;
      x.sys.setWinsize(fd, word === 'rows' ? { cols: now.cols, rows: n } : { cols: n, rows: now.rows });
    } else if (/^-?echo$/.test(word)) x.sys.setEcho(fd, word === 'echo');
    else if (/^(-?raw|-?cooked|sane)$/.test(word)) {
      x.sys.setRaw(fd, word === 'raw' || word === '-cooked');
      if (word === 'sane') x.sys.setEcho(fd, true);
    } else if (!MODES.test(word)) {
      x.fail(x.flavour === 'busybox' ? `invalid number '${word}'` : `invalid argument '${word}'`);
      if (x.flavour !== 'busybox') x.err("Try 'stty --help' for more information.\n");
      return 1;
    } else {
      x.err(`drydock: stty ${word} is not modelled\n`);
      return 1;
    }
  }
  return 0;
}

/** Without -f they only ask init, which is PID 1 of where they run. */
const asks = (signal: number) =>
  command({
    options: { short: 'd:nf' },
    main(x, o) {
      if (o.has('f')) {
        x.err(`drydock: ${x.name} -f is not modelled\n`);
        return 1;
      }
      const done = attempt(() => x.sys.kill(1, signal));
      return done instanceof Errno ? 1 : 0;
    },
  });
export const halt = asks(SIGNALS.SIGUSR1);
export const poweroff = asks(SIGNALS.SIGUSR2);
export const reboot = asks(SIGNALS.SIGTERM);
