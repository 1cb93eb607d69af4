/**
 * Facts about Compose projects: what has become of a service, by the labels and states of its containers, and what it
 * waited for. The other facts are in facts.ts, whose rules hold here as well.
 */

import * as z from 'zod/mini';
import { look } from '../machine';
import { code, fact } from './fact';
import { count, optional, strictObject, text, texts } from './schema';

type Row = look.ProjectRow;

/** What scenario `lab` has for a project's name: that of its directory. */
const PROJECT = 'lab';
const project = optional(text);

interface Wanted {
  is?: string;
  count?: number;
  health?: string;
  exit?: number;
  image?: string;
  env?: string;
  noEnv?: string;
  networks?: string[];
  port?: string;
}
const listed = (items: readonly string[]) => (items.length === 0 ? 'none' : items.map(code).join(' and '));
const variable = (r: Row, name: string) => r.env.find((e) => e.startsWith(`${name}=`));

/** One line a setting: what is claimed, whether it holds for each container of the service, and what is there instead. */
const SETTINGS: Readonly<{
  [K in Exclude<keyof Wanted, 'count'>]-?: {
    says: (want: NonNullable<Wanted[K]>) => string;
    holds: (r: Row, want: NonNullable<Wanted[K]>) => boolean;
    has: (r: Row, want: NonNullable<Wanted[K]>) => string;
  };
}> = {
  is: { says: (v) => `is ${v}`, holds: (r, v) => r.state === v, has: (r) => `is ${r.state}` },
  health: {
    says: (v) => `is ${v}`,
    holds: (r, v) => (r.health ?? 'none') === v,
    has: (r) => (r.health ? `has the health status ${code(r.health)}` : 'has no health check'),
  },
  exit: {
    says: (v) => `has ended with status ${v}`,
    holds: (r, v) => r.exitCode === v,
    has: (r) => (r.exitCode === null ? 'has not ended' : `has ended with status ${r.exitCode}`),
  },
  image: { says: (v) => `runs ${code(v)}`, holds: (r, v) => r.image === v, has: (r) => `runs ${code(r.image)}` },
  env: {
    says: (v) => `has ${code(v)} in its environment`,
    holds: (r, v) => r.env.includes(v),
    has: (r, v) => {
      const name = v.split('=')[0] ?? v;
      const other = variable(r, name);
      return other ? `has ${code(other)} in its environment` : `has no ${code(name)} in its environment`;
    },
  },
  noEnv: {
    says: (v) => `has no ${code(v)} in its environment`,
    holds: (r, v) => variable(r, v) === undefined,
    has: (r, v) => `has ${code(variable(r, v) ?? v)} in its environment`,
  },
  networks: {
    says: (v) => (v.length === 0 ? 'is in no network' : `is in the ${v.length === 1 ? 'network' : 'networks'} ${listed(v)} alone`),
    holds: (r, v) => [...r.networks].sort().join() === [...v].sort().join(),
    has: (r) => `is in the networks ${listed(r.networks)}`,
  },
  port: {
    says: (v) => (v === 'none' ? 'publishes no port' : `publishes ${code(v)}`),
    holds: (r, v) => (v === 'none' ? r.ports.length === 0 : r.ports.includes(v)),
    has: (r) => (r.ports.length === 0 ? 'publishes no port' : `publishes ${listed(r.ports)}`),
  },
};
type Setting = (typeof SETTINGS)['is'];
const settingsOf = (a: Wanted) =>
  (Object.keys(SETTINGS) as (keyof typeof SETTINGS)[]).flatMap((key) => {
    const want = a[key];
    return want === undefined ? [] : [{ setting: SETTINGS[key] as Setting, want: want as string }];
  });

const inProject = (a: { project?: string }) => (a.project === undefined ? '' : ` of the project ${code(a.project)}`);

export const COMPOSE_FACTS = {
  /** A service of a Compose project: how many containers it has, and what holds for each of them. */
  service: fact({
    args: strictObject({
      name: text,
      project,
      is: optional(z.enum(['running', 'created', 'exited', 'paused', 'restarting', 'gone'])),
      count: optional(count),
      health: optional(z.enum(['none', 'starting', 'healthy', 'unhealthy'])),
      exit: optional(count),
      image: optional(text),
      env: optional(z.string().check(z.regex(/^\w+=/, 'NAME=value'))),
      noEnv: optional(text),
      networks: optional(texts()),
      port: optional(text),
    }),
    says(a) {
      const it = `The service ${code(a.name)}${inProject(a)}`;
      if (a.is === 'gone') return `${it} has no container`;
      const parts = settingsOf(a).map(({ setting, want }) => setting.says(want));
      if (a.count !== undefined) parts.unshift(`has ${a.count === 1 ? 'one container' : `${a.count} containers`}`);
      return `${it} ${parts.join(' and ') || 'has a container'}`;
    },
    missing(l, a) {
      const rows = look.serviceOf(l, a.project ?? PROJECT, a.name);
      const it = `The service ${code(a.name)}${inProject(a)}`;
      if (a.is === 'gone') return rows.length === 0 ? null : `${it} has a container, ${code(rows[0]?.container ?? '')}.`;
      if (rows.length === 0) return a.count === 0 ? null : `${it} has no container.`;
      if (a.count !== undefined && rows.length !== a.count)
        return `${it} has ${rows.length === 1 ? 'one container' : `${rows.length} containers`}.`;
      for (const row of rows) {
        const failed = settingsOf(a).find(({ setting, want }) => !setting.holds(row, want));
        if (failed) return `${it} ${failed.setting.has(row, failed.want)}.`;
      }
      return null;
    },
  }),

  /** A service that was started when a condition of another had come about, because its file says so. */
  waited: fact({
    args: strictObject({ service: text, project, for: text, until: z.enum(['started', 'healthy', 'completed']) }),
    says: (a) =>
      `The service ${code(a.service)}${inProject(a)} was started when ${code(a.for)} ${a.until === 'started' ? 'had started' : a.until === 'healthy' ? 'was healthy' : 'had completed'}`,
    missing(l, a) {
      const [row] = look.serviceOf(l, a.project ?? PROJECT, a.service);
      if (!row) return `The service ${code(a.service)}${inProject(a)} has no container.`;
      const need = row.needs.find((n) => n.service === a.for);
      if (!need) return `The service ${code(a.service)} does not wait for ${code(a.for)}.`;
      if (need.until !== a.until) return `The service ${code(a.service)} waits until ${code(a.for)} is ${need.until}.`;
      if (!row.moments.some((m) => m.what === 'started')) return `The service ${code(a.service)} has not been started.`;
      return need.state === 'met' ? null : `The service ${code(a.for)} was not ${a.until} when ${code(a.service)} was started.`;
    },
  }),
} as const satisfies Record<string, unknown>;
