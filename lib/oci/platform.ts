/**
 * Platforms: what an image was made for, as text and as a choice among several. image-spec "Image Index", platform;
 * containerd/platforms.
 *
 *   linux/arm64/v8      <os>[(<version>+<feature>…)]/<arch>[/<variant>]; one word is an os or an architecture
 *
 * A machine runs more than its own platform: amd64 runs 386, arm64 runs arm/v8, v7, v6 and v5. So "which of these images is for
 * this machine" is a list of matchers, best first.
 *
 * Simplified: versions of Windows are not compared with each other.
 */

import { strconv } from '../base';

export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
  osVersion?: string;
  osFeatures?: string[];
}

/** A platform that is none; messages as containerd's. */
export class PlatformError extends Error {}

/** What this machine is. */
export const HOST: Platform = { os: 'linux', architecture: 'amd64' };

const KNOWN_OS = 'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(' ');
const KNOWN_ARCH = (
  '386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ' +
  'ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm'
).split(' ');

const COMPONENT = '^[A-Za-z0-9_.-]+$';
const OS_COMPONENT = '^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$';

const q = strconv.quote;
const invalid = (text: string) => new PlatformError(`${text}: invalid argument`);

const osName = (name: string): string => {
  const lower = name.toLowerCase();
  return lower === 'macos' ? 'darwin' : lower;
};

/** Other names of an architecture, and variants that say nothing. */
function archOf(name: string, given: string): { architecture: string; variant: string } {
  const variant = given.toLowerCase();
  const lower = name.toLowerCase();
  switch (lower) {
    case 'i386':
      return { architecture: '386', variant: '' };
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return { architecture: 'amd64', variant: variant === 'v1' ? '' : variant };
    case 'aarch64':
    case 'arm64':
      return {
        architecture: 'arm64',
        variant: ['8', 'v8', 'v8.0'].includes(variant) ? '' : variant === '9' || variant === '9.0' || variant === 'v9.0' ? 'v9' : variant,
      };
    case 'armhf':
      return { architecture: 'arm', variant: 'v7' };
    case 'armel':
      return { architecture: 'arm', variant: 'v6' };
    case 'arm':
      return { architecture: 'arm', variant: variant === '' || variant === '7' ? 'v7' : /^[568]$/.test(variant) ? `v${variant}` : variant };
    default:
      return { architecture: lower, variant };
  }
}

const make = (os: string, a: { architecture: string; variant: string }, version: string, features: string[]): Platform => ({
  os,
  architecture: a.architecture,
  ...(a.variant === '' ? {} : { variant: a.variant }),
  ...(version === '' ? {} : { osVersion: version }),
  ...(features.length === 0 ? {} : { osFeatures: features }),
});

