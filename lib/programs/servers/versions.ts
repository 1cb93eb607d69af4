/** Versions of the servers, as the images carry them. */
export const NGINX_VERSION = '1.30.6';
export const REDIS_VERSION = '8.0.6';
export const TINI_VERSION = '0.19.0';
