/**
 * What the package managers can install: a small catalogue for each, with versions that change as days pass.
 *
 *   releases   [day, version]: from that day on the archive has this version and no older one
 *
 * Days are counted from 2025-11-18, the day the images were built. So a list of packages that was fetched on day 3 names, on day 40,
 * files that are no longer there: what makes a cached `apt-get update` fail.
 *
 * Sizes are of the order of the real packages' (Debian 12, Alpine 3.20, PyPI), bytes.
 * Simplified: a few dozen packages; of a package's files the programs and one file for all the rest.
 */

export interface Package {
  /** [day, version], oldest first. */
  releases: readonly (readonly [day: number, version: string])[];
  /** Bytes of the archive. */
  download: number;
  /** Bytes when it is installed. */
  installed: number;
  depends?: readonly string[];
  /** Installed too unless --no-install-recommends says otherwise. */
  recommends?: readonly string[];
  /** Programs it brings: path without the first slash → implementation of the machine's, or '' for one that is not modelled. */
  programs?: Readonly<Record<string, string>>;
}

const KB = 1000;
const MB = 1000 * KB;

const p = (
  version: string | readonly (readonly [number, string])[],
  download: number,
  installed: number,
  more: Omit<Package, 'releases' | 'download' | 'installed'> = {},
): Package => ({ releases: typeof version === 'string' ? [[0, version]] : version, download, installed, ...more });

/** Debian 12 (bookworm), main. */
export const DEBIAN: Readonly<Record<string, Package>> = {
  'build-essential': p('12.9', 7 * KB, 20 * KB, { depends: ['gcc', 'g++', 'make', 'libc6-dev'] }),
  'ca-certificates': p('20230311+deb12u1', 155 * KB, 387 * KB, { depends: ['openssl'] }),
  curl: p(
    [
      [0, '7.88.1-10+deb12u12'],
      [9, '7.88.1-10+deb12u14'],
      [60, '7.88.1-10+deb12u15'],
    ],
    315 * KB,
    501 * KB,
    { depends: ['libcurl4'], programs: { 'usr/bin/curl': '' } },
  ),
  'g++': p('4:12.2.0-3', 1.3 * KB, 13 * KB, { depends: ['g++-12', 'gcc'], programs: { 'usr/bin/g++': '' } }),
  'g++-12': p('12.2.0-14+deb12u1', 10.7 * MB, 34 * MB, { depends: ['libstdc++-12-dev', 'gcc-12'] }),
  gcc: p('4:12.2.0-3', 5.2 * KB, 44 * KB, { depends: ['gcc-12'], programs: { 'usr/bin/gcc': '' } }),
  'gcc-12': p('12.2.0-14+deb12u1', 19.3 * MB, 53 * MB, { depends: ['cpp-12', 'libgcc-12-dev', 'binutils'] }),
  'cpp-12': p('12.2.0-14+deb12u1', 9.8 * MB, 31 * MB),
  binutils: p('2.40-2', 65 * KB, 107 * KB, { depends: ['binutils-x86-64-linux-gnu'] }),
  'binutils-x86-64-linux-gnu': p('2.40-2', 2.2 * MB, 11.9 * MB),
  'libgcc-12-dev': p('12.2.0-14+deb12u1', 2.4 * MB, 13.4 * MB),
  'libstdc++-12-dev': p('12.2.0-14+deb12u1', 2.0 * MB, 20.7 * MB),
  'libc6-dev': p('2.36-9+deb12u13', 1.9 * MB, 12.1 * MB, { depends: ['linux-libc-dev'] }),
  'linux-libc-dev': p(
    [
      [0, '6.1.153-1'],
      [14, '6.1.158-1'],
    ],
    2.1 * MB,
    9.6 * MB,
  ),
  git: p('1:2.39.5-0+deb12u2', 7.3 * MB, 46.4 * MB, {
    depends: ['git-man', 'libcurl3-gnutls', 'liberror-perl', 'perl'],
    recommends: ['ca-certificates', 'patch', 'less', 'openssh-client'],
    programs: { 'usr/bin/git': '' },
  }),
  'git-man': p('1:2.39.5-0+deb12u2', 2.1 * MB, 2.4 * MB),
  less: p('590-2.1~deb12u2', 132 * KB, 323 * KB, { programs: { 'usr/bin/less': 'gnu/less' } }),
  'libcurl3-gnutls': p('7.88.1-10+deb12u14', 386 * KB, 846 * KB),
  libcurl4: p(
    [
      [0, '7.88.1-10+deb12u12'],
      [9, '7.88.1-10+deb12u14'],
      [60, '7.88.1-10+deb12u15'],
    ],
    390 * KB,
    860 * KB,
    { recommends: ['ca-certificates'] },
  ),
  'liberror-perl': p('0.17029-2', 29 * KB, 70 * KB),
  libpq5: p('15.14-0+deb12u1', 192 * KB, 818 * KB),
  make: p('4.3-4.1', 396 * KB, 1.6 * MB, { programs: { 'usr/bin/make': '' } }),
  netcat: p('1.10-47', 6.4 * KB, 13 * KB),
  'openssh-client': p('1:9.2p1-2+deb12u7', 992 * KB, 5.7 * MB, { programs: { 'usr/bin/ssh': '' } }),
  openssl: p(
    [
      [0, '3.0.17-1~deb12u2'],
      [21, '3.0.17-1~deb12u3'],
    ],
    1.4 * MB,
    2.3 * MB,
    { programs: { 'usr/bin/openssl': '' } },
  ),
  patch: p('2.7.6-7', 128 * KB, 242 * KB, { programs: { 'usr/bin/patch': '' } }),
  perl: p('5.36.0-7+deb12u3', 239 * KB, 671 * KB, { depends: ['perl-modules-5.36', 'libperl5.36'], programs: { 'usr/bin/perl': '' } }),
  'perl-modules-5.36': p('5.36.0-7+deb12u3', 2.8 * MB, 18.4 * MB),
  'libperl5.36': p('5.36.0-7+deb12u3', 4.2 * MB, 29.0 * MB),
  strace: p('6.1-0.1', 1.3 * MB, 2.3 * MB, { depends: ['libunwind8'], programs: { 'usr/bin/strace': 'gnu/strace' } }),
  libunwind8: p('1.6.2-3', 52 * KB, 190 * KB),
  procps: p('2:4.0.2-3', 709 * KB, 2.4 * MB, {
    programs: { 'usr/bin/ps': 'gnu/ps', 'usr/bin/top': 'gnu/top', 'usr/bin/free': 'gnu/free' },
  }),
  python3: p('3.11.2-1+b1', 26 * KB, 82 * KB, { depends: ['python3.11'], programs: { 'usr/bin/python3': '' } }),
  'python3.11': p('3.11.2-6+deb12u6', 573 * KB, 616 * KB, { depends: ['libpython3.11-stdlib'] }),
  'libpython3.11-stdlib': p('3.11.2-6+deb12u6', 1.8 * MB, 8.2 * MB),
  tree: p('2.1.0-1', 51 * KB, 115 * KB, { programs: { 'usr/bin/tree': 'gnu/tree' } }),
  jq: p('1.6-2.1+deb12u1', 64 * KB, 100 * KB, { depends: ['libjq1'], programs: { 'usr/bin/jq': 'gnu/jq' } }),
  libjq1: p('1.6-2.1+deb12u1', 135 * KB, 366 * KB),
  vim: p('2:9.0.1378-2+deb12u2', 1.6 * MB, 3.7 * MB, { depends: ['vim-runtime'], programs: { 'usr/bin/vim': '' } }),
  'vim-runtime': p('2:9.0.1378-2+deb12u2', 7.0 * MB, 36.6 * MB),
  wget: p('1.21.3-1+deb12u1', 984 * KB, 3.7 * MB, { recommends: ['ca-certificates'], programs: { 'usr/bin/wget': '' } }),
};

