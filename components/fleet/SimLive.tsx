'use client';
/** A simulation to try. Each figure is fetched when one of its kind is on the page; until it is there, what the page came with stays. */
import { lazy } from 'react';
import { isCluster, isDials, type SimulationName } from './names';

const Cluster = lazy(() => import('./ClusterLive'));
const Dials = lazy(() => import('./DialsLive'));
const Scan = lazy(() => import('./ScanLive'));

export default function SimLive({ name }: { name: SimulationName }) {
  if (isDials(name)) return <Dials name={name} />;
  return isCluster(name) ? <Cluster name={name} /> : <Scan />;
}
