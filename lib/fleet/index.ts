/**
 * The face of fleet: what concerns many machines and no single one. Small models of their own; no machine is in them.
 *
 *   spread, lazy     one image on its way to many nodes, or to one that starts before it has come
 *   quorum           managers that have to agree
 *   scan, versions   parts of an image, matched with what is known of them
 *   cluster/         a cluster that reconciles; its manifests' reader is not among what is given out here, since it brings a YAML parser
 */
export { desiredReplicas } from './cluster';
export { failing, limits, podsSaid, type Story, told } from './cluster/outcome';
export { type Lazy, RANGE, type Started, start } from './lazy';
export { type Managers, type Quorum, quorum } from './quorum';
export { ADVISORIES, type Advisory, type By, type Found, type Part, readParts, scan } from './scan';
export { least, type Moment, PIECES, type Spread, type Spreading, spread } from './spread';
export { compareApk, compareDeb, compareMaven, type Ecosystem } from './versions';
