/**
 * Facts about what a build leaves: an image's configuration, layers that two images have in common, a text that must be
 * nowhere in an image, and the build cache. Part of the table in facts.ts.
 *
 * Sources: image-spec, config.md; moby, `docker system df` (what the build cache takes).
 */

import * as z from 'zod/mini';
import { look } from '../machine';
import { code, fact, noImage } from './fact';
import { count, optional, strictObject, text, texts } from './schema';

const path = z.string().check(z.startsWith('/'));

interface Wanted {
  user?: string;
  workdir?: string;
  env?: string;
  noEnv?: string;
  label?: string;
  cmd?: string[];
  entrypoint?: string[];
  exposes?: string;
  volume?: string;
  stop?: string;
}
const json = (argv: readonly string[] | null | undefined) => JSON.stringify(argv ?? []);
const same = (a: readonly string[] | null | undefined, b: readonly string[]) => json(a) === json(b);

type Config = look.ImageSettings;
/** One line a setting: what is claimed, whether it holds, and what is there instead. */
const SETTINGS: Readonly<{
  [K in keyof Wanted]-?: {
    says: (want: NonNullable<Wanted[K]>) => string;
    holds: (c: Config, want: NonNullable<Wanted[K]>) => boolean;
    has: (c: Config, want: NonNullable<Wanted[K]>) => string;
  };
}> = {
  user: {
    says: (v) => (v === '' ? 'runs as root' : `runs as user ${code(v)}`),
    holds: (c, v) => (c.User ?? '') === v,
    has: (c) => (c.User ? `runs as user ${code(c.User)}` : 'names no user, so it runs as root'),
  },
  workdir: {
    says: (v) => `starts in ${code(v)}`,
    holds: (c, v) => (c.WorkingDir || '/') === v,
    has: (c) => `starts in ${code(c.WorkingDir || '/')}`,
  },
  env: {
    says: (v) => `has ${code(v)} in its environment`,
    holds: (c, v) => c.Env?.includes(v) ?? false,
    has: (c, v) => {
      const name = v.slice(0, v.indexOf('=') + 1);
      const other = c.Env?.find((e) => e.startsWith(name));
      return other ? `has ${code(other)} in its environment` : `has no ${code(name.slice(0, -1))} in its environment`;
    },
  },
  noEnv: {
    says: (v) => `has no ${code(v)} in its environment`,
    holds: (c, v) => !c.Env?.some((e) => e.startsWith(`${v}=`)),
    has: (c, v) => `has ${code(c.Env?.find((e) => e.startsWith(`${v}=`)) ?? v)} in its environment`,
  },
  label: {
    says: (v) => `carries the label ${code(v)}`,
    holds: (c, v) => Object.entries(c.Labels ?? {}).some(([k, x]) => `${k}=${x}` === v || k === v),
    has: (c, v) => {
      const key = v.split('=')[0] ?? v;
      const value = c.Labels?.[key];
      return value === undefined ? `carries no label ${code(key)}` : `carries the label ${code(`${key}=${value}`)}`;
    },
  },
  cmd: {
    says: (v) => `has the command ${code(json(v))}`,
    holds: (c, v) => same(c.Cmd, v),
    has: (c) => `has the command ${code(json(c.Cmd))}`,
  },
  entrypoint: {
    says: (v) => `has the entrypoint ${code(json(v))}`,
    holds: (c, v) => same(c.Entrypoint, v),
    has: (c) => `has the entrypoint ${code(json(c.Entrypoint))}`,
  },
  exposes: {
    says: (v) => `exposes ${code(v)}`,
    holds: (c, v) => Object.hasOwn(c.ExposedPorts ?? {}, v),
    has: (c) => {
      const ports = Object.keys(c.ExposedPorts ?? {});
      return ports.length > 0 ? `exposes ${ports.map(code).join(', ')}` : 'exposes no port';
    },
  },
  volume: {
    says: (v) => `declares a volume at ${code(v)}`,
    holds: (c, v) => Object.hasOwn(c.Volumes ?? {}, v),
    has: (_, v) => `declares no volume at ${code(v)}`,
  },
  stop: {
    says: (v) => `is stopped with ${code(v)}`,
    holds: (c, v) => (c.StopSignal ?? 'SIGTERM') === v,
    has: (c) => `is stopped with ${code(c.StopSignal ?? 'SIGTERM')}`,
  },
};
const settingsOf = (a: Wanted) =>
  (Object.keys(SETTINGS) as (keyof Wanted)[]).flatMap((key) => {
    const want = a[key];
    return want === undefined ? [] : [{ setting: SETTINGS[key] as (typeof SETTINGS)['user'], want: want as string }];
  });

const bytes = (n: number) => `${n} ${n === 1 ? 'byte' : 'bytes'}`;

