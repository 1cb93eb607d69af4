/** Facts about registries that run on the machine, and about what the engine has from them. Part of the table in facts.ts. */

import * as z from 'zod/mini';
import { look } from '../machine';
import { registryView } from '../machine/views/registry';
import { code, fact, noImage } from './fact';
import { optional, strictObject, text, texts } from './schema';

const registryOf = (l: look.Look, name: string) => registryView(l, name, null);
const none = (name: string) => `There is no registry ${code(name)}.`;

export const REGISTRY_FACTS = {
  /** A tag of a registry: that it is there, what else stands for the same manifest, for which platforms it is a list. */
  tagged: fact({
    args: strictObject({
      in: text,
      tag: text,
      absent: optional(z.literal(true)),
      same: optional(text),
      differs: optional(text),
      platforms: optional(texts(1)),
    }),
    says(a) {
      const it = `In the registry ${code(a.in)}, ${code(a.tag)}`;
      if (a.absent) return `${it} is not there`;
      if (a.same !== undefined) return `${it} is the manifest that ${code(a.same)} is`;
      if (a.differs !== undefined) return `${it} is another manifest than ${code(a.differs)}`;
      return a.platforms ? `${it} is a list for ${a.platforms.join(' and ')}` : `${it} is there`;
    },
    missing(l, a) {
      const r = registryOf(l, a.in);
      if (r === null) return none(a.in);
      const digestOf = (tag: string) => r.tags.find((t) => t.name === tag)?.digest;
      const own = digestOf(a.tag);
      if (a.absent) return own === undefined ? null : `${code(a.tag)} is still in ${code(a.in)}.`;
      if (own === undefined) return `${code(a.in)} has no ${code(a.tag)}.`;
      const other = a.same ?? a.differs;
      if (other !== undefined && digestOf(other) === undefined) return `${code(a.in)} has no ${code(other)}.`;
      if (a.same !== undefined && digestOf(a.same) !== own) return `${code(a.tag)} and ${code(a.same)} are two manifests.`;
      if (a.differs !== undefined && digestOf(a.differs) === own) return `${code(a.tag)} and ${code(a.differs)} are one manifest.`;
      const list = r.manifests.find((m) => m.digest === own)?.list;
      if (!a.platforms) return null;
      if (!list) return `${code(a.tag)} is one manifest, and no list.`;
      const lacks = a.platforms.find((p) => !list.some((m) => m.platform === p));
      return lacks === undefined ? null : `The list ${code(a.tag)} has nothing for ${lacks}.`;
    },
  }),

  /** What lies in a registry that no manifest refers to. */
  unreferenced: fact({
    args: strictObject({ in: text, left: z.boolean() }),
    says: (a) => `In the registry ${code(a.in)}, ${a.left ? 'blobs lie that nobody refers to' : 'a manifest refers to every blob'}`,
    missing(l, a) {
      const r = registryOf(l, a.in);
      if (r === null) return none(a.in);
      const n = r.blobs.filter((b) => b.kind === 'loose').length;
      if (n > 0 === a.left) return null;
      return n > 0
        ? `In ${code(a.in)}, nobody refers to ${n} ${n === 1 ? 'blob' : 'blobs'}.`
        : `In ${code(a.in)}, every blob is referred to.`;
    },
  }),

  /** An image that the engine knows by a digest of a repository. */
  'by-digest': fact({
    args: strictObject({ image: text, repository: text }),
    says: (a) => `The engine knows ${code(a.image)} by a digest of ${code(a.repository)}`,
    missing(l, a) {
      const image = look.imageOf(l, a.image);
      if (image === null) return noImage(a.image);
      return image.RepoDigests.some((d) => d.startsWith(`${a.repository}@`))
        ? null
        : `${code(a.image)} has no digest of ${code(a.repository)}: it was neither pushed there nor pulled from there.`;
    },
  }),
} as const satisfies Record<string, unknown>;
