/** Rules about what RUN runs, whatever it installs. After the rules of hadolint with the same ids. */

import { type Item, of } from './file';
import type { LintRules } from './rule';
import { does, flagsOf, hasFlag, type ScriptCommand } from './script';

/** RUNs with a command at fault. */
export const withCommand =
  (wrong: (c: ScriptCommand, item: Item) => boolean) =>
  (items: readonly Item[]): Item[] =>
    items.filter((item) => item.script.commands.some((c) => wrong(c, item)));

/** A directory is a mount of this RUN: what is written there stays out of the layer. */
export const mounted = (item: Item, ...dirs: string[]): boolean =>
  item.mounts.some((m) => (m.type === 'cache' || m.type === 'tmpfs') && dirs.some((d) => m.target.replace(/\/+$/, '') === d));

/** Programs that have no use in a step of a build. */
const POINTLESS = ['ssh', 'vim', 'shutdown', 'service', 'ps', 'free', 'top', 'kill', 'mount', 'ifconfig'];
const POSIX_SHELL = /^(sh|ash|dash|bash|zsh|ksh)$/;
/** Shells that know pipefail. */
const PIPEFAIL = ['bash', 'zsh', 'ash'];

const shellName = (path: string): string => path.split(/[/\\]/).at(-1) ?? '';
/** -o pipefail, -eo pipefail, … */
const setsPipefail = (args: readonly string[]): boolean => args.some((a, at) => /^-[a-z]*o$/.test(a) && args[at + 1] === 'pipefail');

