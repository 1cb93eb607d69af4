/** The X-rays there are. `tag` stands for one in a chapter; `name` is its tab. Each comes as code of its own when first drawn. */
import type { XrayKind } from './kind';

const list = [
  { id: 'layers', tag: 'LayersXray', name: 'Layers', load: () => import('./layers') },
  { id: 'build', tag: 'BuildXray', name: 'Build', load: () => import('./build') },
  { id: 'processes', tag: 'ProcessesXray', name: 'Processes', load: () => import('./processes') },
  { id: 'run', tag: 'RunXray', name: 'Start', load: () => import('./run') },
  { id: 'life', tag: 'LifecycleXray', name: 'Life', load: () => import('./lifecycle') },
  { id: 'namespaces', tag: 'NamespacesXray', name: 'Namespaces', load: () => import('./namespaces') },
  { id: 'capabilities', tag: 'CapabilitiesXray', name: 'Capabilities', load: () => import('./capabilities') },
  { id: 'gates', tag: 'GatesXray', name: 'Gates', load: () => import('./gates') },
  { id: 'mounts', tag: 'MountsXray', name: 'Mounts', load: () => import('./mounts') },
  { id: 'plan', tag: 'PlanXray', name: 'Plan', load: () => import('./plan') },
  { id: 'compose', tag: 'ComposeXray', name: 'Compose', load: () => import('./compose') },
  { id: 'network', tag: 'NetworkXray', name: 'Network', load: () => import('./network') },
  { id: 'packet', tag: 'PacketXray', name: 'Packet', load: () => import('./packet') },
  { id: 'limits', tag: 'LimitsXray', name: 'Limits', load: () => import('./limits') },
] as const;

export type XrayId = (typeof list)[number]['id'];
export interface XrayEntry {
  id: XrayId;
  tag: string;
  name: string;
  load: () => Promise<AnyXray>;
}
/** A kind whose view only it looks into. */
export type AnyXray = XrayKind<unknown>;

export const XRAYS: readonly XrayEntry[] = list.map(({ load, ...entry }) => ({
  ...entry,
  load: () => load().then(({ kind }) => kind as AnyXray),
}));
export const XRAY_IDS = list.map(({ id }) => id);