/** %2B is a plus sign that belongs to a name. */
function unescaped(specifier: string, what: string, text: string): string {
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(text);
  if (bad) throw new PlatformError(`${q(specifier)} has an invalid OS ${what} ${q(text)}: invalid URL escape ${q(bad[0])}`);
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Reads a platform as a user types it; what is left out is the host's. */
export function parse(specifier: string, host: Platform = HOST): Platform {
  if (specifier.includes('*')) throw invalid(`${q(specifier)}: wildcards not yet supported`);
  const parts = specifier.split('/');
  const first = parts[0] ?? '';
  const os = new RegExp(OS_COMPONENT).exec(first);
  if (!os)
    throw invalid(
      `${q(first)} is an invalid OS component of ${q(specifier)}: OSAndVersion specifier component must match ${q(OS_COMPONENT)}`,
    );
  const name = osName(os[1] as string);
  const version = unescaped(specifier, 'version', os[2] ?? '');
  const features =
    (os[3] ?? '') === ''
      ? []
      : (os[3] as string)
          .slice(1)
          .split('+')
          .map((f) => unescaped(specifier, 'feature', f));
  const rest = parts.length > 4 ? [...parts.slice(1, 3), parts.slice(3).join('/')] : parts.slice(1);
  for (const part of rest)
    if (!new RegExp(COMPONENT).test(part))
      throw invalid(`${q(part)} is an invalid component of ${q(specifier)}: platform specifier component must match ${q(COMPONENT)}`);
  // The usual variant of 32-bit ARM is not written.
  const plain = (a: { architecture: string; variant: string }) =>
    a.architecture === 'arm' && a.variant === 'v7' ? { ...a, variant: '' } : a;
  switch (rest.length) {
    case 0: {
      if (KNOWN_OS.includes(name)) return make(name, { architecture: host.architecture, variant: '' }, version, features);
      const arch = plain(archOf(first, ''));
      if (KNOWN_ARCH.includes(arch.architecture)) return make(host.os, arch, version, features);
      throw invalid(`${q(specifier)}: unknown operating system or architecture`);
    }
    case 1:
      return make(name, plain(archOf(rest[0] as string, '')), version, features);
    case 2: {
      const arch = archOf(rest[0] as string, rest[1] as string);
      return make(name, arch.architecture === 'arm64' && arch.variant === '' ? { ...arch, variant: 'v8' } : arch, version, features);
    }
    default:
      throw invalid(`${q(specifier)}: cannot parse platform specifier`);
  }
}

/** One spelling for platforms that mean the same. */
export function normalize(p: Platform): Platform {
  const features = [...new Set([...(p.osFeatures ?? [])].sort())];
  return make(osName(p.os), archOf(p.architecture, p.variant ?? ''), p.osVersion ?? '', features);
}

const joined = (os: string, p: Platform): string =>
  [os, p.architecture, p.variant].filter((part) => part !== undefined && part !== '').join('/');

/** linux/arm64/v8 */
export const format = (p: Platform): string => (p.os === '' ? 'unknown' : joined(p.os, p));

const escaped = (text: string): string => text.replace(/[%+()/]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** The same with version and features of the system: linux(1.2+gpu)/amd64. */
export function formatAll(p: Platform): string {
  if (p.os === '') return 'unknown';
  const options =
    escaped(p.osVersion ?? '') +
    [...(p.osFeatures ?? [])]
      .sort()
      .map((f) => `+${escaped(f)}`)
      .join('');
  return joined(options === '' ? p.os : `${p.os}(${options})`, p);
}

/** Whether an image for `candidate` is one for exactly `wanted` (which is normalised): it may ask for fewer features. */
function same(wanted: Platform, candidate: Platform): boolean {
  const c = normalize(candidate);
  return (
    wanted.os === c.os &&
    wanted.architecture === c.architecture &&
    (wanted.variant ?? '') === (c.variant ?? '') &&
    (c.osFeatures ?? []).every((f) => wanted.osFeatures?.includes(f))
  );
}

/** From a number down to 1 below it: 8, 7, 6 … `least`. */
const down = (from: number, least: number): number[] => Array.from({ length: Math.max(0, from - least + 1) }, (_, i) => from - i);

/** What a machine of a (normalised) platform runs, best first. */
function runnable(p: Platform): Platform[] {
  const variant = (v: string): Platform => ({ ...p, variant: v });
  const digits = (text: string) => (/^v?\d+$/.test(text) ? Number(text.replace('v', '')) : null);
  const version = digits(p.variant ?? '');
  switch (p.architecture) {
    case 'amd64': {
      const { variant: _, ...bare } = p;
      return [p, ...down((version ?? 1) - 1, 1).map((n) => variant(`v${n}`)), { ...bare, architecture: '386' }];
    }
    case 'arm':
      return [p, ...down((version ?? 5) - 1, 5).map((n) => variant(`v${n}`))];
    case 'arm64': {
      const own = p.variant || 'v8';
      const [major = '', minor = ''] = own.split('.');
      const out = [p];
      let n = /^\d$/.test(minor) && own.length === 4 ? Number(minor) : 0;
      const below = (m: number, from: number) => down(from - 1, 0).map((k) => variant(k === 0 ? `v${m}` : `v${m}.${k}`));
      if (digits(major) === 9) {
        // ARMv9.0 is ARMv8.5 and more.
        out.push(...below(9, n));
        n += 5;
        out.push(variant(`v8.${n}`));
      }
      if ((digits(major) ?? 0) >= 8) out.push(...below(8, n));
      const arm = { ...p, architecture: 'arm', variant: /^v[89]\./.test(own) ? 'v8' : own };
      return [...out, ...runnable(arm)];
    }
    default:
      return [p];
  }
}

export type Mode = 'only' | 'only-strict';

const matchersOf = (p: Platform, mode: Mode): Platform[] => (mode === 'only' ? runnable(normalize(p)) : [p]).map(normalize);

/** Whether a machine of platform `p` takes an image for `candidate`. */
export const matches = (p: Platform, candidate: Platform, mode: Mode = 'only'): boolean =>
  matchersOf(p, mode).some((m) => same(m, candidate));

/** Candidates, best first; those that want features which are not there come after those that fit; equals stay in order. */
export function order(p: Platform, candidates: readonly Platform[], mode: Mode = 'only'): Platform[] {
  const matchers = matchersOf(p, mode);
  const rank = (c: Platform): number => {
    const { osFeatures, ...bare } = c;
    const at = matchers.findIndex((m) => same(m, c));
    if (at >= 0) return at;
    return matchers.some((m) => same(m, bare)) ? matchers.length : matchers.length + 1;
  };
  const features = (c: Platform) => normalize(c).osFeatures?.length ?? 0;
  return [...candidates].sort((a, b) => rank(a) - rank(b) || (rank(a) < matchers.length ? features(b) - features(a) : 0));
}
