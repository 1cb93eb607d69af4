/** The engine's face: the daemon and its shim as programs, and what others read of its state. */
export { builder } from './builder';
export { containerDir } from './create';
export { Daemon, rfc3339 } from './daemon';
export * as defaults from './defaults';
export { dockerd, emptyEngine } from './dockerd';
export * as filters from './filters';
export * as http from './http';
export * as images from './images';
export * as layers from './layers';
export { ADJECTIVES, NAME_RULE, SURNAMES } from './names';
export { bridgeOf } from './net/driver';
export { dockerProxy } from './net/proxy';
export { lookup } from './net/resolver';
export * as overlay2 from './overlay2';
export { documentOf } from './pull';
export type { Registry, RegistryImage, RegistryLayer } from './registry';
export { shim } from './shim';
export * from './state';
