/** The Dockerfile language, without the builder: what editors, checks and tests use. */
export * from './directives';
export * from './heredoc';
export * from './ignore';
export * from './lex';
export * from './parser';
export { coveredBy } from './select';
export * from './split';
