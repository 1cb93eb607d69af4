/**
 * What a scanner does with an image: a list of parts (an SBOM), a list of advisories, and which of the first the second speak of.
 *
 *   parts        deb openssl 1.0.1e-2+deb7u4
 *   advisories   CVE-2014-0160 · deb openssl · from 1.0.1-1 · fixed 1.0.1e-2+deb7u5 · 2014-04-07
 *   a match      same packager, same name, from ≤ version < fixed, and published by the day that is asked about
 *
 * This is what OSV's records say (ossf.github.io/osv-schema, "affected"), and what Trivy and Grype do. The advisories here are four
 * real flaws, as the projects and distributions published them:
 *   openssl.org/news/secadv/20140407.txt, DSA-2896-1 · logging.apache.org/security.html ·
 *   DSA-5649-1, alpinelinux.org/posts/XZ-backdoor-CVE-2024-3094.html
 *
 * Simplified: four flaws and no more: a part without a match is not thereby sound. Severity, and whether the flawed code is ever run, are left out.
 */
import { COMPARE, type Ecosystem } from './versions';

export interface Part {
  ecosystem: Ecosystem;
  name: string;
  version: string;
}

export interface Advisory {
  id: string;
  ecosystem: Ecosystem;
  name: string;
  /** The first version that has the flaw, and the first later one that has it no more. */
  from: string;
  fixed: string;
  /** When it was published: year-month-day. */
  day: string;
}

export const ADVISORIES: readonly Advisory[] = [
  { id: 'CVE-2014-0160', ecosystem: 'deb', name: 'openssl', from: '1.0.1-1', fixed: '1.0.1e-2+deb7u5', day: '2014-04-07' },
  { id: 'CVE-2021-44228', ecosystem: 'maven', name: 'log4j-core', from: '2.0-beta9', fixed: '2.15.0', day: '2021-12-10' },
  { id: 'CVE-2024-3094', ecosystem: 'deb', name: 'xz-utils', from: '5.5.1alpha-0.1', fixed: '5.6.1+really5.4.5-1', day: '2024-03-29' },
  { id: 'CVE-2024-3094', ecosystem: 'apk', name: 'xz', from: '5.6.0-r0', fixed: '5.6.1-r2', day: '2024-03-29' },
];

/** Flaws by the version numbers of the projects alone: what is matched by somebody who does not ask the distribution. */
const UPSTREAM: Readonly<Record<string, { name: string; from: string; fixed: string }>> = {
  openssl: { name: 'openssl', from: '1.0.1', fixed: '1.0.1g' },
  'xz-utils': { name: 'xz', from: '5.6.0', fixed: '5.6.2' },
  xz: { name: 'xz', from: '5.6.0', fixed: '5.6.2' },
};

/** By whose numbers versions are matched: those of the distribution that made the package, or those of the project it was made from. */
export type By = 'distribution' | 'project';

export interface Found {
  part: Part;
  /** What is known of it on the day, earliest first. */
  known: Advisory[];
  /** What is published later. */
  later: Advisory[];
}

const upstreamOf = (version: string) => version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');

function speaksOf(a: Advisory, part: Part, by: By): boolean {
  if (a.ecosystem !== part.ecosystem || a.name !== part.name) return false;
  const project = by === 'project' ? UPSTREAM[a.name] : undefined;
  const compare = project ? COMPARE.deb : COMPARE[a.ecosystem];
  const version = project ? upstreamOf(part.version) : part.version;
  const { from, fixed } = project ?? a;
  return compare(version, from) >= 0 && compare(version, fixed) < 0;
}

/** What is known of each part on a day (year-month-day). */
export const scan = (parts: readonly Part[], day: string, by: By = 'distribution', advisories = ADVISORIES): Found[] =>
  parts.map((part) => {
    const matched = advisories.filter((a) => speaksOf(a, part, by)).sort((a, b) => (a.day < b.day ? -1 : 1));
    return { part, known: matched.filter((a) => a.day <= day), later: matched.filter((a) => a.day > day) };
  });

/** Lines of `packager name version`; what is none is left out, and counted. */
export function readParts(text: string): { parts: Part[]; unread: number } {
  const lines = text.split('\n').filter((l) => l.trim() !== '');
  const parts = lines.flatMap((l): Part[] => {
    const [ecosystem = '', name, version] = l.trim().split(/\s+/);
    return Object.hasOwn(COMPARE, ecosystem) && name && version ? [{ ecosystem: ecosystem as Ecosystem, name, version }] : [];
  });
  return { parts, unread: lines.length - parts.length };
}
