/** The face of compose: a project from its files, and what is to be done for it. A part of its own (base/part.ts). */
export { forJson, sortAll, words } from './decode';
export { parseDotenv } from './dotenv';
export { toJson, toYaml } from './emit';
export * as graph from './graph';
export { interpolate, type Variable, variables } from './interpolate';
export * from './load';
export { merge } from './merge';
export { FILE_NAMES, OVERRIDE_NAMES } from './names';
export * as paths from './paths';
export { parsePort, parseVolume } from './short';
export { ComposeError, isMapping, type Mapping, type Tree } from './tree';
export { parseYaml, YamlError } from './yaml';
