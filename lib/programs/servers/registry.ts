/**
 * registry: the server that images are pushed to and pulled from, as the images registry:2 and registry:3 have it.
 * github.com/distribution/distribution, registry/root.go, registry.go, storage/garbagecollect.go.
 *
 *   registry serve /etc/docker/registry/config.yml
 *   registry garbage-collect [--dry-run] [--delete-untagged] CONFIG
 *
 * Simplified: it stores on its own disk, without TLS, as nobody's mirror, and knows its users by an htpasswd file.
 */

import { encode } from '../../base';
import { strftime } from '../../base/posix';
import { attempt, Errno, type Program, SIGNALS, type Sys } from '../../kernel';
import { slurp, spill, writeAll } from '../io';
import { bcrypt } from './bcrypt';
import { type HttpAnswer, type HttpConn, type HttpRequest, httpWaits, serveHttp } from './http';
import { listenOn } from './loopback';
import { type Answer, answer, type Serving } from './registry-api';
import { at, parseYaml, type Tree, textAt, withEnv } from './registry-config';
import { accessLine, line, requestLine, rfc4122 } from './registry-log';
import { Store } from './registry-store';

interface Release {
  version: string;
  go: string;
  major: number;
  /** Where its source is, as it says itself. */
  source: string;
}
const RELEASES = {
  two: { version: '2.8.3', go: 'go1.20.8', major: 2, source: 'github.com/docker/distribution' },
  three: { version: 'v3.0.0', go: 'go1.23.7', major: 3, source: 'github.com/distribution/distribution/v3' },
} as const satisfies Record<string, Release>;

interface State {
  argv: string[];
  env: Record<string, string>;
  config: Tree | null;
  instance: string;
  listener: number;
  conns: HttpConn[];
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  301: 'Moved Permanently',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
  501: 'Not Implemented',
};

const say = (sys: Sys, fd: number, text: string) => attempt(() => writeAll(sys, fd, encode(text)));

// ——— the command line

const USAGE = `Usage:
  registry [flags]
  registry [command]

Available Commands:
  completion      Generate the autocompletion script for the specified shell
  garbage-collect \`garbage-collect\` deletes layers not referenced by any manifests
  help            Help about any command
  serve           \`serve\` stores and distributes Docker images

Flags:
  -h, --help      help for registry
  -v, --version   show the version and exit

Use "registry [command] --help" for more information about a command.
`;
const SERVE_USAGE = `Usage:
  registry serve <config> [flags]

Flags:
  -h, --help   help for serve
`;
const COLLECT_USAGE = `Usage:
  registry garbage-collect <config> [flags]

Flags:
  -m, --delete-untagged   delete manifests that are not currently referenced via tag
  -d, --dry-run           do everything except remove the blobs
  -h, --help              help for garbage-collect
`;

