/** Versions of the runtimes and databases, as the images carry them. */
export const JAVA_VERSION = '21.0.9';
export const JAVA_DATE = '2025-10-21';
