'use client';
/** A simulation to try. Each figure is fetched when one of its kind is on the page. */
import { lazy, type ReactNode, Suspense } from 'react';
import { isCluster, isDials, type SimulationName } from './names';

const Dials = lazy(() => import('./DialsLive'));
const Cluster = lazy(() => import('./ClusterLive'));
const Scan = lazy(() => import('./ScanLive'));

export default function SimLive({ name, children }: { name: SimulationName; children: ReactNode }) {
  return (
    <Suspense fallback={children}>{isDials(name) ? <Dials name={name} /> : isCluster(name) ? <Cluster name={name} /> : <Scan />}</Suspense>
  );
}