/** Alpine 3.20, main. Sizes are in the units of apk: installed bytes. */
export const ALPINE: Readonly<Record<string, Package>> = {
  strace: p('6.9-r0', 433 * KB, 1.3 * MB, { programs: { 'usr/bin/strace': 'gnu/strace' } }),
  bash: p('5.2.26-r0', 465 * KB, 1.3 * MB, { depends: ['readline'], programs: { 'bin/bash': 'bash' } }),
  'build-base': p('0.5-r3', 1.4 * KB, 8 * KB, { depends: ['gcc', 'make', 'musl-dev'] }),
  'ca-certificates': p('20240705-r0', 180 * KB, 668 * KB, { depends: ['libcrypto3'] }),
  curl: p(
    [
      [0, '8.12.1-r0'],
      [20, '8.14.1-r2'],
    ],
    150 * KB,
    268 * KB,
    { depends: ['ca-certificates', 'libcurl'], programs: { 'usr/bin/curl': '' } },
  ),
  flex: p('2.6.4-r6', 315 * KB, 897 * KB, { programs: { 'usr/bin/flex': '' } }),
  gcc: p('13.2.1_git20240309-r1', 60 * MB, 151 * MB, { depends: ['binutils'], programs: { 'usr/bin/gcc': '' } }),
  binutils: p('2.42-r1', 2.2 * MB, 8.8 * MB),
  git: p('2.45.4-r0', 3.1 * MB, 9.2 * MB, { depends: ['libcurl', 'pcre2'], programs: { 'usr/bin/git': '' } }),
  jq: p('1.7.1-r0', 151 * KB, 328 * KB, { depends: ['oniguruma'], programs: { 'usr/bin/jq': 'gnu/jq' } }),
  libcrypto3: p('3.3.5-r0', 1.8 * MB, 4.4 * MB),
  libcurl: p(
    [
      [0, '8.12.1-r0'],
      [20, '8.14.1-r2'],
    ],
    295 * KB,
    622 * KB,
    { depends: ['nghttp2-libs'] },
  ),
  make: p('4.4.1-r2', 105 * KB, 258 * KB, { programs: { 'usr/bin/make': '' } }),
  'musl-dev': p('1.2.5-r1', 2.1 * MB, 10.2 * MB),
  'nghttp2-libs': p('1.62.1-r0', 75 * KB, 176 * KB),
  nodejs: p('20.15.1-r0', 16.4 * MB, 47 * MB, { depends: ['ca-certificates'], programs: { 'usr/bin/node': 'node' } }),
  oniguruma: p('6.9.9-r0', 210 * KB, 545 * KB),
  openssl: p('3.3.5-r0', 334 * KB, 750 * KB, { depends: ['libcrypto3'], programs: { 'usr/bin/openssl': '' } }),
  pcre2: p('10.43-r0', 263 * KB, 608 * KB),
  python3: p('3.12.12-r0', 8.3 * MB, 26 * MB, { depends: ['libcrypto3'], programs: { 'usr/bin/python3': 'python' } }),
  readline: p('8.2.10-r0', 119 * KB, 316 * KB),
  tini: p('0.19.0-r3', 11 * KB, 32 * KB, { programs: { 'sbin/tini': 'docker-init' } }),
  tree: p('2.1.1-r0', 29 * KB, 66 * KB, { programs: { 'usr/bin/tree': 'gnu/tree' } }),
  tzdata: p('2025b-r0', 460 * KB, 3.4 * MB),
};

