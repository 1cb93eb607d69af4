/**
 * The registry's HTTP API, version 2: github.com/distribution/distribution/spec/api.md, registry/handlers.
 *
 *   /v2/                                 is there anybody, and may I
 *   /v2/_catalog                         names of repositories
 *   /v2/NAME/tags/list                   tags of one
 *   /v2/NAME/manifests/TAG-OR-DIGEST     GET HEAD PUT DELETE
 *   /v2/NAME/blobs/DIGEST                GET HEAD DELETE
 *   /v2/NAME/blobs/uploads/[UUID]        POST PATCH PUT GET DELETE
 *
 * Simplified: a request is answered whole, without ranges; version 2 makes no manifests of schema 1 for clients that know no other.
 */

import { encode64, sha256 } from '../../base';
import { decode64 } from '../../base/base64';
import { attempt, Errno, type Sys } from '../../kernel';
import { slurp } from '../io';
import { bcrypt } from './bcrypt';
import { type HttpRequest, unescapePath } from './http';
import { rfc4122 } from './registry-log';
import type { Store } from './registry-store';

export interface Serving {
  sys: Sys;
  store: Store;
  /** 2 or 3: what the two do differently. */
  major: number;
  /** Whether anything may be deleted. */
  deletes: boolean;
  auth: { realm: string; path: string } | null;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** The handler said the length itself: the header then stands among the others, else at the end. */
  sized?: true;
  /** For the log. */
  fault?: { code: string; message: string; detail: unknown };
}

const JSON_TYPE = 'application/json; charset=utf-8';
const json = (status: number, value: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'Content-Type': JSON_TYPE, ...headers },
  body: `${JSON.stringify(value).replace(/[&<>]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)}\n`,
});

/** registry/api/errcode, v2/errors.go: a code's message and status. */
const ERRORS = {
  UNAUTHORIZED: ['authentication required', 401],
  UNSUPPORTED: ['The operation is unsupported.', 405],
  UNKNOWN: ['unknown error', 500],
  NAME_UNKNOWN: ['repository name not known to registry', 404],
  MANIFEST_UNKNOWN: ['manifest unknown', 404],
  MANIFEST_INVALID: ['manifest invalid', 400],
  MANIFEST_BLOB_UNKNOWN: ['blob unknown to registry', 400],
  BLOB_UNKNOWN: ['blob unknown to registry', 404],
  BLOB_UPLOAD_UNKNOWN: ['blob upload unknown to registry', 404],
  DIGEST_INVALID: ['provided digest did not match uploaded content', 400],
} as const satisfies Record<string, [string, number]>;

function refuse(code: keyof typeof ERRORS, detail?: unknown, headers: Record<string, string> = {}): Answer {
  const [message, status] = ERRORS[code];
  const error = { code, message, ...(detail === undefined ? {} : { detail }) };
  return { ...json(status, { errors: [error] }, headers), fault: { code, message, detail } };
}

const empty = (status: number, headers: Record<string, string> = {}, sized?: true): Answer => ({
  status,
  headers,
  body: '',
  ...(sized ? { sized } : {}),
});

const plain = (status: number, text: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers },
  body: `${text}\n`,
});

const NAME = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*';
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const BY_DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]+$/;

interface Asked extends Serving {
  request: HttpRequest;
  name: string;
  /** The last part of the path: a tag, a digest, an upload's number. */
  last: string;
  query: ReadonlyMap<string, string>;
}

const ROUTES: readonly [RegExp, Readonly<Record<string, (a: Asked) => Answer>>][] = [
  [new RegExp(`^/v2/(${NAME})/tags/list$`), { GET: tags }],
  [
    new RegExp(`^/v2/(${NAME})/manifests/([\\w][\\w.-]{0,127}|[A-Za-z][\\w+.-]*:[0-9a-fA-F]+)$`),
    { DELETE: deleteManifest, GET: manifest, HEAD: manifest, PUT: putManifest },
  ],
  [new RegExp(`^/v2/(${NAME})/blobs/uploads/$`), { POST: startUpload }],
  [
    new RegExp(`^/v2/(${NAME})/blobs/uploads/([a-zA-Z0-9-_.=]+)$`),
    { DELETE: cancelUpload, GET: uploadStatus, HEAD: uploadStatus, PATCH: patchUpload, PUT: endUpload },
  ],
  [new RegExp(`^/v2/(${NAME})/blobs/([A-Za-z][\\w+.-]*:[0-9a-fA-F]+)$`), { DELETE: deleteBlob, GET: blob, HEAD: blob }],
];

