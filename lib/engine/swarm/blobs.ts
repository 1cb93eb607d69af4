/** Secrets and configs: made once, given to tasks as files, never changed. swarmkit manager/controlapi/secret.go, config.go. */

import { type Daemon, rfc3339 } from '../daemon';
import type { Blob, Service } from './state';
import { blob, change, created, drop, need, put, rpc, servicesOf } from './store';

export type Kind = 'secrets' | 'configs';
const word = (kind: Kind) => (kind === 'secrets' ? 'secret' : 'config');

/** The most that one may hold, bytes. */
const MOST = { secrets: 500 * 1024, configs: 1000 * 1024 } as const;

const bytes = (data: string): number => Math.floor((data.replace(/=+$/, '').length * 3) / 4);

function checkName(name: string) {
  if (name === '') throw rpc('InvalidArgument', 'name must be provided');
  if (name.length > 64 || !/^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?$/.test(name))
    throw rpc(
      'InvalidArgument',
      'invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]',
    );
}

/** POST /secrets/create, /configs/create: `Data` is base64. */
export function create(d: Daemon, kind: Kind, spec: Blob['Spec']): { ID: string } {
  const all = Object.values(need(d)[kind]);
  checkName(spec.Name);
  const size = bytes(spec.Data ?? '');
  if (size === 0 || size >= MOST[kind])
    throw rpc('InvalidArgument', `${word(kind)} data must be larger than 0 and less than ${MOST[kind]} bytes`);
  if (all.some((o) => o.Spec.Name === spec.Name)) throw rpc('AlreadyExists', `${word(kind)} ${spec.Name} already exists`);
  const b: Blob = { ...created(d), Spec: { ...spec, Labels: spec.Labels ?? {} } };
  put(d, kind, b);
  d.event(word(kind), 'create', b.ID, { name: spec.Name });
  return { ID: b.ID };
}

/** Names of what it is given to. */
const usersOf = (d: Daemon, kind: Kind, id: string): Service[] =>
  servicesOf(d).filter(
    ({
      Spec: {
        TaskTemplate: { ContainerSpec: c },
      },
    }) => (kind === 'secrets' ? c.Secrets?.some((r) => r.SecretID === id) : c.Configs?.some((r) => r.ConfigID === id)),
  );

export function remove(d: Daemon, kind: Kind, ref: string) {
  const b = blob(d, kind, ref);
  const users = usersOf(d, kind, b.ID).map((s) => s.Spec.Name);
  if (users.length > 0)
    throw rpc(
      'InvalidArgument',
      `${word(kind)} '${b.Spec.Name}' is in use by the following service${users.length > 1 ? 's' : ''}: ${users.join(', ')}`,
    );
  drop(d, kind, b.ID);
  d.event(word(kind), 'remove', b.ID, { name: b.Spec.Name });
}

/** POST /secrets/{id}/update: labels alone may change. */
export function update(d: Daemon, kind: Kind, ref: string, version: number, spec: Blob['Spec']) {
  const b = blob(d, kind, ref);
  if (version !== b.Version) throw rpc('Unknown', 'update out of sequence');
  const same = !spec.Data || spec.Data === b.Spec.Data;
  if (spec.Name !== b.Spec.Name || !same) throw rpc('InvalidArgument', 'only updates to Labels are allowed');
  change(d, kind, b, { Spec: { ...b.Spec, Labels: spec.Labels ?? {} } });
  d.event(word(kind), 'update', b.ID, { name: b.Spec.Name });
}

/** A secret's data is never shown. */
export const json = (kind: Kind, b: Blob) => {
  const { Data, ...spec } = b.Spec;
  return {
    ID: b.ID,
    Version: { Index: b.Version },
    CreatedAt: rfc3339(b.CreatedAt),
    UpdatedAt: rfc3339(b.UpdatedAt),
    Spec: kind === 'configs' ? { ...spec, Data } : spec,
  };
};