export const BUILD_FACTS = {
  /** Settings of an image's configuration. */
  config: fact({
    args: strictObject({
      image: text,
      user: optional(z.string()),
      workdir: optional(path),
      env: optional(z.string().check(z.regex(/^\w+=/, 'NAME=value'))),
      noEnv: optional(text),
      label: optional(text),
      cmd: optional(texts()),
      entrypoint: optional(texts()),
      exposes: optional(text),
      volume: optional(path),
      stop: optional(text),
    }),
    says: (a) =>
      `The image ${code(a.image)} ${
        settingsOf(a)
          .map(({ setting, want }) => setting.says(want))
          .join(' and ') || 'is there'
      }`,
    missing(l, a) {
      const image = look.imageOf(l, a.image);
      if (image === null) return noImage(a.image);
      const settings = look.settingsOf(image);
      const failed = settingsOf(a).find(({ setting, want }) => !setting.holds(settings, want));
      return failed ? `The image ${code(a.image)} ${failed.setting.has(settings, failed.want)}.` : null;
    },
  }),

  /** Two images show a path from one and the same layer: it was made once. */
  'same-layer': fact({
    args: strictObject({ images: z.tuple([text, text]), path }),
    says: (a) => `${a.images.map(code).join(' and ')} have ${code(a.path)} from the same layer`,
    missing(l, a) {
      const found: (string | null)[] = [];
      for (const name of a.images) {
        const image = look.imageOf(l, name);
        if (image === null) return noImage(name);
        const layer = look.layerShowing(l, image, a.path);
        if (layer === null) return `A new container of ${code(name)} has nothing at ${code(a.path)}.`;
        found.push(layer);
      }
      return found[0] === found[1] ? null : `${a.images.map(code).join(' and ')} have ${code(a.path)} from different layers.`;
    },
  }),

  /** A text that is in no layer, in no setting and in no line of the history of an image. */
  traceless: fact({
    args: strictObject({ image: text, text }),
    says: (a) => `Nothing in the image ${code(a.image)} says ${code(a.text)}: no layer, no setting, no line of its history`,
    missing(l, a) {
      const image = look.imageOf(l, a.image);
      if (image === null) return noImage(a.image);
      if (image.config.history.some((h) => h.created_by?.includes(a.text))) return `The history of ${code(a.image)} says ${code(a.text)}.`;
      if (image.raw.includes(a.text)) return `The settings of ${code(a.image)} say ${code(a.text)}.`;
      const at = look.pathsSaying(l, image, a.text);
      return at.length === 0 ? null : `A layer of ${code(a.image)} holds ${code(at[0] ?? '')}, and it says ${code(a.text)}.`;
    },
  }),

  /** Records of the build cache, cache mounts included. */
  'build-cache': fact({
    args: strictObject({ atLeast: optional(count), atMost: optional(count), mounts: optional(z.boolean()) }),
    says: (a) => {
      const what = a.mounts ? 'cache mounts' : 'records';
      if (a.atMost === 0) return `The build cache has no ${what}`;
      return a.atLeast === undefined
        ? `The build cache has at most ${a.atMost ?? 'any number of'} ${what}`
        : `The build cache has ${what}${a.atLeast > 1 ? `, at least ${a.atLeast}` : ''}`;
    },
    missing(l, a) {
      const n = look.cacheRecords(l, a.mounts ? 'mount' : 'step');
      const what = a.mounts ? 'cache mount' : 'record';
      if (n >= (a.atLeast ?? 0) && n <= (a.atMost ?? Infinity)) return null;
      return n === 0 ? `The build cache has no ${what}.` : `The build cache has ${n} ${what}${n === 1 ? '' : 's'}.`;
    },
  }),

  /** A container whose root cannot be written. */
  'read-only': fact({
    args: strictObject({ container: text }),
    says: (a) => `The root of ${code(a.container)} is read-only`,
    missing(l, a) {
      const c = look.containerOf(l, a.container);
      if (c === null) return `There is no container ${code(a.container)}.`;
      return c.HostConfig.ReadonlyRootfs ? null : `The root of ${code(a.container)} can be written.`;
    },
  }),

  /** Bytes in an image's layers that a new container does not see: replaced or deleted further up. */
  wasted: fact({
    args: strictObject({ image: text, atMost: count }),
    says: (a) =>
      a.atMost === 0
        ? `No byte in ${code(a.image)} is hidden by a layer above`
        : `At most ${bytes(a.atMost)} in ${code(a.image)} are hidden by a layer above`,
    missing(l, a) {
      const image = look.imageOf(l, a.image);
      if (image === null) return noImage(a.image);
      const n = look.hiddenBytes(l, image);
      return n <= a.atMost ? null : `In ${code(a.image)}, layers above hide ${bytes(n)}.`;
    },
  }),
} as const satisfies Record<string, unknown>;