const parseQuery = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => pair.split(/=(.*)/s).map(unescapePath))
      .map(([k = '', v = '']) => [k, v]),
  );

export function answer(s: Serving, request: HttpRequest): Answer {
  const url = request.target.replace(/^https?:\/\/[^/]*/, '');
  const [path = '', query = ''] = url.split(/\?(.*)/s);
  if (!path.startsWith('/v2')) return path === '/' ? empty(200, { 'Cache-Control': 'no-cache' }) : plain(404, '404 page not found');
  if (path === '/v2')
    return {
      status: 301,
      headers: { 'Content-Type': 'text/html; charset=utf-8', Location: '/v2/' },
      body: '<a href="/v2/">Moved Permanently</a>.\n\n',
    };
  const asked = { ...s, request, query: parseQuery(query), name: '', last: '' };
  if (path === '/v2/') return guarded(asked, null) ?? { status: 200, headers: { 'Content-Type': JSON_TYPE }, body: '{}', sized: true };
  if (path === '/v2/_catalog')
    return guarded(asked, [{ Type: 'registry', Class: '', Name: 'catalog', Action: '*' }]) ?? allowed({ GET: catalog }, asked);
  for (const [pattern, methods] of ROUTES) {
    const m = pattern.exec(path);
    if (!m) continue;
    const full = { ...asked, name: m[1] as string, last: m[2] ?? '' };
    return guarded(full, access(full)) ?? allowed(methods, full);
  }
  return plain(404, '404 page not found');
}

const allowed = (methods: Readonly<Record<string, (a: Asked) => Answer>>, a: Asked): Answer =>
  methods[a.request.method]?.(a) ?? plain(405, 'Method not allowed', { Allow: Object.keys(methods).join(', ') });

// ——— who asks

/** What a request needs to be allowed: registry/handlers/app.go, appendAccessRecords. */
function access({ request, name, query }: Asked): unknown[] {
  const record = (of: string, Action: string) => ({ Type: 'repository', Class: '', Name: of, Action });
  const own = ['GET', 'HEAD'].includes(request.method) ? ['pull'] : request.method === 'DELETE' ? ['delete'] : ['pull', 'push'];
  const from = query.get('from');
  return [...own.map((action) => record(name, action)), ...(from ? [record(from, 'pull')] : [])];
}

