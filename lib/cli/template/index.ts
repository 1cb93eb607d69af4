/** Go templates as docker runs them for --format. */
import { memo } from '../../base';
import { executeTemplate, type Options } from './exec';
import { dockerFunctions, type Functions } from './funcs';
import { parseTemplate } from './parse';
import type { Value } from './value';

export { executeTemplate } from './exec';
export { sprintf } from './format';
export { dockerFunctions, type Functions, headerFunctions } from './funcs';
export { toJson } from './json';
export type { Template } from './node';
export { parseTemplate, TemplateError } from './parse';
export * from './value';

/** Parses a template of --format, or remembers it. Throws TemplateError. */
export const dockerTemplate = memo((source) => parseTemplate(source, dockerFunctions));

/** Parses a template and runs it on a value. Throws TemplateError. */
export function render(source: string, data: Value | undefined, options: Options & { functions?: Functions; name?: string } = {}): string {
  const { functions = dockerFunctions, name } = options;
  return executeTemplate(parseTemplate(source, functions, name), functions, data, options);
}
