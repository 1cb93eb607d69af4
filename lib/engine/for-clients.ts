/** The engine's second face: what its clients share with it, and a machine on which nobody uses docker does without. */
export * as http from './http';
export * as layerFiles from './layer-files';
export { ADJECTIVES, NAME_RULE, SURNAMES } from './names';
export * as remote from './remote/exchange';
