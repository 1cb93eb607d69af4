/** The X-rays there are. `tag` stands for one in a chapter; `name` is its tab. The code of each: load.ts. */

const list = [
  { id: 'layers', tag: 'LayersXray', name: 'Layers' },
  { id: 'build', tag: 'BuildXray', name: 'Build' },
  { id: 'processes', tag: 'ProcessesXray', name: 'Processes' },
  { id: 'run', tag: 'RunXray', name: 'Start' },
  { id: 'life', tag: 'LifecycleXray', name: 'Life' },
  { id: 'namespaces', tag: 'NamespacesXray', name: 'Namespaces' },
  { id: 'capabilities', tag: 'CapabilitiesXray', name: 'Capabilities' },
  { id: 'gates', tag: 'GatesXray', name: 'Gates' },
  { id: 'mounts', tag: 'MountsXray', name: 'Mounts' },
  { id: 'plan', tag: 'PlanXray', name: 'Plan' },
  { id: 'compose', tag: 'ComposeXray', name: 'Compose' },
  { id: 'network', tag: 'NetworkXray', name: 'Network' },
  { id: 'packet', tag: 'PacketXray', name: 'Packet' },
  { id: 'limits', tag: 'LimitsXray', name: 'Limits' },
  { id: 'registry', tag: 'RegistryXray', name: 'Registry' },
] as const;

export type XrayId = (typeof list)[number]['id'];
export interface XrayEntry {
  id: XrayId;
  tag: string;
  name: string;
}

export const XRAYS: readonly XrayEntry[] = list;
export const XRAY_IDS = list.map(({ id }) => id);
