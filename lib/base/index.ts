/** The face of base: what every layer above may use. */
export * from './base64';
export * from './by-key';
export * from './bytes';
export * from './digest';
export * from './duration';
export * from './memo';
export * from './part';
export * from './pathmatch';
export type { Key, PMap } from './pmap';
export * as pmap from './pmap';
export * as prng from './prng';
export * from './release';
export * as strconv from './strconv';
export * from './units';
export * from './width';
