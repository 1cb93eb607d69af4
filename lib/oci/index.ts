/** The face of oci: the formats of the image specification. */
export * as layer from './layer';
export * as platform from './platform';
export * as reference from './reference';
export * as saved from './saved';
export * as tar from './tar';
