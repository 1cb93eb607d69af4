/**
 * What a client of the builder uses: which files of a context to send (request.ts says how), and what to print.
 */
export { RULES, ruleUrl } from './checks';
export { compilePatterns, excluded, type Pattern, prunable, readIgnoreFile } from './ignore';
export * as lint from './lint';
export * from './progress';
export type { CheckResult } from './state';
