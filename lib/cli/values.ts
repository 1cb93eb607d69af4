/**
 * What a flag's text stands for: the values of github.com/spf13/pflag and docker/cli's opts, with their errors.
 *
 * A reader throws what follows "invalid argument … for … flag:". Lists check each of their elements as it is given; what
 * only the whole command can tell (a port, a volume) is the command's business.
 */
import { parseBinarySize, parseDuration, parseUlimit, strconv } from '../base';
import { csv } from './csv';
import { parseGpus, parseRateBps, parseRateIops, parseWeightDevice, validateCgroupRule } from './options/devices';
import { parseMount } from './options/mount';
import { parseNetwork } from './options/network';
import { parsePortSpec } from './options/ports';

/** Values by the kind of flag: switch, number, text, or all of a repeated flag's texts in order. */
export type FlagValue = boolean | number | string | string[];

interface Kind {
  /** Reads one text; the values so far are given for flags that may be repeated. */
  read(text: string, before: FlagValue | undefined): FlagValue;
  /** The value when the flag is not given; `shown` is the default that help shows. */
  none(shown: string | undefined): FlagValue;
}

const number = (parse: (text: string) => number): Kind => ({ read: parse, none: (shown) => (shown === undefined ? 0 : parse(shown)) });

const list = (check: (text: string) => string | string[] = (text) => text): Kind => ({
  read: (text, before) => [...((before as string[] | undefined) ?? []), ...[check(text)].flat()],
  none: () => [],
});

/** Billionths, of a rational number. */
function decimal(text: string): number {
  const parts = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?(?:\/(\d+))?$/.exec(text);
  if (!parts || (parts[4] !== undefined && (/[.eE]/.test(text) || Number(parts[4]) === 0)))
    throw new Error(`failed to parse ${text} as a rational number`);
  const billionths = Number(`${parts[1]}${parts[2]}e${Number(parts[3] ?? 0) + 9}`) / Number(parts[4] ?? 1);
  if (Math.abs(billionths - Math.round(billionths)) > 1e-6) throw new Error('value is too precise');
  return Math.round(billionths);
}

function filter(text: string): string {
  if (text === '') return text;
  const at = text.indexOf('=');
  if (at < 0) throw new Error('bad format of filter (expected name=value)');
  return `${text.slice(0, at).trim().toLowerCase()}=${text.slice(at + 1).trim()}`;
}

const text: Kind = { read: (given) => given, none: (shown) => shown ?? '' };

/** The types that help names; one it does not name takes text. */
const kinds: Record<string, Kind> = {
  bool: { read: strconv.parseBool, none: (shown) => shown === 'true' },
  int: number((given) => strconv.parseInteger(given, 0)),
  uint: number((given) => strconv.parseUnsigned(given, 0)),
  uint16: number((given) => strconv.parseUnsigned(given, 0, 16)),
  uint32: number((given) => strconv.parseUnsigned(given, 0, 32)),
  float: number(strconv.parseNumber),
  duration: number(parseDuration),
  bytes: number(parseBinarySize),
  decimal: number(decimal),
  string: text,
  list: list(),
  map: list(),
  stringArray: list(),
  strings: list(csv),
  filter: list(filter),
  ulimit: list((given) => {
    parseUlimit(given);
    return given;
  }),
};

/** Lists whose elements take no shape but their own. */
for (const name of ['network', 'scale', 'secret', 'config', 'pref', 'stringToString']) kinds[name] = list();

/** Checks an element by reading it; what it means is read again where it is used. */
const checked = (read: (text: string) => unknown) =>
  list((given) => {
    read(given);
    return given;
  });
kinds.mount = checked(parseMount);
// A swarm's port: fields, or the short form.
kinds.port = checked((given) => given.includes('=') || parsePortSpec(given));
kinds['gpu-request'] = checked(parseGpus);

function environment(given: string): string {
  if (given === '' || given.startsWith('=')) throw new Error(`invalid environment variable: ${given}`);
  return given;
}

