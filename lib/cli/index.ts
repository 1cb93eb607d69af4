/** The face of cli: docker as a program. */
export { helpText } from './help';
export { type Flags, type Invocation, type Parsed, type Printed, parseCommandLine } from './parse';
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
export type { FlagValue } from './values';
