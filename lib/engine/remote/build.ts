/**
 * A build whose stages begin with images of a registry on the network: those are fetched, and then it begins. BuildKit
 * source/containerimage; containerd core/remotes/docker, which asks registries in other words than the engine does.
 *
 * Simplified: the image comes whole before the first step, and stays in the engine's store under its name.
 */

import { reference } from '../../oci';
import { builder } from '../builder';
import { ApiError, type Daemon, internal } from '../daemon';
import type { Request } from '../http';
import { isCatalogued, noManifest, pull as pullCatalogued } from '../pull';
import type { Reply } from '../routes';
import { type Job, quietly, within } from './job';
import { fromMirrors, pull } from './pull';
import type { Credentials } from './registry';

interface BuildArgs {
  req: Request;
  fd: number;
  wants: string;
  auths: Record<string, Credentials>;
}

type Asked = Record<string, string | null>;

/** Begins a build, or names the image that has to be fetched first. */
export function tryBuild(d: Daemon, req: Request, fd: number, asked: Asked): Reply | { wants: string } {
  const b = builder.get();
  try {
    return b.startBuild(d, req, { fd }, asked);
  } catch (e) {
    if (e instanceof b.Wanted) return { wants: e.full };
    throw e;
  }
}

export function* build({ req, fd, wants, auths }: BuildArgs): Job {
  const asked: Asked = {};
  for (let full = wants; ; ) {
    asked[full] = yield* fetched(full, auths);
    const now = yield* within((d) => tryBuild(d, req, fd, { ...asked }));
    if (!('wants' in now)) return { become: now };
    full = now.wants;
  }
}

/** Null: it is here; or why not, as the builder's client words it. */
function* fetched(full: string, auths: Record<string, Credentials>): Job<string | null> {
  const named = reference.parseNormalized(full);
  const args = { name: full, platform: '', auth: auths[named.domain] ?? {} };
  try {
    if (named.domain === 'docker.io') {
      if (yield* quietly(fromMirrors(args))) return null;
      return yield* within((d) => {
        if (!isCatalogued(d, full)) return noManifest(d, full);
        pullCatalogued(d, full);
        return null;
      });
    }
    yield* quietly(pull(args));
    return null;
  } catch (e) {
    if (!(e instanceof ApiError)) throw e;
    if (/ not found: |manifest unknown/.test(e.message)) return `${full}: not found`;
    if (e.message.endsWith('no basic auth credentials'))
      return 'pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials';
    if (e.message.startsWith('unauthorized: '))
      return `unexpected status from HEAD request to http://${named.domain}/v2/${named.path}/manifests/${named.digest ?? named.tag}: 401 Unauthorized`;
    if (e.message.includes('dial tcp') || e.message.includes('HTTPS client'))
      return yield* within((d) => (e.message.includes('dial tcp') ? noManifest(d, full) : httpsOnly(full)));
    throw internal(e.message);
  }
}

const httpsOnly = (full: string): string => {
  const named = reference.parseNormalized(full);
  return `failed to do request: Head "https://${named.domain}/v2/${named.path}/manifests/${named.digest ?? named.tag}": http: server gave HTTP response to HTTPS client`;
};
