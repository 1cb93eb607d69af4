/** A simulation as it stands in the page before anybody has changed anything. */
import { ClusterStage } from './ClusterFigure';
import { clusterView, firstCluster } from './cluster-plan';
import { isCluster, isDials, type SimulationName } from './names';
import { firstOf } from './plan';
import { Scan } from './ScanFigure';
import { Dials } from './Sim';
import { FIRST_SCAN, scanView } from './scan-plan';

export function First({ name }: { name: SimulationName }) {
  if (isDials(name)) return <Dials name={name} settings={firstOf(name)} />;
  if (isCluster(name)) return <ClusterStage view={clusterView(firstCluster(name), null)} />;
  return <Scan view={scanView(FIRST_SCAN)} />;
}
