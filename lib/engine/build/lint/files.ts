/** Rules about COPY, ADD and WORKDIR. After the rules of hadolint with the same ids. */

import { type Item, of, unquoted } from './file';
import type { LintRules } from './rule';
import { operandsOf, type ScriptCommand } from './script';

/** Endings of archives that ADD unpacks. */
const ARCHIVE = /\.(tar|Z|bz2|gz|lz|lzma|tZ|tb2|tbz|tbz2|tgz|tlz|tpz|txz|xz)$/;
const REMOTE = /^(https?:\/\/|ftp:\/\/|git@|git:\/\/|ssh:\/\/)/;
const UNPACKERS = ['unzip', 'gunzip', 'bunzip2', 'unlzma', 'unxz', 'zgz', 'uncompress', 'zcat', 'gzcat'];

const baseOf = (path: string): string => unquoted(path).replace(/["']/g, '').split(/[/\\]/).at(-1) ?? '';

const unpacks = (c: ScriptCommand): boolean =>
  UNPACKERS.includes(c.name) ||
  (c.name === 'tar' &&
    c.args.some((a, at) => a === '--extract' || a === '--get' || /^-[^-]*x/.test(a) || (at === 0 && /^[a-zA-Z]*x/.test(a))));

/** Absolute on Linux or Windows, or not to be told before the build. */
const settled = (path: string): boolean => /^([/$]|[A-Za-z]:[/\\])/.test(path.replace(/^["']/, ''));

export const FILES = {
  DL3000: {
    severity: 'error',
    title: 'Write WORKDIR as an absolute path.',
    why: 'A relative one depends on the directory that the base image happens to end in.',
    example: 'FROM alpine:3.20\nWORKDIR app\n',
    mend: 'FROM alpine:3.20\nWORKDIR /app\n',
    check: (items) => of(items, 'workdir').flatMap(({ item, i }) => (settled(i.path) ? [] : [item])),
    onBuild: true,
  },
  DL3010: {
    severity: 'info',
    title: 'Let ADD unpack a local archive.',
    why: 'COPY and then tar keeps the archive in one layer and its files in the next; ADD keeps only the files.',
    example: 'FROM debian:12\nCOPY app.tar.gz /tmp/\nRUN tar -xzf /tmp/app.tar.gz -C /srv\n',
    mend: 'FROM debian:12\nADD app.tar.gz /srv/\n',
    check: (items) => {
      const out = new Set<Item>();
      let archives: { item: Item; name: string }[] = [];
      for (const item of items) {
        if (item.name === 'from') archives = [];
        if (item.i?.kind === 'copy' && item.i.from === undefined) {
          const { sources, dest } = item.i;
          const names = ARCHIVE.test(baseOf(dest)) ? [dest] : sources;
          archives.push(
            ...names
              .map(baseOf)
              .filter((name) => ARCHIVE.test(name))
              .map((name) => ({ item, name })),
          );
        }
        for (const c of item.script.commands)
          if (unpacks(c)) for (const a of archives) if (operandsOf(c).map(baseOf).includes(a.name)) out.add(a.item);
      }
      return [...out];
    },
  },
  DL3020: {
    severity: 'error',
    title: 'Use COPY for plain files and directories.',
    why: 'ADD does more than copying: it fetches addresses and unpacks archives. COPY says what is meant and cannot surprise.',
    example: 'FROM alpine:3.20\nADD app.conf /etc/\n',
    mend: 'FROM alpine:3.20\nCOPY app.conf /etc/\n',
    check: (items) =>
      of(items, 'add').flatMap(({ item, i }) =>
        i.sources.some((s) => !REMOTE.test(unquoted(s)) && !ARCHIVE.test(unquoted(s)) && !s.includes('$')) ? [item] : [],
      ),
    onBuild: true,
  },
  DL3021: {
    severity: 'error',
    title: 'End the destination of several sources with a slash.',
    why: 'Several files fit only into a directory; the slash says that it is one.',
    example: 'FROM alpine:3.20\nCOPY a b etc\n',
    mend: 'FROM alpine:3.20\nCOPY a b etc/\n',
    check: (items) => of(items, 'copy').flatMap(({ item, i }) => (i.sources.length > 1 && !/[/\\]$/.test(unquoted(i.dest)) ? [item] : [])),
    onBuild: true,
  },
  DL3022: {
    severity: 'warning',
    title: 'COPY --from names a stage above.',
    why: 'A name that is no stage of this file is taken for an image and pulled, or the build fails.',
    example: 'FROM alpine:3.20\nCOPY --from=builder /app /app\n',
    mend: 'FROM golang:1.22 AS builder\nFROM alpine:3.20\nCOPY --from=builder /app /app\n',
    check: (items) => {
      const names = new Set<string>();
      let stages = 0;
      const out: Item[] = [];
      for (const item of items) {
        if (item.i?.kind === 'from') {
          stages++;
          if (item.i.stage !== '') names.add(item.i.stage);
        }
        if (item.i?.kind !== 'copy' || item.i.from === undefined) continue;
        const from = item.i.from;
        const number = /^\d+$/.test(from) && Number(from) < stages;
        if (!number && !names.has(from.toLowerCase()) && !from.includes(':')) out.push(item);
      }
      return out;
    },
  },
  DL3023: {
    severity: 'error',
    title: 'A stage cannot copy from itself.',
    why: 'COPY --from takes files from a stage that is finished; this one is not.',
    example: 'FROM alpine:3.20 AS a\nCOPY --from=a /x /y\n',
    mend: 'FROM alpine:3.20 AS a\nFROM alpine:3.20 AS b\nCOPY --from=a /x /y\n',
    check: (items) => {
      let current = '';
      return items.filter((item) => {
        if (item.i?.kind === 'from') current = item.i.stage;
        return item.i?.kind === 'copy' && current !== '' && item.i.from?.toLowerCase() === current;
      });
    },
  },
  DL3045: {
    severity: 'warning',
    title: 'Set WORKDIR before you COPY to a relative path.',
    why: 'Without it the file goes wherever the base image happens to end, often /.',
    example: 'FROM alpine:3.20\nCOPY app app\n',
    mend: 'FROM alpine:3.20\nWORKDIR /srv\nCOPY app app\n',
    check: (items) => {
      /** Names of stages that have set one. */
      const set = new Set<string>();
      let name = '';
      let here = false;
      return items.filter((item) => {
        if (item.i?.kind === 'from') {
          here = set.has(item.i.base.toLowerCase());
          name = item.i.stage || item.i.base.toLowerCase();
          // The same image again is a fresh start.
          if (here) set.add(name);
          else set.delete(name);
        }
        if (item.i?.kind === 'workdir') {
          here = true;
          if (name !== '') set.add(name);
        }
        return item.i?.kind === 'copy' && !here && !settled(item.i.dest);
      });
    },
    onBuild: true,
  },
} satisfies LintRules;