/** PyPI. `download` is the wheel's size. */
export const PYPI: Readonly<Record<string, Package>> = {
  blinker: p('1.9.0', 8.5 * KB, 24 * KB),
  click: p('8.3.1', 108 * KB, 440 * KB),
  flask: p(
    [
      [0, '3.0.3'],
      [1, '3.1.2'],
    ],
    103 * KB,
    370 * KB,
    { depends: ['blinker', 'click', 'itsdangerous', 'jinja2', 'markupsafe', 'werkzeug'] },
  ),
  itsdangerous: p('2.2.0', 16 * KB, 52 * KB),
  jinja2: p('3.1.6', 135 * KB, 600 * KB, { depends: ['markupsafe'] }),
  markupsafe: p('3.0.3', 22 * KB, 70 * KB),
  numpy: p('2.3.5', 16.6 * MB, 68 * MB),
  requests: p('2.32.5', 64 * KB, 240 * KB, { depends: ['certifi', 'charset-normalizer', 'idna', 'urllib3'] }),
  certifi: p('2025.11.12', 159 * KB, 290 * KB),
  'charset-normalizer': p('3.4.4', 153 * KB, 420 * KB),
  idna: p('3.11', 71 * KB, 360 * KB),
  urllib3: p('2.5.0', 129 * KB, 560 * KB),
  werkzeug: p('3.1.3', 224 * KB, 850 * KB, { depends: ['markupsafe'] }),
  gunicorn: p('23.0.0', 85 * KB, 330 * KB, { programs: { 'usr/local/bin/gunicorn': 'gunicorn' } }),
  supervisor: p('4.3.0', 320 * KB, 1.2 * MB, {
    programs: { 'usr/local/bin/supervisord': 'supervisord', 'usr/local/bin/supervisorctl': 'supervisorctl' },
  }),
};

/** 2025-11-18T00:00:00Z, milliseconds since the epoch. */
const BEGIN = 1_763_424_000_000;

export const dayOf = (now: number): number => Math.floor((now - BEGIN) / 86_400_000);

/** The version that the archive has on a day. */
export const versionOn = (x: Package, day: number): string => (x.releases.findLast(([from]) => from <= day) ?? x.releases[0])?.[1] ?? '';

/** Packages that a list of names needs, what each stands on first; names that are not known come back. */
export function closure(
  catalogue: Readonly<Record<string, Package>>,
  names: readonly string[],
  has: (name: string) => boolean,
  recommends: boolean,
): { order: string[]; unknown: string[] } {
  const order: string[] = [];
  const unknown: string[] = [];
  const visit = (name: string, asked: boolean) => {
    const x = Object.hasOwn(catalogue, name) ? (catalogue[name] as Package) : undefined;
    if (!x) {
      if (asked) unknown.push(name);
      return;
    }
    if (order.includes(name) || has(name)) return;
    for (const d of [...(x.depends ?? []), ...(recommends ? (x.recommends ?? []) : [])]) visit(d, false);
    if (!order.includes(name)) order.push(name);
  };
  for (const n of names) visit(n, true);
  return { order, unknown };
}
