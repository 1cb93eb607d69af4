/** The release of Docker that is modelled: engine and client. What it says of itself, and what pages say of it, is this. */
export const ENGINE_VERSION = '28.5.2';
/** The commit that the engine was built of; Debian's client is of another. */
export const ENGINE_COMMIT = '3ef3c07c883be49a2e8097bcf6d2952fce1d70eb';
/** Without its patch: "28.5". */
export const ENGINE_RELEASE = '28.5';
