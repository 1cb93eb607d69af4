/**
 * gzip, gunzip, zcat; and the same for tar -z. The compressor is fflate.
 *
 * Source: gzip(1) 1.14, BusyBox 1.38's archival/bbunzip.c.
 */

import { gunzipSync, gzipSync } from 'fflate';
import { fromArray, toArray } from '../../base/bytes';
import { attempt, Errno } from '../../kernel';
import { type Misuse, readOptions } from '../command';
import { slurp, spill, statOrNull } from '../io';
import { type Flavour, tool } from '../tool';

/** Compressed the same way every time: no name, no time. */
export const compress = (text: string, level = 6): string => fromArray(gzipSync(toArray(text), { level: level as 6, mtime: 0 }));

/** null: not gzip's, or broken. */
export function decompress(data: string): string | null {
  if (!data.startsWith('\x1f\x8b')) return null;
  try {
    return fromArray(gunzipSync(toArray(data)));
  } catch {
    return null;
  }
}

const VERSION = `gzip 1.14
Copyright (C) 2025 Free Software Foundation, Inc.
Copyright (C) 1993 Jean-loup Gailly.
This is free software.  You may redistribute copies of it under the terms of
the GNU General Public License <https://www.gnu.org/licenses/gpl.html>.
There is NO WARRANTY, to the extent permitted by law.

Written by Jean-loup Gailly.
`;

const def: Misuse = {
  options: {
    gnu: {
      short: 'acdfhklLnNqrS:tvV123456789',
      long: {
        stdout: 'c',
        'to-stdout': 'c',
        decompress: 'd',
        uncompress: 'd',
        force: 'f',
        keep: 'k',
        list: 'l',
        quiet: 'q',
        recursive: 'r',
        suffix: 'S:',
        test: 't',
        verbose: 'v',
        fast: '1',
        best: '9',
        name: 'N',
        'no-name': 'n',
        version: 'V',
      },
    },
    busybox: { short: 'cfkdt123456789qvn' },
  },
  package: 'other',
  misuse: 1,
};

export const gzip = (flavour: Flavour, mode: 'gzip' | 'gunzip' | 'zcat' = 'gzip') =>
  tool(
    {
      stdin: (argv) => argv.slice(1).every((a) => a.startsWith('-')),
      main(x, stdin) {
        const gnu = flavour === 'gnu';
        const name = gnu ? 'gzip' : x.name;
        const o = readOptions(x, def);
        if (typeof o === 'number') return o;
        if (gnu && o.has('V')) {
          x.out(VERSION);
          return 0;
        }
        const unpack = mode !== 'gzip' || o.has('d', 't');
        const out = mode === 'zcat' || o.has('c');
        const level = Number(o.given.findLast(([k]) => /^[1-9]$/.test(k))?.[0] ?? 6);
        let code = 0;
        const say = (text: string, status = 1) => {
          x.err(text);
          code = Math.max(code, status);
        };
        const broken = (file: string, data: string) =>
          say(
            gnu
              ? data.startsWith('\x1f\x8b')
                ? `\n${name}: ${file}: unexpected end of file\n`
                : `\n${name}: ${file}: not in gzip format\n`
              : `${name}: ${data.startsWith('\x1f\x8b') ? 'unexpected end of file' : 'invalid magic'}\n`,
          );
        for (const file of o.operands.length ? o.operands : ['-']) {
          if (file === '-') {
            if (!unpack) {
              if (x.sys.isatty(1) && !o.has('f'))
                say(
                  gnu
                    ? `${name}: compressed data not written to a terminal. Use -f to force compression.\nFor help, type: ${name} -h\n`
                    : `${name}: compressed data not written to a terminal. Use -f to force compression\n`,
                );
              else x.out(compress(stdin, level));
              continue;
            }
            const text = decompress(stdin);
            if (text === null) broken('stdin', stdin);
            else if (!o.has('t')) x.out(text);
            continue;
          }
          let path = file;
          if (gnu && unpack && statOrNull(x.sys, file) === null && !/\.gz$/.test(file)) path = `${file}.gz`;
          const st = attempt(() => x.sys.stat(path));
          const data = st instanceof Errno ? st : st.type === 'dir' ? null : attempt(() => slurp(x.sys, path));
          if (data === null) {
            say(gnu ? `${name}: ${path} is a directory -- ignored\n` : `${name}: ${path}: Is a directory\n`, 2);
            continue;
          }
          if (data instanceof Errno || st instanceof Errno) {
            say(`${name}: ${path}: ${(data as Errno).message}\n`);
            continue;
          }
          const suffix = /\.(gz|tgz|taz|z|Z)$/.exec(path);
          if (!out && unpack && !suffix && !o.has('t')) {
            say(gnu ? `${name}: ${path}: unknown suffix -- ignored\n` : `${name}: ${path}: unknown suffix - ignored\n`, gnu ? 2 : 1);
            continue;
          }
          if (!out && !unpack && suffix?.[1] === 'gz' && gnu && !o.has('f')) {
            say(`${name}: ${path} already has .gz suffix -- unchanged\n`, 2);
            continue;
          }
          if (gnu && !out && st.nlink > 1 && !o.has('f') && !o.has('t')) {
            say(`${name}: ${path} has ${st.nlink - 1} other link${st.nlink === 2 ? '' : 's'} -- file ignored\n`, 2);
            continue;
          }
          const result = unpack ? decompress(data) : compress(data, level);
          if (result === null) {
            broken(path, data);
            continue;
          }
          if (o.has('t')) continue;
          if (out) {
            x.out(result);
            continue;
          }
          const to = unpack ? path.replace(/\.(tgz|taz)$/, '.tar').replace(/\.(gz|z|Z)$/, '') : `${path}.gz`;
          if (statOrNull(x.sys, to, false) && !o.has('f')) {
            say(gnu ? `${name}: ${to} already exists;\tnot overwritten\n` : `${name}: can't open '${to}': File exists\n`, gnu ? 2 : 1);
            continue;
          }
          const done = attempt(() => {
            spill(x.sys, to, result, st.mode & 0o777);
            attempt(() => x.sys.chown(to, st.uid, st.gid));
            x.sys.utimes(to, st.atime, st.mtime);
            if (!o.has('k')) x.sys.unlink(path);
          });
          if (done instanceof Errno) say(`${name}: ${to}: ${done.message}\n`);
        }
        return code;
      },
    },
    flavour,
  );
export const gunzip = (flavour: Flavour) => gzip(flavour, 'gunzip');
export const zcat = (flavour: Flavour) => gzip(flavour, 'zcat');
