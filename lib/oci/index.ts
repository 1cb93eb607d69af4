/** The face of oci: the formats of the image specification. */
export * as reference from './reference';
export * as tar from './tar';
