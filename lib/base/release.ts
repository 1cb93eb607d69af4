/** The release of Docker that is modelled: engine and client. What it says of itself, and what pages say of it, is this. */
export const ENGINE_VERSION = '28.5.2';
/** Without its patch: "28.5". */
export const ENGINE_RELEASE = '28.5';