/** Eight groups, or fewer with one "::"; the last two may be written as an IPv4 address. */
function isV6(text: string): boolean {
  const halves = text.replace(/:\d+(\.\d+){3}$/, ':0:0').split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const whole = halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length < 8;
  return whole && groups.every((g) => /^[0-9a-f]{1,4}$/i.test(g));
}

function ip(given: string): string {
  const address = given.trim();
  const v4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(address);
  if (!v4 && !isV6(address)) throw new Error(`IP address is not correctly formatted: ${given}`);
  return address;
}

const domainName =
  /^((?::?[a-zA-Z0-9]|:?[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?::?\.(?::?[a-zA-Z0-9]|:?[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*)\.?\s*$/;

function searchDomain(given: string): string {
  const domain = given.replace(/^ +| +$/g, '');
  if (domain === '.') return domain;
  const name = /[a-zA-Z]/.test(domain) ? domainName.exec(domain)?.[1] : undefined;
  if (name === undefined || name.length >= 255) throw new Error(`${domain} is not a valid domain`);
  return name;
}

function extraHost(given: string): string {
  const at = given.search(/[:=]/);
  if (at <= 0) throw new Error(`bad format for add-host: "${given}"`);
  const address = given.slice(at + 1).replace(/^\[(.*)\]$/, '$1');
  if (address !== 'host-gateway') {
    try {
      ip(address);
    } catch {
      throw new Error(`invalid IP address in add-host: "${given.slice(at + 1)}"`);
    }
  }
  return `${given.slice(0, at)}:${address}`;
}

function stream(given: string): string {
  const name = given.toLowerCase();
  if (!['stdin', 'stdout', 'stderr'].includes(name)) throw new Error('valid streams are STDIN, STDOUT and STDERR');
  return name;
}

const namespacedSysctls = [
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
];

function sysctl(given: string): string {
  const name = given.split('=', 1)[0] as string;
  const known = given.includes('=') && (namespacedSysctls.includes(name) || name.startsWith('net.') || name.startsWith('fs.mqueue.'));
  if (!known) throw new Error(`sysctl '${given}' is not allowed`);
  return given;
}

function link(given: string): string {
  if (given === '') throw new Error('empty string specified for links');
  if (given.split(':').length > 2) throw new Error(`bad format for links: ${given}`);
  return given;
}

function label(given: string): string {
  const key = (given.split('=', 1)[0] as string).replace(/^[ \t]+/, '');
  if (key === '') throw new Error(`invalid label '${given}': empty name`);
  if (/[ \t]/.test(key)) throw new Error(`label '${given.split('=', 1)[0]}' contains whitespaces`);
  return given;
}

/** Flags of containers whose elements are checked one by one, by name. */
const byName: Record<string, Kind> = {
  'add-host': list(extraHost),
  attach: list(stream),
  'blkio-weight-device': checked(parseWeightDevice),
  'device-cgroup-rule': checked(validateCgroupRule),
  'device-read-bps': checked(parseRateBps),
  'device-read-iops': checked(parseRateIops),
  'device-write-bps': checked(parseRateBps),
  'device-write-iops': checked(parseRateIops),
  network: checked(parseNetwork),
  dns: list(ip),
  'dns-search': list(searchDomain),
  env: list(environment),
  label: list(label),
  link: list(link),
  'memory-swap': number((given) => (given === '-1' ? -1 : parseBinarySize(given))),
  sysctl: list(sysctl),
};

/** How a flag of docker's own commands is read; those of plugins go by type alone. */
export function kindOf(flag: { name: string; type: string }, plugin: boolean): Kind {
  const named =
    !plugin && flag.type !== 'bool' && flag.type !== 'string' && Object.hasOwn(byName, flag.name) ? byName[flag.name] : undefined;
  return named ?? kinds[flag.type] ?? text;
}

export { decimal as parseDecimal };
