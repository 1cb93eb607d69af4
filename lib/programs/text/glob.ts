/** Shared with the shell: see base/posix. */
export * from '../../base/posix/glob';
