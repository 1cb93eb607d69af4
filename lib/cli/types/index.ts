/** Go types of what docker shows: for --format. */
export { containerType } from './container';
export { eventType, imageType, indexType, networkType, versionType, volumeType } from './objects';
