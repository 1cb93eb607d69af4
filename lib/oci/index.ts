/** The face of oci: the formats of the image specification. Saved images, which bring a decompressor along, have their own: ./saved. */
export * as layer from './layer';
export * as platform from './platform';
export * as reference from './reference';
