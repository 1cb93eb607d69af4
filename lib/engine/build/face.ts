/**
 * What a client of the builder uses: which files of a context to send (request.ts says how), and what to print.
 */
export { checkText, type TextCheck } from './check-text';
export { RULES, ruleUrl } from './checks';
export { compilePatterns, excluded, type Pattern, prunable, readIgnoreFile } from './ignore';
export * as language from './language';
export * as lint from './lint';
export * from './plain';
export { sourcesOf } from './plan';
export * from './progress';
export { type Known, rawJson } from './raw-json';
export type { CheckResult } from './state';
export * as trace from './trace';
export * as tty from './tty';
