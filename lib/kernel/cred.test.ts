/**
 * Capabilities against the formulas of capabilities(7), "Transformation of capabilities during execve()" and "Effect of
 * user ID changes on capabilities", written here in bigints and set operations of their own.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_CAPS, afterExec, afterIdChange, type Given } from './cred';
import { Errno } from './errno';
import type { Cred } from './state';

const set = fc.bigInt({ min: 0n, max: BigInt(ALL_CAPS) });
const id = fc.constantFrom(0, 1000, 65_534);
/** A process as a kernel lets it be: effective within permitted, ambient within permitted and inheritable. */
const process = fc
  .record({ permitted: set, mask: set, inheritable: set, more: set, bounding: set, uid: id, euid: id, noNewPrivs: fc.boolean() })
  .map(
    ({ permitted, mask, inheritable, more, bounding, uid, euid, noNewPrivs }): Cred => ({
      uid,
      euid,
      suid: euid,
      gid: 100,
      egid: 100,
      sgid: 100,
      groups: [],
      caps: {
        permitted: Number(permitted),
        effective: Number(permitted & mask),
        inheritable: Number(inheritable),
        ambient: Number(permitted & inheritable & more),
        bounding: Number(bounding),
      },
      noNewPrivs,
      securebits: 0,
    }),
  );
const file: fc.Arbitrary<Given> = fc.record({
  mode: fc.constantFrom(0o755, 0o4755),
  uid: id,
  gid: fc.constant(100),
  caps: fc.option(fc.record({ permitted: set.map(Number), inheritable: set.map(Number), effective: fc.boolean() }), { nil: undefined }),
});

/** Of the manual page, for a file and a user without the special rules for root. */
function manual(c: Cred, f: Given) {
  const p = Object.fromEntries(Object.entries(c.caps).map(([n, v]) => [n, BigInt(v)])) as Record<keyof Cred['caps'], bigint>;
  const setuid = !c.noNewPrivs && (f.mode & 0o4000) !== 0;
  const euid = setuid ? f.uid : c.euid;
  let [inheritable, permitted, effective] = [BigInt(f.caps?.inheritable ?? 0), BigInt(f.caps?.permitted ?? 0), f.caps?.effective ?? false];
  const onlyFileCaps = f.caps !== undefined && c.uid !== 0 && euid === 0;
  if (!onlyFileCaps && (c.uid === 0 || euid === 0)) inheritable = permitted = BigInt(ALL_CAPS);
  if (!onlyFileCaps && euid === 0) effective = true;
  const privileged = f.caps !== undefined || euid !== c.uid;
  const ambient = privileged ? 0n : p.ambient;
  const next = (p.inheritable & inheritable) | (permitted & p.bounding) | ambient;
  return { euid, ambient, permitted: next, effective: effective ? next : ambient, inheritable: p.inheritable, bounding: p.bounding };
}

describe('execve', () => {
  it('gives the sets of the manual page', () => {
    fc.assert(
      fc.property(process, file, (c, f) => {
        fc.pre(!c.noNewPrivs);
        // A file that needs what the bounding set withholds is not executed at all.
        const withheld =
          f.caps?.effective &&
          (BigInt(f.caps.permitted) & ~BigInt(c.caps.bounding) & ~(BigInt(f.caps.inheritable) & BigInt(c.caps.inheritable))) !== 0n;
        if (withheld) {
          expect(() => afterExec(c, f, false)).toThrow(Errno);
          return;
        }
        const want = manual(c, f);
        const got = afterExec(c, f, false);
        expect({ euid: got.euid, ...Object.fromEntries(Object.entries(got.caps).map(([n, v]) => [n, BigInt(v)])) }).toEqual(want);
      }),
      { numRuns: 2000 },
    );
  });

  it('with no_new_privs gives nothing that was not there, and no other user', () => {
    fc.assert(
      fc.property(process, file, (c, f) => {
        fc.pre(c.euid === c.uid && !(f.caps?.effective && (BigInt(f.caps.permitted) & ~BigInt(c.caps.bounding)) !== 0n));
        const got = afterExec({ ...c, noNewPrivs: true }, f, false);
        expect(got.euid).toBe(c.uid);
        expect(BigInt(got.caps.permitted) & ~BigInt(c.caps.permitted)).toBe(0n);
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves effective and ambient within permitted, bounding and inheritable as they were', () => {
    fc.assert(
      fc.property(process, file, fc.boolean(), (c, f, nosuid) => {
        let got: Cred;
        try {
          got = afterExec(c, f, nosuid);
        } catch (e) {
          expect(e).toBeInstanceOf(Errno);
          return;
        }
        const { permitted, effective, ambient, ...rest } = got.caps;
        expect(BigInt(effective) & ~BigInt(permitted)).toBe(0n);
        expect(BigInt(ambient) & ~BigInt(permitted)).toBe(0n);
        expect(rest).toEqual({ inheritable: c.caps.inheritable, bounding: c.caps.bounding });
      }),
      { numRuns: 2000 },
    );
  });

  it('knows user 0 of a user namespace by the id that it maps', () => {
    const nobody: Cred = { ...blank, uid: 65_534, euid: 65_534, suid: 65_534 };
    const plain: Given = { mode: 0o755, uid: 0, gid: 0 };
    expect(afterExec(nobody, plain, false, 65_534).caps.effective).toBe(ALL_CAPS);
    expect(afterExec(nobody, plain, false).caps.effective).toBe(0);
    expect(afterExec({ ...blank, uid: 0, euid: 0 }, plain, false, 65_534).caps.effective).toBe(0);
  });
});

const blank: Cred = {
  uid: 1000,
  euid: 1000,
  suid: 1000,
  gid: 100,
  egid: 100,
  sgid: 100,
  groups: [],
  caps: { permitted: 0, effective: 0, inheritable: 0, ambient: 0, bounding: ALL_CAPS },
  noNewPrivs: false,
  securebits: 0,
};

describe('a change of user ids', () => {
  it('clears permitted, effective and ambient when the last 0 goes, and effective when the effective 0 goes', () => {
    fc.assert(
      fc.property(process, id, id, id, (before, uid, euid, suid) => {
        const after = afterIdChange(before, { ...before, uid, euid, suid });
        const had = [before.uid, before.euid, before.suid].includes(0);
        const has = [uid, euid, suid].includes(0);
        const none = had && !has;
        expect(after.caps.permitted).toBe(none ? 0 : before.caps.permitted);
        expect(after.caps.ambient).toBe(none ? 0 : before.caps.ambient);
        const effective =
          before.euid === 0 && euid !== 0 ? 0 : before.euid !== 0 && euid === 0 ? after.caps.permitted : before.caps.effective;
        expect(after.caps.effective).toBe(none ? 0 : effective);
        expect(after.caps.bounding).toBe(before.caps.bounding);
      }),
      { numRuns: 2000 },
    );
  });
});
