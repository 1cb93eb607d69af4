/** tar streams live in base, since tar(1) is below this layer too. */
export * from '../base/tar';
