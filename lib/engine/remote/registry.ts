/**
 * The daemon as a registry's client: which way a registry is asked, as whom, and what its errors are called.
 * moby registry/service_v2.go, registry/config.go, distribution/errors.go; distribution's client, errors.go.
 *
 *   localhost, 127.0.0.0/8 and insecure-registries: with TLS first, then without; everybody else with TLS alone
 */

import { ENGINE_COMMIT, ENGINE_VERSION, encode64 } from '../../base';
import { reference } from '../../oci';
import { ApiError, type Daemon, internal, notFound } from '../daemon';
import { addressesOf, registryHost } from '../dial';
import type { Response } from '../http';
import type { HttpRequest } from './exchange';
import { inquire, type Job, within } from './job';

/** Who the client says it is: the header X-Registry-Auth. */
export interface Credentials {
  username?: string;
  password?: string;
  serveraddress?: string;
}

/** A registry that has answered. */
export interface Endpoint {
  /** "http://localhost:5000" */
  base: string;
  /** It wants to know who asks. */
  challenge: boolean;
  credentials: Credentials;
}

/** registry/config.go: isSecureIndex, turned round. */
function isInsecure(d: Daemon, host: string): boolean {
  if (d.s.config['insecure-registries']?.includes(host)) return true;
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return addressesOf(d.sys, name).some((a) => a.startsWith('127.') || a === '::1');
}

/** What a client of moby's calls itself, and the one that asked it. */
export const userAgent = (client: string): string =>
  `docker/${ENGINE_VERSION} go/go1.27.1 git-commit/${ENGINE_COMMIT} kernel/6.12.48-amd64 os/linux arch/amd64 UpstreamClient(${client.replace(/[()]/g, '\\$&')})`;
const AGENT = userAgent(`Docker-Client/${ENGINE_VERSION} (linux)`);

export const basic = (c: Credentials): string => `Basic ${encode64(`${c.username}:${c.password ?? ''}`)}`;

/** Asks whether a registry is there: as which one it answers, or the last reason why it does not. */
export function* ping(domain: string, credentials: Credentials): Job<Endpoint> {
  const host = registryHost(domain);
  const insecure = yield* within((d) => isInsecure(d, host));
  let why = '';
  for (const scheme of insecure ? ['https', 'http'] : ['https']) {
    const url = `${scheme}://${host}/v2/`;
    const r = yield* inquire({ method: 'GET', url, headers: { 'User-Agent': AGENT } });
    if ('fault' in r) {
      why = `Get "${url}": ${r.fault}`;
      continue;
    }
    return { base: `${scheme}://${host}`, challenge: r.status === 401, credentials };
  }
  throw internal(why);
}

/** Asks a mirror of Docker Hub the same; only as its URL says. Null: it does not answer. */
export function* pingMirror(url: string): Job<Endpoint | null> {
  const r = yield* inquire({ method: 'GET', url: `${url}v2/`, headers: { 'User-Agent': AGENT } });
  return 'fault' in r ? null : { base: url.replace(/\/$/, ''), challenge: r.status === 401, credentials: {} };
}

/** Whom to ask for an image of this registry before the registry itself. */
export const mirrorsOf = (d: Daemon, domain: string): string[] => (domain === 'docker.io' ? (d.s.config['registry-mirrors'] ?? []) : []);

export class NoCredentials extends Error {}

/** A request to it, as whoever the client is. */
export function* ask(e: Endpoint, method: string, path: string, more: Omit<HttpRequest, 'method' | 'url'> = {}): Job<Response> {
  const url = path.startsWith('http') ? path : `${e.base}${path}`;
  const shown = `${method[0]}${method.slice(1).toLowerCase()} "${url}"`;
  if (e.challenge && !e.credentials.username) throw new NoCredentials(shown);
  const own: Record<string, string> = e.challenge ? { Authorization: basic(e.credentials) } : {};
  const r = yield* inquire({ method, url, ...more, headers: { 'User-Agent': AGENT, ...own, ...more.headers } });
  if ('fault' in r) throw internal(`${shown}: ${r.fault}`);
  return r;
}

/** The error in an answer, as distribution's client words it: client/errors.go. */
export function errorOf(r: Response): string {
  if (r.headers['content-type']?.startsWith('text/html')) return `unknown: ${r.body}`;
  try {
    const { errors } = JSON.parse(r.body) as { errors?: { code: string; message: string }[] };
    const list = (errors ?? []).map((e) => `${e.code.toLowerCase().replaceAll('_', ' ')}: ${e.message}`);
    if (list.length > 0) return list.join('\n');
  } catch {
    // what is no JSON is told as such below
  }
  if (r.status === 401) return 'unauthorized: authentication required';
  if (r.body === '') return `received unexpected HTTP status: ${r.status}`;
  const shown = JSON.stringify(r.body);
  return `error parsing HTTP ${r.status} response body: invalid character '${r.body[0]}' looking for beginning of value: ${shown}`;
}

/** A name, and the path under which its repository is asked for. */
const WORDS: Readonly<Record<number, string>> = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 500: 'Internal Server Error' };

export const repositoryOf = (named: reference.Named): string => `/v2/${named.path}`;

/** POST /auth: whether a registry takes a user for who he says he is. moby registry/auth.go, loginV2. */
export function* login({ username, password, serveraddress = '' }: Credentials): Job {
  const host = serveraddress.replace(/^https?:\/\//, '').replace(/\/.*/, '');
  const domain = host === 'index.docker.io' ? 'docker.io' : host;
  const e = yield* ping(domain, { username, password });
  const r = yield* ask(e, 'GET', '/v2/');
  if (r.status === 200) return { IdentityToken: '', Status: 'Login Succeeded' };
  throw new ApiError(401, `login attempt to ${e.base}/v2/ failed with status: ${r.status} ${WORDS[r.status] ?? ''}`.trimEnd());
}

/** GET /distribution/{name}/json: what a registry has under a name. */
export function* distribution({ name, auth }: { name: string; auth: Credentials }): Job {
  const named = reference.parseNormalized(name);
  const e = yield* ping(named.domain, auth);
  const ref = named.digest ?? named.tag ?? 'latest';
  let r: Response;
  try {
    r = yield* ask(e, 'GET', `${repositoryOf(named)}/manifests/${ref}`, { headers: { Accept: MANIFESTS.join(', ') } });
  } catch (fault) {
    if (fault instanceof NoCredentials) throw internal('no basic auth credentials');
    throw fault;
  }
  if (r.status !== 200) throw notFound(errorOf(r));
  const m = JSON.parse(r.body) as Manifest;
  const platforms = m.manifests
    ? m.manifests.map((x) => x.platform).filter((p) => p !== undefined)
    : [{ architecture: 'amd64', os: 'linux' }];
  return {
    Descriptor: { mediaType: m.mediaType ?? '', digest: r.headers['docker-content-digest'] ?? '', size: r.body.length },
    Platforms: platforms,
  };
}

export const SCHEMA2 = 'application/vnd.docker.distribution.manifest.v2+json';
/** Types that a client of moby's takes, in its order. */
export const MANIFESTS = [
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  SCHEMA2,
];

export interface Described {
  mediaType: string;
  size: number;
  digest: string;
  platform?: { architecture: string; os: string; variant?: string };
}
/** A manifest of an image, or a list of such. */
export interface Manifest {
  schemaVersion: number;
  mediaType?: string;
  config?: Described;
  layers?: Described[];
  manifests?: Described[];
}
