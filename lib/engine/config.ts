/**
 * /etc/docker/daemon.json: what the daemon reads when it starts. moby daemon/config/config.go (getConflictFreeConfiguration),
 * dockerd(8).
 *
 * Simplified: the keys of KEYS are obeyed. Another key that dockerd knows is left aside, and the console is told so. What follows
 * from flags of the unit is not looked at.
 */

import { jsonComplaint } from '../base/go-json';
import { attempt, Errno, type Sys } from '../kernel';
import type { Predefined } from './net/ipam';
import type { RuntimeConfig } from './runtimes';
import type { DaemonConfig } from './state';

const isText = (v: unknown): v is string => typeof v === 'string';
const isRecord = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);
const texts = (v: unknown): string[] | null => (Array.isArray(v) && v.every(isText) ? v : null);
const text = (v: unknown): string | null => (isText(v) ? v : null);
const pools = (v: unknown): Predefined[] | null =>
  Array.isArray(v) && v.every((p) => isRecord(p) && isText(p.base) && typeof p.size === 'number') ? (v as Predefined[]) : null;
const options = (v: unknown): Record<string, Record<string, string>> | null =>
  isRecord(v) && Object.values(v).every((o) => isRecord(o) && Object.values(o).every(isText))
    ? (v as Record<string, Record<string, string>>)
    : null;

const runtimes = (v: unknown): Record<string, RuntimeConfig> | null =>
  isRecord(v) && Object.values(v).every((r) => isRecord(r) && Object.values(r).every((f) => isText(f) || texts(f) !== null || isRecord(f)))
    ? (v as Record<string, RuntimeConfig>)
    : null;

/** How each key is read; null: not of this shape. */
const KEYS: { [K in keyof DaemonConfig]-?: (v: unknown) => NonNullable<DaemonConfig[K]> | null } = {
  bip: text,
  'fixed-cidr': text,
  'default-address-pools': pools,
  'default-network-opts': options,
  mtu: (v) => (typeof v === 'number' ? v : null),
  dns: texts,
  'dns-search': texts,
  'dns-opts': texts,
  icc: (v) => (typeof v === 'boolean' ? v : null),
  'userland-proxy': (v) => (typeof v === 'boolean' ? v : null),
  ip: text,
  'live-restore': (v) => (typeof v === 'boolean' ? v : null),
  'userns-remap': text,
  'insecure-registries': texts,
  'registry-mirrors': (v) => texts(v)?.map((url) => url.replace(/\/*$/, '/')) ?? null,
  runtimes,
  'default-runtime': text,
};

/** What else dockerd knows, of what people write there. */
const UNMODELLED = [
  'ipv6',
  'fixed-cidr-v6',
  'ip6tables',
  'iptables',
  'ip-forward',
  'ip-masq',
  'bridge',
  'default-gateway',
  'log-driver',
  'log-opts',
  'log-level',
  'debug',
  'data-root',
  'exec-root',
  'storage-driver',
  'storage-opts',
  'hosts',
  'tls',
  'tlsverify',
  'features',
  'builder',
  'cgroup-parent',
  'exec-opts',
  'default-ulimits',
  'init',
  'labels',
  'experimental',
  'metrics-addr',
  'no-new-privileges',
  'seccomp-profile',
  'shutdown-timeout',
  'max-concurrent-downloads',
  'max-concurrent-uploads',
  'default-shm-size',
  'default-cgroupns-mode',
  'default-ipc-mode',
  'group',
  'proxies',
  'dns-option',
  'firewall-backend',
];

/** What is wrong with the URL of a mirror: registry/config.go, ValidateMirror. */
function mirrorFault(url: string): string | null {
  const quoted = JSON.stringify(url);
  const [, scheme, authority = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  if (scheme === undefined) return `no scheme specified for ${quoted}: must use either 'https://' or 'http://'`;
  if (scheme !== 'http' && scheme !== 'https')
    return `unsupported scheme "${scheme}" in ${quoted}: must use either 'https://' or 'http://'`;
  if (/[?#]/.test(rest)) return `query or fragment at end of the URI ${quoted}`;
  return authority.includes('@') ? `username/password not allowed in URI ${quoted.replace(/:[^:@]*@/, ':xxxxx@')}` : null;
}

/** A file that the daemon does not start over; the message as dockerd writes it. */
export class ConfigError extends Error {}

function contents(sys: Sys, path: string): string | null {
  const fd = attempt(() => sys.open(path, { read: true }));
  if (fd instanceof Errno || fd === null) return null;
  let all = '';
  for (let part = sys.read(fd, 1 << 16); part; part = sys.read(fd, 1 << 16)) all += part;
  sys.close(fd);
  return all;
}

/** A word on the console, where a person sees it. */
export function tell(sys: Sys, text: string) {
  const fd = attempt(() => sys.open('/dev/console', { write: true }));
  if (fd instanceof Errno || fd === null) return;
  attempt(() => sys.write(fd, text));
  sys.close(fd);
}

/** The daemon's configuration; nothing where there is no file. */
export function readConfig(sys: Sys, path: string): DaemonConfig {
  const written = contents(sys, path);
  if (written === null || written.trim() === '') return {};
  const fault = (why: string) => new ConfigError(`unable to configure the Docker daemon with file ${path}: ${why}`);
  let json: unknown;
  try {
    json = JSON.parse(written);
  } catch {
    throw fault(jsonComplaint(written) ?? 'the file is not valid JSON');
  }
  if (!isRecord(json)) throw fault('the file is not a JSON object');
  const unknown = Object.keys(json).filter((k) => !Object.hasOwn(KEYS, k) && !UNMODELLED.includes(k));
  if (unknown.length) throw fault(`the following directives don't match any configuration option: ${unknown.sort().join(', ')}`);
  const own: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(json)) {
    const read = Object.hasOwn(KEYS, key) ? KEYS[key as keyof DaemonConfig](value) : undefined;
    if (read === undefined) {
      tell(sys, `drydock: ${key} in daemon.json is not modelled: the engine goes on without it\n`);
      continue;
    }
    if (read === null) throw fault(`the value of ${key} has the wrong type`);
    own[key] = read;
  }
  const mirror = texts(json['registry-mirrors'])
    ?.map(mirrorFault)
    .find((why) => why !== null);
  if (mirror) throw fault(`merged configuration validation from file and command line flags failed: invalid mirror: ${mirror}`);
  return own;
}
