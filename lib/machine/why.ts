/**
 * Why did that fail? After a command that failed: which check refused, and what would change it.
 *
 * Programs try and fail all the time without a word (a shell looks for `ls` in four directories, docker for a config file
 * that need not be there), so the last refusal is rarely the one. What decided is a refusal that somebody told: its
 * errno's words are on the screen, and, where several fit, its path is, too. The daemon refuses before the kernel is
 * asked; those answers are known by their words (moby daemon/, client's "Error response from daemon").
 *
 * Simplified: a refusal belongs to its step's trace and is no part of the machine, so no program on the machine can ask
 * for it: the answer is the page's line under the command.
 */

import { MESSAGES } from '../kernel';
import type { Refusal, Trace } from './face';

export interface Why {
  /** Which check refused, and what would change it. */
  sentence: string;
  by: Refusal['by'];
  /** The call that was refused: `openat("/f", O_WRONLY)`. */
  call: string;
  container?: string;
}

/** What lets a call through that this gate refused with this errno. */
const REMEDIES: Partial<Record<`${Refusal['by']}/${string}`, string>> = {
  'mount/EROFS': 'a volume, a tmpfs or a mount without `ro` at that place could be written',
  'overlayfs/EROFS': 'an overlay with an upperdir could be written',
  'overlayfs/EXDEV': 'copying it and deleting the old one would do, which is what mv does by itself',
  'mount/EXDEV': 'a copy, or both names on one mount, would do',
  'owner/EPERM': 'the owner or root may',
  'owner/EACCES': 'the owner, root, or a mode with that bit would be let in',
  'vfs/EISDIR': 'a path to a file in it would do',
  'vfs/EEXIST': 'another name, or removing that one first, would do',
  'vfs/ENOTEMPTY': 'removing its entries first, or rm -r, would do',
  'overlayfs/ENOTEMPTY': 'removing its entries first, or rm -r, would do',
  'mount/EBUSY': 'unmounting it first would do',
  'network/ECONNREFUSED': 'a server that listens there would answer',
};

/** Refusals that are dockerd's own, by their words. */
const DAEMON: readonly { says: RegExp; why: (match: RegExpExecArray) => string }[] = [
  { says: /No such container: (\S+)/, why: ([, name]) => `the engine has no container named ${name}; docker ps -a lists those it has` },
  {
    says: /cannot remove container "\/?([^"]+)": container is running/,
    why: ([, name]) => `the engine does not remove ${name} while it runs; stop it first, or force it with -f`,
  },
  { says: /container (\S+) is not running/, why: ([, id]) => `${id?.slice(0, 12)} has no process to enter; docker start brings one back` },
  {
    says: /The container name "\/?([^"]+)" is already in use/,
    why: ([, name]) => `a container, running or not, already has the name ${name}; remove it, rename it, or choose another name`,
  },
  { says: /No such image: (\S+)/, why: ([, name]) => `the engine has no image named ${name}; docker images lists those it has` },
  {
    says: /conflict: unable to (?:delete|remove repository reference)[^(]*\([^)]*\) - (.*)/,
    why: ([, because]) => `the engine keeps an image that is in use: ${because}`,
  },
  {
    says: /remove (\S+): volume is in use/,
    why: ([, name]) => `a container, running or not, still refers to the volume ${name}; remove the container first`,
  },
  { says: /get (\S+): no such volume/, why: ([, name]) => `the engine has no volume named ${name}; docker volume ls lists those it has` },
  { says: /^network (\S+) not found/, why: ([, name]) => `the engine has no network named ${name}; docker network ls lists those it has` },
  {
    says: /Could not find the file (\S+) in container (\S+)/,
    why: ([, path, name]) => `the root of ${name} has nothing at ${path}; docker cp needs its parent directory to be there`,
  },
  {
    says: /marked read-only/,
    why: () => 'the container was made with --read-only, and the engine does not write past that; a volume or tmpfs could be written',
  },
];

