/**
 * Which of two versions is the later one: each packager's own rule, since no two agree.
 *
 *   deb     1.0.1e-2+deb7u4 < 1.0.1e-2+deb7u5 < 1.0.1g-1    Debian policy 5.6.12; dpkg, lib/dpkg/version.c
 *   apk     5.6.1-r1 < 5.6.1-r2, 5.6.1_rc1 < 5.6.1          apk-tools, src/version.c
 *   maven   2.0-beta9 < 2.0 < 2.14.1 < 2.15.0               Maven's ComparableVersion
 *
 * All give a number below, at or above 0.
 *
 * Simplified: of apk's suffixes alpha, beta, pre, rc, cvs, svn, git, hg and p, numbers of at most 15 digits; of Maven's, dots, hyphens and the
 * words alpha, beta, milestone, rc, snapshot and sp.
 */

export type Ecosystem = 'deb' | 'apk' | 'maven';

/** dpkg's weight of a character in a part without digits: ~ before the end, the end before letters, letters before all else. */
const weight = (c: string | undefined): number => {
  if (c === undefined || /\d/.test(c)) return 0;
  if (c === '~') return -1;
  return /[A-Za-z]/.test(c) ? c.charCodeAt(0) : c.charCodeAt(0) + 256;
};

/** dpkg's verrevcmp: by turns a part without digits and a number. */
function byTurns(a: string, b: string): number {
  let [i, j] = [0, 0];
  const digit = (s: string, at: number) => /\d/.test(s[at] ?? '');
  while (i < a.length || j < b.length) {
    while ((i < a.length && !digit(a, i)) || (j < b.length && !digit(b, j))) {
      const differ = weight(a[i]) - weight(b[j]);
      if (differ !== 0) return differ;
      i++;
      j++;
    }
    const [x, y] = [/^\d*/.exec(a.slice(i))?.[0] ?? '', /^\d*/.exec(b.slice(j))?.[0] ?? ''];
    if (BigInt(x || 0) !== BigInt(y || 0)) return BigInt(x || 0) < BigInt(y || 0) ? -1 : 1;
    i += x.length;
    j += y.length;
  }
  return 0;
}

/** epoch:upstream-revision; what is not there is 0, or empty. */
function parts(version: string): [epoch: number, upstream: string, revision: string] {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const hyphen = rest.lastIndexOf('-');
  return [
    colon < 0 ? 0 : Number(version.slice(0, colon)),
    hyphen < 0 ? rest : rest.slice(0, hyphen),
    hyphen < 0 ? '' : rest.slice(hyphen + 1),
  ];
}

export function compareDeb(a: string, b: string): number {
  const [x, y] = [parts(a), parts(b)];
  return x[0] - y[0] || byTurns(x[1], y[1]) || byTurns(x[2], y[2]);
}

const APK_SUFFIXES = ['alpha', 'beta', 'pre', 'rc', '', 'cvs', 'svn', 'git', 'hg', 'p'];
const byOrder = (a: readonly number[], b: readonly number[], none = 0): number => {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const differ = (a[i] ?? none) - (b[i] ?? none);
    if (differ !== 0) return differ;
  }
  return 0;
};

export function compareApk(a: string, b: string): number {
  const read = (v: string) => {
    const m = /^(\d+(?:\.\d+)*)([a-z]?)((?:_[a-z]+\d*)*)(?:-r(\d+))?$/.exec(v);
    const suffix = (m?.[3] ?? '').split('_').filter(Boolean);
    return {
      numbers: (m?.[1] ?? '0').split('.').map(Number),
      letter: m?.[2] ?? '',
      // Each suffix as its place and its number; none is the place in the middle.
      suffixes: suffix.flatMap((s) => [APK_SUFFIXES.indexOf(s.replace(/\d+$/, '')), Number(/\d+$/.exec(s)?.[0] ?? 0)]),
      build: Number(m?.[4] ?? 0),
    };
  };
  const [x, y] = [read(a), read(b)];
  const middle = APK_SUFFIXES.indexOf('');
  return (
    byOrder(x.numbers, y.numbers, -1) ||
    (x.letter < y.letter ? -1 : Number(x.letter > y.letter)) ||
    byOrder([x.suffixes[0] ?? middle, ...x.suffixes.slice(1)], [y.suffixes[0] ?? middle, ...y.suffixes.slice(1)]) ||
    x.build - y.build
  );
}

const MAVEN_WORDS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];

export function compareMaven(a: string, b: string): number {
  // Dots, hyphens, and the border between letters and digits divide; a number comes after any word.
  const read = (v: string) =>
    (v.toLowerCase().match(/\d+|[a-z]+/g) ?? []).map((t) =>
      /\d/.test(t) ? 100 + Number(t) : MAVEN_WORDS.indexOf(t) - MAVEN_WORDS.indexOf(''),
    );
  const [x, y] = [read(a), read(b)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [p, q] = [x[i], y[i]];
    // Beyond its end a version has zeros where the other has numbers, and the empty word where that has words.
    const differ = (p ?? ((q ?? 0) >= 100 ? 100 : 0)) - (q ?? ((p ?? 0) >= 100 ? 100 : 0));
    if (differ !== 0) return differ;
  }
  return 0;
}

export const COMPARE: Readonly<Record<Ecosystem, (a: string, b: string) => number>> = {
  deb: compareDeb,
  apk: compareApk,
  maven: compareMaven,
};