export const RUN = {
  DL3001: {
    severity: 'info',
    title: 'Leave programs out that do nothing in a build step.',
    why: 'A step has no services, no terminal and no other processes: ps, top, ssh or service have nothing to act on.',
    example: 'FROM debian:12\nRUN service nginx start\n',
    mend: 'FROM debian:12\nCMD ["nginx", "-g", "daemon off;"]\n',
    check: (items) =>
      items.filter(
        (item) =>
          item.script.commands.some((c) => POINTLESS.includes(c.name)) ||
          (item.i?.kind === 'run' && POINTLESS.includes(item.i.args[0] ?? '')),
      ),
    onBuild: true,
  },
  DL3003: {
    severity: 'warning',
    title: 'Use WORKDIR to change the directory.',
    why: 'cd holds to the end of its RUN only; the next instruction is back where it was.',
    example: 'FROM alpine:3.20\nRUN cd /srv && make\n',
    mend: 'FROM alpine:3.20\nWORKDIR /srv\nRUN make\n',
    check: withCommand((c) => c.name === 'cd'),
    onBuild: true,
  },
  DL3004: {
    severity: 'error',
    title: 'Do without sudo.',
    why: 'Steps run as root anyway, or as the USER you set; sudo brings its own rules for signals and terminals.',
    example: 'FROM debian:12\nRUN sudo make install\n',
    mend: 'FROM debian:12\nRUN make install\n',
    check: withCommand((c) => c.name === 'sudo'),
    onBuild: true,
  },
  DL3046: {
    severity: 'warning',
    title: 'useradd with a high number needs --no-log-init.',
    why: 'It writes sparse files for the logs of logins that are as long as the number is high; a layer holds them in full.',
    example: 'FROM debian:12\nRUN useradd -u 1234567 app\n',
    mend: 'FROM debian:12\nRUN useradd --no-log-init -u 1234567 app\n',
    check: withCommand((c) => {
      const at = c.args.findIndex((a) => a === '-u' || a === '--uid');
      const uid = at < 0 ? (c.args.find((a) => a.startsWith('--uid='))?.slice(6) ?? '') : (c.args[at + 1] ?? '');
      return c.name === 'useradd' && /^\d{6,}$/.test(uid) && !hasFlag(c, 'l', 'no-log-init');
    }),
    onBuild: true,
  },
  DL3047: {
    severity: 'info',
    title: 'Quieten the progress bar of wget.',
    why: 'Where there is no terminal each tick of it is a line of its own, and the log of the build is nothing else.',
    example: 'FROM debian:12\nRUN wget https://example.org/a.tgz\n',
    mend: 'FROM debian:12\nRUN wget --progress=dot:giga https://example.org/a.tgz\n',
    check: withCommand(
      (c) =>
        c.name === 'wget' &&
        !c.args.includes('-nv') &&
        !hasFlag(c, 'progress', 'q', 'quiet', 'o', 'output-file', 'a', 'append-output', 'no-verbose'),
    ),
    onBuild: true,
  },
  DL3059: {
    severity: 'info',
    title: 'Join RUNs that belong together.',
    why: 'Each is a layer of its own, and what one leaves the next cannot take out of the image any more.',
    example: 'FROM alpine:3.20\nRUN ./one\nRUN ./two\n',
    mend: 'FROM alpine:3.20\nRUN ./one && ./two\n',
    check: (items) => {
      let before: { flags: string; commands: number } | null = null;
      return items.filter((item) => {
        if (item.i?.kind !== 'run') {
          before = null;
          return false;
        }
        const here = { flags: JSON.stringify([item.i.mounts, item.i.network]), commands: item.script.commands.length };
        const alike: boolean = before !== null && before.flags === here.flags && before.commands < 2 && here.commands < 2;
        if (!alike) before = here;
        return alike;
      });
    },
  },
  DL4001: {
    severity: 'warning',
    title: 'Take wget or curl, not both.',
    why: 'They do the same; each brings megabytes of its own.',
    example: 'FROM debian:12\nRUN wget -q example.org\nRUN curl example.org\n',
    mend: 'FROM debian:12\nRUN curl example.org\nRUN curl example.net\n',
    check: (items) => {
      const used = new Map<number, Set<string>>();
      return items.filter((item) => {
        const names = used.get(item.stage) ?? new Set<string>();
        used.set(item.stage, names);
        const own = item.script.commands.map((c) => c.name).filter((n) => n === 'curl' || n === 'wget');
        for (const n of own) names.add(n);
        return own.length > 0 && names.size > 1;
      });
    },
  },
  DL4005: {
    severity: 'warning',
    title: 'Use SHELL to change the shell.',
    why: 'A link in the place of /bin/sh changes it for every script of the image, not only for your steps.',
    example: 'FROM debian:12\nRUN ln -sf /bin/bash /bin/sh\n',
    mend: 'FROM debian:12\nSHELL ["/bin/bash", "-c"]\n',
    check: withCommand((c) => does(c, ['ln'], ['/bin/sh'])),
    onBuild: true,
  },
  DL4006: {
    severity: 'warning',
    title: 'Set pipefail before a RUN with a pipe.',
    why: 'A pipe ends as its last command does. If the download in front of it fails, the step still succeeds, and is cached.',
    example: 'FROM debian:12\nRUN wget -O - https://example.org/list | wc -l\n',
    mend: 'FROM debian:12\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN wget -O - https://example.org/list | wc -l\n',
    check: (items) => {
      let safe = false;
      return items.filter((item) => {
        if (item.name === 'from') safe = false;
        if (item.i?.kind === 'shell') {
          const [shell = '', ...args] = item.i.shell;
          const name = shellName(shell);
          safe = !POSIX_SHELL.test(name) || (PIPEFAIL.includes(name) && setsPipefail(args));
        }
        const own = item.script.commands.some((c) => c.name === 'set' && setsPipefail(c.args));
        return item.script.pipe && !safe && !own;
      });
    },
  },
} satisfies LintRules;

/** Stages that end up in the result: the last one, and those that others begin with. */
export function keptStages(items: readonly Item[]): (stage: number) => boolean {
  const stages = of(items, 'from');
  const bases = new Set(stages.map(({ i }) => i.base.toLowerCase()));
  return (n) => stages.length === 0 || n === stages.length - 1 || bases.has(stages[n]?.i.stage || '\n');
}

/**
 * RUNs in which `dirty` is not followed by `clean`. What is cleaned first is filled again after.
 */
export const notCleaned = (items: readonly Item[], dirty: (c: ScriptCommand) => boolean, clean: (c: ScriptCommand) => boolean): Item[] =>
  items.filter((item) => {
    const { commands } = item.script;
    const last = commands.findLastIndex(dirty);
    return last >= 0 && !commands.slice(last).some(clean);
  });

/** rm -rf DIR, rm -rf DIR/* or what lies above it. */
export const removes = (c: ScriptCommand, ...dirs: string[]): boolean =>
  c.name === 'rm' &&
  flagsOf(c).some((f) => f === 'r' || f === 'R' || f === 'recursive') &&
  c.args.some((a) => dirs.includes(a.replace(/\/?\*?$/, '')));
