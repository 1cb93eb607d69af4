/**
 * The code of each X-ray, fetched when it is first drawn. A page asks for it through machine/engine.ts: what a drawing shares with
 * the machine is then known to be there, and is not fetched a second time.
 */
import type { XrayId } from '.';
import type { XrayKind } from './kind';

/** A kind whose view only it looks into. */
export type AnyXray = XrayKind<unknown>;

const LOAD: Readonly<Record<XrayId, () => Promise<{ kind: unknown }>>> = {
  layers: () => import('./layers'),
  build: () => import('./build'),
  processes: () => import('./processes'),
  run: () => import('./run'),
  life: () => import('./lifecycle'),
  namespaces: () => import('./namespaces'),
  capabilities: () => import('./capabilities'),
  gates: () => import('./gates'),
  mounts: () => import('./mounts'),
  plan: () => import('./plan'),
  compose: () => import('./compose'),
  network: () => import('./network'),
  packet: () => import('./packet'),
  limits: () => import('./limits'),
  registry: () => import('./registry'),
  swarm: () => import('./swarm'),
};

export const loadXray = (id: XrayId): Promise<AnyXray> => LOAD[id]().then(({ kind }) => kind as AnyXray);
