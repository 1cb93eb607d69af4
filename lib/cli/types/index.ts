/** Go types of what docker shows: for --format. */
export { containerType } from './container';
export { eventType, imageType, networkType, versionType, volumeType } from './objects';
