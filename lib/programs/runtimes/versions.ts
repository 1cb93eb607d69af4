/** Versions of the runtimes and databases, as the images carry them. */
export const JAVA_VERSION = '21.0.9';
export const JAVA_DATE = '2025-10-21';
export const POSTGRES_VERSION = '17.6';
export const POSTGRES_LONG = `PostgreSQL ${POSTGRES_VERSION} (Debian ${POSTGRES_VERSION}-2.pgdg12+1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit`;
export const GOSU_VERSION = '1.19';
export const NODE_VERSION = '22.21.1';
