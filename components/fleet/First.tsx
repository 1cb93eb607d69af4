/** A simulation as it stands in the page before anybody has changed anything. */
import { isDials, type SimulationName } from './names';
import { firstOf } from './plan';
import { Scan } from './ScanFigure';
import { Dials } from './Sim';
import { FIRST_SCAN, scanView } from './scan-plan';

export const First = ({ name }: { name: SimulationName }) =>
  isDials(name) ? <Dials name={name} settings={firstOf(name)} /> : <Scan view={scanView(FIRST_SCAN)} />;