/** The refusal behind a failed command's message, or null when it failed for a reason of its own. */
export function decisive({ status, refusals, output }: Pick<Trace, 'status' | 'refusals' | 'output'>): Refusal | null {
  if (status === null || status === 0) return null;
  const said = output.toLowerCase();
  const told = refusals.filter(({ errno }) => errno in MESSAGES && said.includes(MESSAGES[errno as keyof typeof MESSAGES].toLowerCase()));
  return told.findLast((r) => namedIn(r, output)) ?? told.at(-1) ?? null;
}

/** Whether a path of the call, or the last name in it, is on the screen after the line that was typed. */
function namedIn({ call }: Refusal, output: string): boolean {
  const printed = output.slice(output.indexOf('\r\n') + 1);
  return [...call.matchAll(/"([^"]+)"/g)].some(([, path = '']) => {
    const name = path.replace(/\/+$/, '').slice(path.replace(/\/+$/, '').lastIndexOf('/') + 1);
    return (
      printed.includes(path) || (name !== '' && new RegExp(`(^|[^\\w.-])${name.replace(/[^\w]/g, '\\$&')}($|[^\\w-])`, 'm').test(printed))
    );
  });
}

const sentence = (...parts: (string | undefined)[]) => {
  const text = parts.filter(Boolean).join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
};

const WRITING = 'cat > FILE <<EOF writes a file line by line, up to a line with EOF alone, and sed -i changes one';
const MANUAL = '--help after a command says how it is used';
const PARTS = 'head, tail and grep show parts of what is long';
const PYTHON = 'docker run --rm -it python:3.12-slim has it: what the host lacks an image may have';

/** What does here what a program that people look for first would do: it is a small host, and has no more than most servers. */
const INSTEAD: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['nano', 'vi', 'vim', 'nvim', 'emacs', 'pico', 'ed', 'code', 'gedit'].map((name) => [name, WRITING])),
  sudo: 'this shell is root’s already: the command without sudo does it',
  man: MANUAL,
  info: MANUAL,
  less: PARTS,
  more: PARTS,
  ifconfig: 'ip address does',
  route: 'ip route does',
  netstat: 'ss does',
  brctl: 'ip link and bridge do',
  nslookup: 'dig and host do',
  wget: 'curl does',
  service: 'systemctl does',
  'docker-compose': 'docker compose does: Compose 2 is a part of the docker command',
  python: PYTHON,
  python3: PYTHON,
};

function missingCommand({ status, refusals, output }: Pick<Trace, 'status' | 'refusals' | 'output'>): Why | null {
  if (status !== 127) return null;
  const name = /(?:^|: )([^\s:]+): (?:command )?not found/m.exec(output.replaceAll('\r', ''))?.[1];
  const looked = refusals.filter(({ call, errno }) => errno === 'ENOENT' && name !== undefined && call.includes(`/${name}"`));
  const last = looked.at(-1);
  if (!last) return null;
  return {
    sentence: sentence(
      `no directory of PATH has a program named ${name}`,
      INSTEAD[name as string] ?? 'a path with a slash, or a PATH that has its directory, would find one',
    ),
    by: last.by,
    call: last.call,
  };
}

/** Ids as docker's tables have them: in a sentence nobody reads all 64 digits. */
const withShortIds = (text: string): string => text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…');

/** One sentence on a failed command, or null when it succeeded, still runs, or failed for a reason of its own. */
export function why(trace: Pick<Trace, 'status' | 'refusals' | 'output'>): Why | null {
  if (trace.status === null || trace.status === 0) return null;
  const missing = missingCommand(trace);
  if (missing) return missing;
  const daemon = /Error response from daemon: ([^\r\n]*)/.exec(trace.output)?.[1];
  for (const { says, why: because } of daemon === undefined ? [] : DAEMON) {
    const match = says.exec(daemon ?? '');
    if (match) return { sentence: sentence(because(match)), by: 'engine', call: 'the Engine API' };
  }
  const r = decisive(trace);
  if (!r) return null;
  const remedy = r.reason.startsWith('drydock:') ? undefined : REMEDIES[`${r.by}/${r.errno}`];
  return { sentence: sentence(withShortIds(r.reason), remedy), by: r.by, call: r.call, ...(r.container ? { container: r.container } : {}) };
}
