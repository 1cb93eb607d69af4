/** Facts about a swarm: its node, services, tasks, secrets and stacks. Part of the table in facts.ts, whose rules hold here as well. */

import * as z from 'zod/mini';
import { pmap } from '../base';
import { look } from '../machine';
import { swarmView } from '../machine/views/swarm';
import { code, fact } from './fact';
import { count, optional, strictObject, text } from './schema';

const NONE = 'This engine manages no swarm.';
const swarmOf = (l: look.Look) => l.engine?.swarm ?? null;
const serviceOf = (l: look.Look, name: string) => Object.values(swarmOf(l)?.services ?? {}).find((s) => s.Spec.Name === name) ?? null;
const rowOf = (l: look.Look, name: string) => swarmView(l, null)?.services.find((s) => s.name === name) ?? null;
const noService = (name: string) => `There is no service ${code(name)}.`;
const tasks = (n: number) => `${n} ${n === 1 ? 'task' : 'tasks'}`;
const NAMESPACE = 'com.docker.stack.namespace';

interface Wanted {
  running?: number;
  mode?: string;
  command?: string;
  env?: string;
  update?: string;
  history?: number;
  order?: string;
  publishes?: string;
  endpoint?: string;
}
type Service = NonNullable<ReturnType<typeof serviceOf>>;
type Row = NonNullable<ReturnType<typeof rowOf>>;

/** One line a property: what is claimed, and what there is. */
const PROPERTIES: Readonly<{
  [K in keyof Wanted]-?: { says: (want: string) => string; has: (s: Service, row: Row) => string; atLeast?: true };
}> = {
  running: { says: (v) => `has ${tasks(Number(v))} that run`, has: (_, row) => `${row.running}` },
  mode: { says: (v) => `is ${v}`, has: (_, row) => row.mode },
  command: { says: (v) => `runs ${code(v)}`, has: (s) => (s.Spec.TaskTemplate.ContainerSpec.Args ?? []).join(' ') },
  env: {
    says: (v) => `has the variable ${code(v)}`,
    has: (s) => (s.Spec.TaskTemplate.ContainerSpec.Env ?? []).join(' '),
  },
  update: { says: (v) => `has an update that is ${v.replaceAll('_', ' ')}`, has: (s) => s.UpdateStatus?.State ?? 'none' },
  history: {
    says: (v) => `has at least ${tasks(Number(v))} behind it`,
    has: (_, row) => `${row.slots.reduce((n, slot) => n + slot.tasks.length - 1, 0)}`,
    atLeast: true,
  },
  order: { says: (v) => `is updated ${v}`, has: (s) => s.Spec.UpdateConfig?.Order ?? 'stop-first' },
  publishes: { says: (v) => `publishes ${v}`, has: (_, row) => row.ports.join(' ').replaceAll('→', ':') },
  endpoint: {
    says: (v) => `is found by ${v === 'vip' ? 'one virtual address' : 'the addresses of its tasks'}`,
    has: (s) => s.Spec.EndpointSpec?.Mode ?? 'vip',
  },
};

const asked = (a: Wanted) =>
  (Object.keys(PROPERTIES) as (keyof Wanted)[]).flatMap((key) =>
    a[key] === undefined ? [] : [{ key, want: `${a[key]}`, property: PROPERTIES[key] }],
  );

const holds = (key: keyof Wanted, want: string, has: string, atLeast?: true): boolean =>
  atLeast ? Number(has) >= Number(want) : key === 'env' ? has.split(' ').includes(want) : has === want;

