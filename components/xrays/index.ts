/** The X-rays there are; `name` is the tab of one. Its code: load.ts. What stands for it in a chapter: tag.ts. */

const list = [
  { id: 'layers', name: 'Layers' },
  { id: 'build', name: 'Build' },
  { id: 'processes', name: 'Processes' },
  { id: 'run', name: 'Start' },
  { id: 'life', name: 'Life' },
  { id: 'namespaces', name: 'Namespaces' },
  { id: 'capabilities', name: 'Capabilities' },
  { id: 'gates', name: 'Gates' },
  { id: 'mounts', name: 'Mounts' },
  { id: 'plan', name: 'Plan' },
  { id: 'compose', name: 'Compose' },
  { id: 'network', name: 'Network' },
  { id: 'packet', name: 'Packet' },
  { id: 'limits', name: 'Limits' },
  { id: 'registry', name: 'Registry' },
  { id: 'swarm', name: 'Swarm' },
] as const;

export type XrayId = (typeof list)[number]['id'];
export interface XrayEntry {
  id: XrayId;
  name: string;
}

export const XRAYS: readonly XrayEntry[] = list;
export const XRAY_IDS = list.map(({ id }) => id);
