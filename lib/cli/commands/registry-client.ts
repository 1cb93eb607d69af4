/**
 * Registries as the client itself asks them, without the engine: docker manifest, docker buildx imagetools. docker/cli,
 * cli/registry/client; containerd, core/remotes/docker.
 */

import { encode64 } from '../../base';
import type { remote } from '../../engine/for-clients';
import { reference } from '../../oci';
import { inquire, type Script, sys } from '../driver';
import { CommandError, type Ctx } from './api';
import { parseReference } from './container/run';
import { credentialsOf } from './credentials';

export type Response = { status: number; headers: Record<string, string>; body: string };

export const TYPES = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  '*/*',
];

/** A name as it is asked for. */
export function namedOf(text: string): reference.Named {
  const ref = parseReference(text);
  if (ref.kind !== 'named') throw new CommandError('cannot specify 64-byte hexadecimal strings');
  return reference.tagNameOnly(ref);
}

/** Registries on this machine are asked without TLS, as containerd's client does. */
const isLocal = (domain: string) => /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(domain);

export const baseOf = (named: reference.Named): string =>
  `${isLocal(named.domain) ? 'http' : 'https'}://${named.domain === 'docker.io' ? 'registry-1.docker.io' : named.domain}/v2/${named.path}`;

/** A request; who asks says so once he is told that he must. Why it cannot be made comes as a fault. */
export function* ask(c: Ctx, named: reference.Named, request: remote.HttpRequest): Script<Response | { fault: string }> {
  const first = yield* inquire(request);
  if ('fault' in first || first.status !== 401) return first;
  const known = yield* credentialsOf(c, named.domain);
  if (!known) return { fault: NO_CREDENTIALS };
  const authorization = `Basic ${encode64(`${known.username}:${known.password}`)}`;
  return yield* inquire({ ...request, headers: { ...request.headers, Authorization: authorization } });
}

export const NO_CREDENTIALS = 'no basic auth credentials';

export function* now(): Script<number> {
  const at = yield* sys((s) => s.now());
  return typeof at === 'number' ? at : 0;
}