export const SWARM_FACTS = {
  /** Whether this engine manages a swarm, and whether its node takes tasks. */
  swarm: fact({
    args: strictObject({ is: z.enum(['active', 'inactive']), availability: optional(z.enum(['active', 'pause', 'drain'])) }),
    says: (a) =>
      a.availability
        ? `The node’s availability is ${a.availability}`
        : a.is === 'active'
          ? 'The engine manages a swarm'
          : 'The engine is part of no swarm',
    missing(l, a) {
      const s = swarmOf(l);
      if (a.is === 'inactive') return s ? 'The engine manages a swarm.' : null;
      if (!s) return NONE;
      const { Availability } = s.node.Spec;
      return a.availability && Availability !== a.availability ? `The node’s availability is ${Availability}.` : null;
    },
  }),

  /** A service and what is asked of it; how many of its tasks run now. */
  'swarm-service': fact({
    args: strictObject({
      name: text,
      is: optional(z.literal('gone')),
      running: optional(count),
      mode: optional(z.enum(['replicated', 'global', 'job', 'global job'])),
      command: optional(text),
      env: optional(text),
      update: optional(text),
      history: optional(count),
      order: optional(z.enum(['stop-first', 'start-first'])),
      publishes: optional(text),
      endpoint: optional(z.enum(['vip', 'dnsrr'])),
    }),
    says: (a) =>
      a.is === 'gone'
        ? `There is no service ${code(a.name)}`
        : `The service ${code(a.name)} ${
            asked(a)
              .map(({ property, want }) => property.says(want))
              .join(' and ') || 'is there'
          }`,
    missing(l, a) {
      if (!swarmOf(l)) return a.is === 'gone' ? null : NONE;
      const s = serviceOf(l, a.name);
      const row = rowOf(l, a.name);
      if (a.is === 'gone') return s ? `The service ${code(a.name)} is still there.` : null;
      if (!s || !row) return noService(a.name);
      for (const { key, want, property } of asked(a)) {
        const has = property.has(s, row);
        if (holds(key, want, has, property.atLeast)) continue;
        if (key === 'running') return `Of ${code(a.name)}, ${tasks(row.running)} ${row.running === 1 ? 'runs' : 'run'}.`;
        return `It is not so that ${code(a.name)} ${property.says(want)}${has === '' ? '' : `: it has ${code(has)}`}.`;
      }
      return null;
    },
  }),

  /** What every container that runs for a service sees at a path. */
  'service-file': fact({
    args: strictObject({
      of: text,
      path: text,
      reads: optional(z.string()),
      mode: optional(z.int()),
      owner: optional(z.int()),
      absent: optional(z.literal(true)),
    }),
    says: (a) =>
      `In the containers of ${code(a.of)}, ${code(a.path)} ${a.absent ? 'is not there' : a.reads !== undefined ? `reads ${code(a.reads)}` : 'is there'}${a.owner !== undefined ? ` and belongs to user ${a.owner}` : ''}`,
    missing(l, a) {
      const s = serviceOf(l, a.of);
      if (!s) return noService(a.of);
      const up = Object.values(swarmOf(l)?.tasks ?? {}).filter((t) => t.ServiceID === s.ID && t.Status.State === 'running');
      if (up.length === 0) return `No task of ${code(a.of)} runs.`;
      for (const t of up) {
        const c = l.engine && pmap.get(l.engine.containers, t.Status.ContainerID ?? '');
        const seen = c ? look.inContainer(l, c, a.path) : null;
        if (a.absent) {
          if (seen) return `${code(a.path)} is there.`;
          continue;
        }
        if (!seen) return `In a container of ${code(a.of)}, there is no ${code(a.path)}.`;
        if (a.reads !== undefined && seen.text.replace(/\n+$/, '') !== a.reads) return `${code(a.path)} reads ${code(seen.text.trim())}.`;
        if (a.owner !== undefined && seen.uid !== a.owner) return `${code(a.path)} belongs to user ${seen.uid}.`;
        if (a.mode !== undefined && (seen.mode & 0o777) !== a.mode) return `${code(a.path)} has another mode.`;
      }
      return null;
    },
  }),

  /** A secret or a config by its name. */
  kept: fact({
    args: strictObject({ what: z.enum(['secret', 'config']), name: text, is: optional(z.literal('gone')) }),
    says: (a) => `There is ${a.is === 'gone' ? 'no' : 'a'} ${a.what} ${code(a.name)}`,
    missing(l, a) {
      const s = swarmOf(l);
      if (!s) return a.is === 'gone' ? null : NONE;
      const there = Object.values(a.what === 'secret' ? s.secrets : s.configs).some((b) => b.Spec.Name === a.name);
      return there === (a.is !== 'gone') ? null : `The ${a.what} ${code(a.name)} is ${there ? 'still there' : 'not there'}.`;
    },
  }),

  /** A stack: how many services carry its name. */
  stack: fact({
    args: strictObject({ name: text, services: count }),
    says: (a) =>
      `The stack ${code(a.name)} has ${a.services === 0 ? 'no service' : `${a.services} ${a.services === 1 ? 'service' : 'services'}`}`,
    missing(l, a) {
      const n = Object.values(swarmOf(l)?.services ?? {}).filter((s) => s.Spec.Labels[NAMESPACE] === a.name).length;
      return n === a.services
        ? null
        : `The stack ${code(a.name)} has ${n === 0 ? 'no service' : `${n} ${n === 1 ? 'service' : 'services'}`}.`;
    },
  }),
} as const;
