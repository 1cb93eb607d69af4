import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type By, compareApk, compareDeb, compareMaven, readParts, scan } from '.';

const sign = (n: number) => (n < 0 ? '<' : n > 0 ? '>' : '=');

describe('versions', () => {
  // Right sides are what dpkg 1.21.22 answers: dpkg --compare-versions.
  test.each([
    ['1.0.1e-2+deb7u4', '<', '1.0.1e-2+deb7u5'],
    ['1.0.1e-2+deb7u5', '<', '1.0.1g-1'],
    ['5.6.1-1', '<', '5.6.1+really5.4.5-1'],
    ['1:1.0-1', '>', '2.0-1'],
    ['1.0~rc1-1', '<', '1.0-1'],
    ['1.0', '=', '1.0-0'],
    ['1.0-1', '<', '1.0-1+b1'],
    ['2.9', '<', '2.10'],
    ['1.0a', '<', '1.0+b'],
    ['1.0', '<', '1.0a'],
    ['5.5.1alpha-0.1', '>', '5.5.1-1'],
    ['5.5.1alpha-0.1', '>', '5.4.5-0.3'],
    ['07', '=', '7'],
    ['1.0.1-1', '<', '1.0.1e-1'],
    ['1.0-1~bpo12+1', '<', '1.0-1'],
  ])('deb: %s %s %s', (a, is, b) =>
    expect([sign(compareDeb(a, b)), sign(compareDeb(b, a))]).toEqual([is, { '<': '>', '>': '<', '=': '=' }[is]]),
  );

  // apk-tools, test/version.data.
  test.each([
    ['2.34', '>', '0.1.0_alpha'],
    ['0.1.0_alpha', '=', '0.1.0_alpha'],
    ['0.1.0_alpha', '<', '0.1.3_alpha'],
    ['0.1.0_alpha2', '>', '0.1.0_alpha'],
    ['1.0_rc1', '<', '1.0'],
    ['1.0_p1', '>', '1.0'],
    ['1.2.3-r2', '>', '1.2.3-r1'],
    ['1.2.3a', '>', '1.2.3'],
    ['5.6.1-r1', '<', '5.6.1-r2'],
  ])('apk: %s %s %s', (a, is, b) => expect(sign(compareApk(a, b))).toBe(is));

  test.each([
    ['2.0-beta9', '<', '2.0'],
    ['2.0-beta9', '<', '2.14.1'],
    ['2.9', '<', '2.14.1'],
    ['2.15.0', '=', '2.15'],
    ['1.0-sp1', '>', '1.0'],
  ])('maven: %s %s %s', (a, is, b) => expect(sign(compareMaven(a, b))).toBe(is));

  const version = fc.stringMatching(/^[0-9][0-9a-z.+~]{0,6}(-[0-9a-z.+~]{1,3})?$/);
  test('an order is an order', () =>
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareDeb(a, b))).toBe(-Math.sign(compareDeb(b, a)) + 0);
        if (compareDeb(a, b) <= 0 && compareDeb(b, c) <= 0) expect(compareDeb(a, c)).toBeLessThanOrEqual(0);
      }),
    ));
});

describe('scan', () => {
  const ids = (line: string, day = '2026-01-01', by: By = 'distribution') =>
    scan(readParts(line).parts, day, by).flatMap((f) => f.known.map((a) => a.id));

  test.each<[string, By, string[]]>([
    ['deb openssl 1.0.1e-2+deb7u4', 'distribution', ['CVE-2014-0160']],
    ['deb openssl 1.0.1e-2+deb7u5', 'distribution', []],
    ['deb openssl 1.0.1e-2+deb7u5', 'project', ['CVE-2014-0160']],
    ['deb openssl 0.9.8o-4squeeze14', 'project', []],
    ['deb xz-utils 5.6.1-1', 'distribution', ['CVE-2024-3094']],
    ['deb xz-utils 5.6.1+really5.4.5-1', 'distribution', []],
    ['apk xz 5.6.1-r1', 'distribution', ['CVE-2024-3094']],
    ['apk xz 5.6.2-r0', 'distribution', []],
    ['maven log4j-core 2.14.1', 'distribution', ['CVE-2021-44228']],
    ['maven log4j-core 1.2.17', 'distribution', []],
    ['maven log4j-api 2.14.1', 'distribution', []],
  ])('%s by the %s', (line, by, wanted) => expect(ids(line, '2026-01-01', by)).toEqual(wanted));

  test('nothing is known before it is published, and what is known stays known', () =>
    fc.assert(
      fc.property(fc.integer({ min: 2013, max: 2026 }), fc.integer({ min: 2013, max: 2026 }), (a, b) => {
        const of = (year: number) => ids('maven log4j-core 2.14.1\ndeb openssl 1.0.1e-2\napk xz 5.6.0-r0', `${year}-06-01`);
        const [early, late] = [of(Math.min(a, b)), of(Math.max(a, b))];
        expect(late).toEqual(expect.arrayContaining(early));
        if (a < 2014) expect(of(a)).toEqual([]);
      }),
    ));

  test('a line that is no part is counted, not guessed at', () =>
    expect(readParts('deb openssl 1.0.1e-2\n\nrpm openssl 1\nCOPY tool /usr/bin')).toEqual({
      parts: [{ ecosystem: 'deb', name: 'openssl', version: '1.0.1e-2' }],
      unread: 2,
    }));
});
