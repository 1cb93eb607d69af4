/**
 * sha256sum and its kin: digests of files, written and checked; base64.
 *
 * Source: coreutils 9.10 (digest.c, basenc.c), BusyBox 1.38's md5_sha1_sum.c and uuencode.c.
 */

import { decode64, encode64 } from '../../base/base64';
import { type Algorithm, hasher } from '../../base/digest';
import { attempt, Errno } from '../../kernel';
import { command, type Make } from '../command';
import { slurpAll } from '../inputs';
import { qf, quote, slurp } from '../io';
import type { Io } from '../tool';

/** Digest of a file read piece by piece; '-' is standard input, already read. */
function fileDigest(x: Io, algorithm: Algorithm, file: string, stdin: string): string | Errno {
  if (file === '-') return hasher(algorithm).update(stdin).hex();
  return attempt(() => {
    const fd = x.sys.open(file, { read: true });
    try {
      const h = hasher(algorithm);
      for (;;) {
        const chunk = x.sys.read(fd, 1 << 18);
        if (chunk === null || chunk === '') return h.hex();
        h.update(chunk);
      }
    } finally {
      x.sys.close(fd);
    }
  });
}

const HEX: Record<string, number> = { md5: 32, sha1: 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128 };

export const sum = (algorithm: Algorithm): Make =>
  command({
    options: {
      gnu: {
        short: 'bctwz',
        long: {
          binary: 'b',
          check: 'c',
          text: 't',
          warn: 'w',
          status: 'status',
          quiet: 'quiet',
          strict: 'strict',
          tag: 'tag',
          zero: 'z',
          'ignore-missing': 'ignore-missing',
        },
      },
      busybox: { short: 'scwb' },
    },
    stdin: (argv) => {
      const files = argv.slice(1).filter((a) => a === '-' || !a.startsWith('-'));
      return files.length === 0 || files.includes('-');
    },
    main(x, o, stdin) {
      const busybox = x.flavour === 'busybox';
      const files = o.operands.length ? o.operands : ['-'];
      let failed = false;
      const no = (file: string, e: Errno) => {
        failed = true;
        x.fail(
          busybox
            ? e.code === 'EISDIR'
              ? `can't read '${file}': ${e.message}`
              : `can't open '${file}': ${e.message}`
            : `${qf(file)}: ${e.message}`,
        );
      };
      if (!o.has('c')) {
        for (const file of files) {
          const hex = fileDigest(x, algorithm, file, stdin);
          if (hex instanceof Errno) no(file, hex);
          else if (o.has('tag')) x.out(`${algorithm.toUpperCase()} (${file}) = ${hex}\n`);
          else {
            const odd = /[\\\n\r]/.test(file);
            x.out(
              `${odd ? '\\' : ''}${hex} ${o.has('b') && !busybox ? '*' : ' '}${odd ? file.replace(/\\/g, '\\\\').replace(/\n/g, '\\n') : file}${o.has('z') ? '\0' : '\n'}`,
            );
          }
        }
        return failed ? 1 : 0;
      }
      const status = o.has('status') || (busybox && o.has('s'));
      for (const list of files) {
        const text = list === '-' ? stdin : attempt(() => slurp(x.sys, list));
        if (text instanceof Errno) {
          no(list, text);
          continue;
        }
        let bad = 0;
        let unread = 0;
        let wrong = 0;
        let total = 0;
        for (const line of text.split('\n')) {
          if (line === '' || line.startsWith('#')) continue;
          const tagged = new RegExp(`^${algorithm.toUpperCase()} \\((.*)\\) = ([0-9a-fA-F]+)$`).exec(line);
          const m = tagged ? [line, tagged[2], tagged[1]] : /^([0-9a-fA-F]+) [ *](.*)$/.exec(line);
          if (!m || (m[1] as string).length !== HEX[algorithm]) {
            wrong++;
            continue;
          }
          total++;
          const file = m[2] as string;
          const hex = fileDigest(x, algorithm, file, stdin);
          if (hex instanceof Errno) {
            if (o.has('ignore-missing') && hex.code === 'ENOENT') continue;
            no(file, hex);
            unread++;
            if (!status) x.out(`${file}: FAILED${busybox ? '' : ' open or read'}\n`);
            failed = true;
          } else if (hex === (m[1] as string).toLowerCase()) {
            if (!status && !o.has('quiet')) x.out(`${file}: OK\n`);
          } else {
            bad++;
            failed = true;
            if (!status) x.out(`${file}: FAILED\n`);
          }
        }
        if (busybox) {
          if (bad + unread > 0 && !status) x.fail(`WARNING: ${bad + unread} of ${total} computed checksums did NOT match`);
          if (total === 0) {
            failed = true;
            x.fail(`no checksum lines found in '${list}'`);
          }
          continue;
        }
        if (total === 0) {
          x.fail(`${qf(list)}: no properly formatted checksum lines found`);
          failed = true;
        } else if (!status) {
          const s = (n: number) => (n === 1 ? '' : 's');
          if (wrong > 0) x.fail(`WARNING: ${wrong} line${s(wrong)} ${wrong === 1 ? 'is' : 'are'} improperly formatted`);
          if (unread > 0) x.fail(`WARNING: ${unread} listed file${s(unread)} could not be read`);
          if (bad > 0) x.fail(`WARNING: ${bad} computed checksum${s(bad)} did NOT match`);
        }
      }
      return failed ? 1 : 0;
    },
  });

export const base64 = slurpAll({
  options: { gnu: { short: 'diw:', long: { decode: 'd', 'ignore-garbage': 'i', wrap: 'w:' } }, busybox: { short: 'dw:', long: {} } },
  refused: (x, file, e) =>
    x.fail(
      x.flavour === 'busybox'
        ? `can't open '${file}': ${e.message}`
        : e.code === 'EISDIR'
          ? `read error: ${e.message}`
          : `${qf(file)}: ${e.message}`,
    ),
  main(x, o, inputs, refused) {
    if (refused) return 1;
    const text = inputs.map((i) => i.text).join('');
    if (o.has('d')) {
      const { out, whole } = decode64(text, o.has('i') || x.flavour === 'busybox');
      x.out(out);
      if (whole || (x.flavour === 'busybox' && out !== '')) return 0;
      x.fail(x.flavour === 'busybox' ? 'truncated input' : 'invalid input');
      return 1;
    }
    const wrap = Number(o.value('w') ?? 76);
    if (!Number.isInteger(wrap) || wrap < 0) {
      x.fail(x.flavour === 'busybox' ? `invalid number '${o.value('w')}'` : `invalid wrap size: ${quote(x, o.value('w') as string)}`);
      return 1;
    }
    const out = encode64(text);
    if (wrap === 0) x.out(out);
    else for (let at = 0; at < out.length; at += wrap) x.out(`${out.slice(at, at + wrap)}\n`);
    return 0;
  },
});