class Stop extends Error {
  readonly status: number;
  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** The configuration that a command line names, with what the environment says on top. */
function configuration(sys: Sys, args: readonly string[], env: Record<string, string>, usage: string): Tree {
  const path = args.find((a) => !a.startsWith('-')) ?? env.REGISTRY_CONFIGURATION_PATH;
  if (path === undefined) throw new Stop(`configuration error: configuration path unspecified\n${usage}`);
  const text = attempt(() => slurp(sys, path));
  if (text instanceof Errno) throw new Stop(`configuration error: open ${path}: ${text.message.toLowerCase()}\n${usage}`);
  const tree = withEnv(parseYaml(text), env);
  if (textAt(tree, 'version') === '') throw new Stop(`configuration error: error parsing ${path}: yaml: unmarshal errors:\n${usage}`);
  for (const [what, ...where] of [
    ['http.tls', 'http', 'tls', 'certificate'],
    ['proxy', 'proxy', 'remoteurl'],
    ['storage.s3', 'storage', 's3'],
    ['auth.token', 'auth', 'token'],
  ] as const)
    if (at(tree, ...where) !== undefined) throw new Stop(`drydock: registry: ${what} is not modelled\n`);
  return tree;
}

const storeOf = (sys: Sys, config: Tree): Store =>
  new Store(sys, textAt(config, 'storage', 'filesystem', 'rootdirectory') || '/var/lib/registry');

// ——— serving

/** `auth: { htpasswd: … }`; a file that is missing is made, with a user and a password that the log tells. */
function authOf(sys: Sys, config: Tree, go: string): Serving['auth'] {
  const auth = at(config, 'auth');
  const kind = typeof auth === 'string' ? auth : Object.keys(auth ?? {})[0];
  if (kind === undefined) return null;
  if (kind !== 'htpasswd') throw new Stop(`drydock: registry: auth.${kind} is not modelled\n`);
  const [realm, path] = [textAt(config, 'auth', 'htpasswd', 'realm'), textAt(config, 'auth', 'htpasswd', 'path')];
  for (const [name, text] of [
    ['realm', realm],
    ['path', path],
  ] as const)
    if (text === '')
      throw new Stop(`panic: unable to configure authorization (htpasswd): "${name}" must be set for htpasswd access controller\n`, 2);
  if (attempt(() => sys.stat(path)) instanceof Errno) {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const random = (n: number) => [...rfc4122.bytes(sys, n)].map((c) => letters[c.charCodeAt(0) & 63]).join('');
    const password = random(43);
    const made = attempt(() => spill(sys, path, `docker:${bcrypt(password, `$2a$10$${random(21).replace(/[-_]/g, '.')}.`)}`, 0o600));
    if (made instanceof Errno)
      throw new Stop(`panic: unable to configure authorization (htpasswd): open ${path}: ${made.message.toLowerCase()}\n`, 2);
    say(
      sys,
      2,
      line(sys, 'warning', 'htpasswd is missing, provisioning with default user', { 'go.version': go, password, user: 'docker' }),
    );
  }
  return { realm, path };
}

function begin(sys: Sys, s: State, release: Release): State {
  const config = configuration(sys, s.argv.slice(2), s.env, SERVE_USAGE);
  const instance = rfc4122.uuid(sys);
  const fields = {
    ...fieldsOf(config),
    'go.version': release.go,
    'instance.id': instance,
    version: release.version,
  };
  const log = (level: string, msg: string) => say(sys, 2, line(sys, level, msg, fields));
  if (textAt(config, 'http', 'secret') === '')
    log(
      'warning',
      'No HTTP secret provided - generated random secret. This may cause problems with uploads if multiple registries are behind a load-balancer. To provide a shared secret, fill in http.secret in the configuration file or set the REGISTRY_HTTP_SECRET environment variable.',
    );
  log('info', 'redis not configured');
  log('info', `Starting upload purge in ${Math.floor(sys.random() * 60)}m0s`);
  if (textAt(config, 'storage', 'cache', 'blobdescriptor') === 'inmemory') log('info', 'using inmemory blob descriptor cache');
  authOf(sys, config, release.go);
  const addr = textAt(config, 'http', 'addr') || ':5000';
  const [, host = '', port = ''] = /^(.*):([^:]*)$/.exec(addr) ?? [];
  if (!/^\d+$/.test(port)) throw new Stop(line(sys, 'fatal', `listen tcp: address tcp/${port}: unknown port`, {}));
  const listener = attempt(() => listenOn(sys, Number(port), host === '' ? '0.0.0.0' : host));
  if (listener instanceof Errno) throw new Stop(line(sys, 'fatal', `listen tcp ${addr}: bind: ${listener.message.toLowerCase()}`, {}));
  log('info', `listening on ${host === '' ? '[::]' : host}:${port}`);
  return { ...s, config, instance, listener };
}

const fieldsOf = (config: Tree): Record<string, string> => {
  const fields = at(config, 'log', 'fields');
  return typeof fields === 'object'
    ? Object.fromEntries(Object.entries(fields).filter((e): e is [string, string] => typeof e[1] === 'string'))
    : {};
};

/** A date as HTTP writes it: RFC 9110, 5.6.7. */
const httpDate = (sys: Sys): string => strftime('%a, %d %b %Y %H:%M:%S GMT', Math.floor(sys.now() / 1000));

/** The answer as Go's server writes it: headers by name, then the date, and the length where the handler has not said it. */
function written(sys: Sys, config: Tree, r: HttpRequest, a: Answer): string {
  const own = r.target.startsWith('/v2')
    ? { 'Docker-Distribution-Api-Version': 'registry/2.0', ...(a.status === 301 ? {} : extraOf(config)) }
    : {};
  const length = `${a.body.length}`;
  const headers = Object.entries({ ...own, ...a.headers, ...(a.sized ? { 'Content-Length': length } : {}) }).sort(([x], [y]) =>
    x < y ? -1 : 1,
  );
  headers.push(['Date', httpDate(sys)]);
  if (!a.sized && a.status !== 204) headers.push(['Content-Length', length]);
  const head = `HTTP/1.1 ${a.status} ${REASONS[a.status] ?? ''}\r\n${headers.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`;
  return head + (r.method === 'HEAD' ? '' : a.body);
}

/** Headers that the configuration adds. */
const extraOf = (config: Tree): Record<string, string> => {
  const headers = at(config, 'http', 'headers');
  return typeof headers === 'object'
    ? Object.fromEntries(Object.entries(headers).filter((e): e is [string, string] => typeof e[1] === 'string'))
    : {};
};

function serve(sys: Sys, s: State, release: Release, config: Tree): HttpConn[] {
  const htpasswd = { realm: textAt(config, 'auth', 'htpasswd', 'realm'), path: textAt(config, 'auth', 'htpasswd', 'path') };
  const serving: Serving = {
    sys,
    store: storeOf(sys, config),
    major: release.major,
    deletes: textAt(config, 'storage', 'delete', 'enabled') === 'true',
    auth: htpasswd.path === '' ? null : htpasswd,
  };
  const reply = (r: HttpRequest): HttpAnswer => {
    const since = sys.now();
    const a = answer(serving, r);
    if (textAt(config, 'log', 'accesslog', 'disabled') !== 'true') say(sys, 1, accessLine(sys, r, a));
    if (r.target.startsWith('/v2')) say(sys, 2, requestLine(sys, r, a, release.go, since));
    return { text: written(sys, config, r, a), close: /close/i.test(r.headers.connection ?? '') || r.version === 'HTTP/1.0' };
  };
  const bad = () => 'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request';
  return serveHttp(sys, s.conns, [s.listener], reply, bad);
}

// ——— garbage-collect

/** Marks what manifests refer to, and sweeps the rest: what it prints on the way. */
function collect(sys: Sys, s: State, release: Release): void {
  const args = s.argv.slice(2);
  const flag = (...names: string[]) => args.some((a) => names.includes(a.replace(/=true$/, '')));
  const config = configuration(sys, args, s.env, COLLECT_USAGE);
  const [dry, untagged] = [flag('-d', '--dry-run'), flag('-m', '--delete-untagged')];
  const store = storeOf(sys, config);
  if (!store.exists(`${store.root}/repositories`))
    throw new Stop('failed to garbage collect: failed to mark: filesystem: Path not found: /docker/registry/v2/repositories\n');
  const instance = rfc4122.uuid(sys);
  const log = (msg: string) =>
    say(sys, 2, line(sys, 'info', msg, { ...fieldsOf(config), 'go.version': release.go, 'instance.id': instance }));
  const marked = new Set<string>();
  const goneManifests: [string, string][] = [];
  for (const name of store.repositories()) {
    say(sys, 1, `${name}\n`);
    const tagged = new Set((store.tags(name) ?? []).map((t) => store.tagged(name, t)));
    for (const digest of store.manifests(name)) {
      if (untagged && !tagged.has(digest)) {
        say(sys, 1, `manifest eligible for deletion: ${digest}\n`);
        goneManifests.push([name, digest]);
        continue;
      }
      say(sys, 1, `${name}: marking manifest ${digest} \n`);
      marked.add(digest);
      const m = JSON.parse(store.manifest(name, digest) ?? '{}') as { config?: { digest: string }; layers?: { digest: string }[] };
      for (const { digest: of } of [...(m.config ? [m.config] : []), ...(m.layers ?? [])]) {
        marked.add(of);
        say(sys, 1, `${name}: marking blob ${of}\n`);
      }
    }
  }
  const gone = store.blobs().filter((d) => !marked.has(d));
  say(sys, 1, `\n${marked.size} blobs marked, ${gone.length} blobs and ${goneManifests.length} manifests eligible for deletion\n`);
  for (const [name, digest] of goneManifests) if (!dry) store.dropManifest(name, digest);
  for (const digest of gone) {
    say(sys, 1, `blob eligible for deletion: ${digest}\n`);
    if (dry) continue;
    const hex = digest.slice(7);
    log(`Deleting blob: /docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}`);
    store.dropBlob(digest);
  }
}

/** What a command does that does not serve: its exit status. */
function once(sys: Sys, s: State, release: Release): number {
  const [, command = ''] = s.argv;
  if (command === '-v' || command === '--version') say(sys, 1, `registry ${release.source} ${release.version}\n`);
  else if (command === 'garbage-collect') collect(sys, s, release);
  else if (['', 'help', '-h', '--help'].includes(command)) say(sys, 1, command === '' ? USAGE : `\`registry\`\n\n${USAGE}`);
  else throw new Stop(`Error: unknown command ${JSON.stringify(command)} for "registry"\nRun 'registry --help' for usage.\n`);
  return 0;
}

const program = (release: Release): Program<State> => ({
  start: ({ argv, env }) => ({ argv, env, config: null, instance: '', listener: -1, conns: [] }),
  run(sys, before) {
    let s = before;
    try {
      if (s.config === null) {
        if (s.argv[1] !== 'serve') return { exit: once(sys, s, release) };
        s = begin(sys, s, release);
        // Go ends by these; as a container's first process it ends with status 2.
        for (const n of [SIGNALS.SIGTERM, SIGNALS.SIGINT]) sys.sigaction(n, 'handle');
      }
    } catch (e) {
      if (!(e instanceof Stop)) throw e;
      say(sys, 2, e.message);
      return { exit: e.status };
    }
    if (sys.takeSignals().length > 0) return { exit: 2 };
    const conns = serve(sys, s, release, s.config as Tree);
    return { state: { ...s, conns }, wait: { for: 'any', of: [{ for: 'signal' }, ...httpWaits(conns, [s.listener])] } };
  },
});

export const registry2 = program(RELEASES.two);
export const registry3 = program(RELEASES.three);
