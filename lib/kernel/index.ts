/** The kernel's face. */
export * from './errno';
export * from './program';
export * from './signal';
export * from './sys';