/** The answer to somebody who may not; null: go on. */
function guarded({ auth, sys, request }: Asked, detail: unknown): Answer | null {
  if (!auth) return null;
  const [, coded = ''] = /^Basic (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const [user = '', password = ''] = decode64(coded, true).out.split(/:(.*)/s);
  const text = attempt(() => slurp(sys, auth.path));
  const hash = text instanceof Errno ? undefined : hashOf(text, user);
  if (coded !== '' && hash !== undefined && bcrypt(password, hash) === hash) return null;
  return refuse('UNAUTHORIZED', detail, { 'Www-Authenticate': `Basic realm=${JSON.stringify(auth.realm)}` });
}

const hashOf = (htpasswd: string, user: string): string | undefined =>
  htpasswd
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .find((line) => line.startsWith(`${user}:`))
    ?.slice(user.length + 1);

// ——— lists

/** As many of a list as asked for, and where the rest is. */
function paged(a: Asked, list: readonly string[], path: string): { page: string[]; headers: Record<string, string> } {
  const after = a.query.get('last') ?? '';
  const rest = after === '' ? [...list] : list.filter((x) => x > after);
  const n = Number.parseInt(a.query.get('n') ?? '', 10);
  if (!(n > 0) || rest.length < n) return { page: rest, headers: {} };
  const page = rest.slice(0, n);
  return { page, headers: { Link: `<${path}?last=${encodeURIComponent(page.at(-1) as string)}&n=${n}>; rel="next"` } };
}

function catalog(a: Asked): Answer {
  const { page, headers } = paged(a, a.store.repositories(), '/v2/_catalog');
  return json(200, { repositories: page }, headers);
}

function tags(a: Asked): Answer {
  if (!a.store.knows(a.name)) return refuse('NAME_UNKNOWN', { name: a.name });
  const all = a.store.tags(a.name) ?? [];
  const { page, headers } = a.major > 2 ? paged(a, all, `/v2/${a.name}/tags/list`) : { page: all, headers: {} };
  return json(200, { name: a.name, tags: page.length > 0 ? page : null }, headers);
}

// ——— manifests

const SCHEMA2 = 'application/vnd.docker.distribution.manifest.v2+json';
const LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const OCI = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

interface Manifest {
  mediaType?: string;
  config?: { digest: string };
  layers?: { digest: string }[];
  manifests?: { digest: string }[];
}

const typeOf = (text: string): string => {
  const m = JSON.parse(text) as Manifest;
  return m.mediaType ?? (m.manifests ? INDEX : OCI);
};

function manifest(a: Asked): Answer {
  const digest = BY_DIGEST.test(a.last) ? a.last : a.store.tagged(a.name, a.last);
  if (digest === null) return refuse('MANIFEST_UNKNOWN', { Tag: a.last });
  if (!DIGEST.test(digest)) return refuse('DIGEST_INVALID', {});
  const body = a.store.manifest(a.name, digest);
  if (body === null) return refuse('MANIFEST_UNKNOWN', { Name: a.name, Revision: digest });
  const type = typeOf(body);
  const accepts = (a.request.headers.accept ?? '').split(',').map((t) => t.replace(/;.*/, '').trim());
  if (a.major === 2 && type === SCHEMA2 && !accepts.includes(SCHEMA2) && !BY_DIGEST.test(a.last)) return schema1();
  if (a.major === 2 && (type === OCI || type === INDEX) && !accepts.includes(type))
    return refuse('MANIFEST_UNKNOWN', {
      message: `${type === OCI ? 'OCI manifest' : 'OCI index'} found, but accept header does not support ${type === OCI ? 'OCI manifests' : 'OCI indexes'}`,
    });
  return {
    status: 200,
    headers: { 'Content-Type': type, 'Docker-Content-Digest': digest, Etag: `"${digest}"` },
    body,
    sized: true,
  };
}

const schema1 = (): Answer => {
  const message = 'drydock: manifests of schema 1 are not modelled: ask with a header Accept that names another';
  return { ...json(501, { errors: [{ code: 'UNSUPPORTED', message }] }), fault: { code: 'UNSUPPORTED', message, detail: undefined } };
};

function putManifest(a: Asked): Answer {
  const { body, headers } = a.request;
  let m: Manifest;
  try {
    m = JSON.parse(body) as Manifest;
  } catch {
    const known = [SCHEMA2, LIST, OCI, INDEX].includes(headers['content-type'] ?? '');
    return refuse('MANIFEST_INVALID', known ? { Offset: 1 } : {});
  }
  if (![SCHEMA2, LIST, OCI, INDEX].includes(headers['content-type'] ?? '')) return refuse('MANIFEST_INVALID', {});
  if (!m.config && !m.manifests) return refuse('UNKNOWN', {});
  const digest = `sha256:${sha256(body)}`;
  if (BY_DIGEST.test(a.last) && a.last !== digest) return refuse('DIGEST_INVALID');
  const missing = [
    ...[...(m.layers ?? []), ...(m.config ? [m.config] : [])].map((b) => b.digest).filter((d) => a.store.layer(a.name, d) === null),
    ...(m.manifests ?? []).map((b) => b.digest).filter((d) => a.store.manifest(a.name, d) === null),
  ];
  if (missing[0] !== undefined) return refuse('MANIFEST_BLOB_UNKNOWN', missing[0]);
  a.store.putManifest(a.name, body);
  if (!BY_DIGEST.test(a.last)) a.store.tag(a.name, a.last, digest);
  return empty(201, { 'Docker-Content-Digest': digest, Location: `${origin(a)}/v2/${a.name}/manifests/${digest}` });
}

function deleteManifest(a: Asked): Answer {
  if (!BY_DIGEST.test(a.last)) {
    if (a.major === 2) return refuse('DIGEST_INVALID');
    if (!a.deletes) return refuse('UNSUPPORTED');
    if (a.store.tagged(a.name, a.last) === null) return refuse('MANIFEST_UNKNOWN');
    a.store.untag(a.name, a.last);
    return empty(202);
  }
  if (!a.deletes) return refuse('UNSUPPORTED');
  if (a.store.manifest(a.name, a.last) === null) return refuse('MANIFEST_UNKNOWN');
  a.store.dropManifest(a.name, a.last);
  return empty(202);
}

// ——— blobs

const origin = ({ request }: Asked): string => `http://${request.headers.host ?? 'localhost'}`;

function blob(a: Asked): Answer {
  if (!DIGEST.test(a.last)) return refuse('DIGEST_INVALID', {});
  const data = a.store.layer(a.name, a.last);
  if (data === null) return refuse('BLOB_UNKNOWN', a.last);
  return {
    status: 200,
    headers: {
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'max-age=31536000',
      'Content-Type': 'application/octet-stream',
      'Docker-Content-Digest': a.last,
      Etag: `"${a.last}"`,
    },
    body: data,
    sized: true,
  };
}

function deleteBlob(a: Asked): Answer {
  if (!a.deletes) return refuse('UNSUPPORTED');
  if (a.store.layer(a.name, a.last) === null) return refuse('BLOB_UNKNOWN', a.last);
  a.store.dropLayer(a.name, a.last);
  return empty(202, {}, true);
}

/** What is said of an upload that goes on: where its next bytes go, in a form that only the registry reads. */
function going(a: Asked, id: string, offset: number, status: number): Answer {
  const startedAt = rfc4122.time(a.sys);
  const mac = rfc4122.bytes(a.sys, 32);
  const state = encode64(mac + JSON.stringify({ Name: a.name, UUID: id, Offset: offset, StartedAt: startedAt }))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
  return empty(
    status,
    {
      'Docker-Upload-Uuid': id,
      Location: `${origin(a)}/v2/${a.name}/blobs/uploads/${id}?_state=${encodeURIComponent(state)}`,
      Range: `0-${Math.max(offset - 1, 0)}`,
    },
    status === 204 ? undefined : true,
  );
}

const created = (a: Asked, digest: string): Answer =>
  empty(201, { 'Docker-Content-Digest': digest, Location: `${origin(a)}/v2/${a.name}/blobs/${digest}` }, true);

/** Begins an upload, or links what another repository has: `mount` and `from`. */
function startUpload(a: Asked): Answer {
  const [mount, from] = [a.query.get('mount'), a.query.get('from')];
  if (mount && from && DIGEST.test(mount) && a.store.layer(from, mount) !== null) {
    a.store.link(a.name, mount);
    return created(a, mount);
  }
  const id = rfc4122.uuid(a.sys);
  a.store.begin(a.name, id, rfc4122.time(a.sys));
  const digest = a.query.get('digest');
  return digest ? endUpload({ ...a, last: id }) : going(a, id, 0, 202);
}

const unknownUpload = (): Answer => refuse('BLOB_UPLOAD_UNKNOWN', {});

function patchUpload(a: Asked): Answer {
  if (a.store.came(a.name, a.last) === null) return unknownUpload();
  return going(a, a.last, a.store.append(a.name, a.last, a.request.body), 202);
}

function uploadStatus(a: Asked): Answer {
  const came = a.store.came(a.name, a.last);
  return came === null ? unknownUpload() : going(a, a.last, came.length, 204);
}

function cancelUpload(a: Asked): Answer {
  if (a.store.came(a.name, a.last) === null) return unknownUpload();
  a.store.end(a.name, a.last);
  return empty(204, { 'Docker-Upload-Uuid': a.last });
}

function endUpload(a: Asked): Answer {
  const came = a.store.came(a.name, a.last);
  if (came === null) return unknownUpload();
  const digest = a.query.get('digest');
  if (!digest) return refuse('DIGEST_INVALID', 'digest missing');
  // Go's server takes such a body for a form when it looks for the digest, and nothing is left of it.
  const isForm = a.request.headers['content-type'] === 'application/x-www-form-urlencoded';
  const data = came + (isForm ? '' : a.request.body);
  if (digest !== `sha256:${sha256(data)}`) return refuse('DIGEST_INVALID', { Digest: digest, Reason: {} });
  a.store.putLayer(a.name, data);
  a.store.end(a.name, a.last);
  return created(a, digest);
}
