/** The face of cli: docker as a program. */

export { completeDocker } from './complete';
export * as formats from './formats';
export { type Context, formatList, type RowOptions } from './formatter';
export { helpText } from './help';
export { inspector } from './inspect';
export { type Flags, type Invocation, type Parsed, type Printed, parseCommandLine } from './parse';
export { parts } from './parts';
export { programs } from './program';
export {
  type ArgumentRule,
  type CommandRecord,
  children,
  commands,
  type FlagRecord,
  find,
  pluginOf,
  properName,
  type Section,
} from './records';
export { tabulate } from './tabwriter';
export * as template from './template';
export * as types from './types';
export type { FlagValue } from './values';
