/** The lists docker prints, each with its columns and the formats that have names. */
export * from './container';
export * from './image';
export * from './objects';
export { goTime, labelsText, rfc3339 } from './text';
