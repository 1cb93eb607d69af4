/** Small languages that POSIX defines and that both the shell and the programs speak. */
export * from './date';
export * from './escape';
export * from './glob';
export * from './printf';
export * from './regex';
export * from './test';
