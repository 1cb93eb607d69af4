/** The docker client: what comes as a part of its own (parts.ts), since a session may never type `docker`. */

export { completeDocker } from './complete';
export { programs } from './program';
