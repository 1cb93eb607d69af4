/** Rules about FROM: names, tags, stages, platforms. After the rules of hadolint with the same ids. */

import { type Item, of } from './file';
import type { LintRules } from './rule';

/** An image's name taken apart; variables stay what they are. */
function parts(base: string): { tag: string; digest: boolean } {
  const [name = '', digest] = base.split('@');
  const last = name.slice(name.lastIndexOf('/') + 1);
  return { tag: last.includes(':') ? last.slice(last.indexOf(':') + 1) : '', digest: digest !== undefined };
}

const froms = (items: readonly Item[]) => of(items, 'from');

export const BASE_IMAGE = {
  DL3006: {
    severity: 'warning',
    title: 'Say which version of the base image you mean.',
    why: 'Without a tag the name means :latest, and what that is changes from one pull to the next.',
    example: 'FROM debian\n',
    mend: 'FROM debian:12\n',
    check: (items) => {
      const names = new Set(['scratch']);
      return froms(items).flatMap(({ item, i }) => {
        const { tag, digest } = parts(i.base);
        const known = names.has(i.base.toLowerCase()) || i.base.includes('$');
        if (i.stage !== '') names.add(i.stage);
        return tag !== '' || digest || known ? [] : [item];
      });
    },
  },
  DL3007: {
    severity: 'warning',
    title: 'Do not build on :latest.',
    why: 'The tag moves: the same Dockerfile gives another image next month, and nobody sees why.',
    example: 'FROM debian:latest\n',
    mend: 'FROM debian:12\n',
    check: (items) =>
      froms(items).flatMap(({ item, i }) => {
        const { tag, digest } = parts(i.base);
        return tag === 'latest' && !digest ? [item] : [];
      }),
  },
  DL3024: {
    severity: 'error',
    title: 'Give each stage a name of its own.',
    why: 'COPY --from and --target find a stage by its name; of two with the same name one cannot be reached.',
    example: 'FROM alpine:3.20 AS base\nFROM debian:12 AS base\n',
    mend: 'FROM alpine:3.20 AS base\nFROM debian:12 AS final\n',
    check: (items) => {
      const seen = new Set<string>();
      return froms(items).flatMap(({ item, i }) => {
        const again = i.stage !== '' && seen.has(i.stage);
        seen.add(i.stage);
        return again ? [item] : [];
      });
    },
  },
  DL3029: {
    severity: 'warning',
    title: 'Leave the platform to the one who builds.',
    why: 'A platform written into FROM holds on every machine, also on those where the image then runs under emulation.',
    example: 'FROM --platform=linux/amd64 alpine:3.20\n',
    mend: 'FROM alpine:3.20\n',
    check: (items) =>
      froms(items).flatMap(({ item, i }) => (i.platform === '' || /BUILDPLATFORM|TARGETPLATFORM/.test(i.platform) ? [] : [item])),
  },
  DL3061: {
    severity: 'error',
    title: 'Begin with FROM; only ARG may come before.',
    why: 'Every other instruction changes an image, and before the first FROM there is none.',
    example: 'LABEL a=b\nFROM alpine:3.20\n',
    mend: 'FROM alpine:3.20\nLABEL a=b\n',
    check: (items) => items.filter((x) => x.stage < 0 && x.name !== 'arg'),
  },
} satisfies LintRules;
