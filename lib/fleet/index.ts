/** The face of fleet: what happens to one image on many machines, or on its way to one. Small models of their own: no machine is in them. */
export { desiredReplicas } from './cluster';
export { failing, limits, podsSaid, type Story, told } from './cluster/outcome';
export { type Lazy, RANGE, type Started, start } from './lazy';
export { ADVISORIES, type Advisory, type By, type Found, type Part, readParts, scan } from './scan';
export { least, type Moment, PIECES, type Spread, type Spreading, spread } from './spread';
export { compareApk, compareDeb, compareMaven, type Ecosystem } from './versions';
