/** The simulations that a chapter may show, by name: what stands above each, and which of the figures it is. */
import type { SimName } from './plan';

export type ClusterName = 'heal' | 'rollout' | 'order' | 'scale';
export type SimulationName = SimName | 'scan' | ClusterName;

export const TITLES: Readonly<Record<SimulationName, string>> = {
  spread: 'Try: one image to many nodes',
  start: 'Try: a start before all has arrived',
  scan: 'Try: what is known of these parts',
  heal: 'Try: a loop that puts things right',
  rollout: 'Try: a new version, a good one or a bad one',
  order: 'Try: in order, everywhere, to an end',
  scale: 'Try: as many as the load asks for',
};

export const isDials = (name: SimulationName): name is SimName => name === 'spread' || name === 'start';
export const isCluster = (name: SimulationName): name is ClusterName => !isDials(name) && name !== 'scan';
