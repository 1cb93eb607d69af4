/**
 * nginx's configuration: the language of directives and blocks, its checks, and what of it the server acts on.
 * Source: nginx 1.30, src/core/ngx_conf_file.c; messages as it words them.
 *
 *   directive = words ';'          block = words '{' (directive | block)* '}'
 *
 * Simplified: of the http module the server acts on listen, server_name, root, alias, index, return, access_log and
 * location by prefix or exact match; other known directives are read and change nothing.
 */

export interface Directive {
  words: string[];
  file: string;
  line: number;
  block?: Directive[];
}

/** What nginx says at level emerg and ends of. */
export class ConfError extends Error {}

interface Token {
  text: string;
  line: number;
  quoted: boolean;
}

function tokens(text: string, file: string): Token[] {
  const out: Token[] = [];
  let line = 1;
  for (let i = 0; i < text.length; ) {
    const c = text[i] as string;
    if (c === '\n') line++;
    if (/\s/.test(c)) i++;
    else if (c === '#') while (i < text.length && text[i] !== '\n') i++;
    else if (c === ';' || c === '{' || c === '}') {
      out.push({ text: c, line, quoted: false });
      i++;
    } else if (c === '"' || c === "'") {
      let word = '';
      for (i++; i < text.length && text[i] !== c; i++) {
        if (text[i] === '\\' && i + 1 < text.length) i++;
        if (text[i] === '\n') line++;
        word += text[i];
      }
      if (i++ >= text.length) throw new ConfError(`unexpected end of file, expecting "${c}" in ${file}:${line}`);
      out.push({ text: word, line, quoted: true });
    } else {
      const from = i;
      for (; i < text.length && !/[\s;{}]/.test(text[i] as string); i++) {
        if (text[i] === '$' && text[i + 1] === '{') while (i < text.length && text[i] !== '}') i++;
        else if (text[i] === '\\') i++;
      }
      out.push({ text: text.slice(from, i), line, quoted: false });
    }
  }
  out.push({ text: '', line, quoted: false });
  return out;
}

/** A file's text as a tree of directives. `file` as messages name it; null for what the command line gives. */
export function parse(text: string, file: string | null): Directive[] {
  const where = file ?? 'command line';
  const list = tokens(text, where);
  let at = 0;
  const fail = (what: string, line: number) => {
    throw new ConfError(file === null ? `${what} in command line` : `${what} in ${file}:${line}`);
  };
  const special = (t: Token, c: string) => !t.quoted && t.text === c;
  function body(depth: number): Directive[] {
    const out: Directive[] = [];
    for (;;) {
      const words: Token[] = [];
      let t = list[at++] as Token;
      if (at >= list.length) {
        if (depth > 0) fail('unexpected end of file, expecting "}"', t.line);
        return out;
      }
      if (special(t, '}')) {
        if (depth === 0) fail('unexpected "}"', t.line);
        return out;
      }
      if (special(t, ';') || special(t, '{')) fail(`unexpected "${t.text}"`, t.line);
      for (; !special(t, ';') && !special(t, '{'); t = list[at++] as Token) {
        if (at >= list.length)
          fail(file === null ? 'unexpected end of parameter, expecting ";"' : 'unexpected end of file, expecting ";" or "}"', t.line);
        if (special(t, '}')) fail('unexpected "}"', t.line);
        words.push(t);
      }
      const d: Directive = { words: words.map((w) => w.text), file: where, line: (words[0] as Token).line };
      out.push(special(t, '{') ? { ...d, block: body(depth + 1) } : d);
    }
  }
  return body(0);
}

type Context = 'main' | 'events' | 'http' | 'server' | 'location';

/** Directives by the context they may stand in; those with a block name the context inside. */
const KNOWN: Readonly<Record<Context, string>> = {
  main: 'user worker_processes worker_cpu_affinity worker_priority worker_rlimit_nofile worker_shutdown_timeout pid error_log daemon master_process include load_module env events http stream mail pcre_jit thread_pool timer_resolution lock_file ssl_engine working_directory worker_rlimit_core debug_points',
  events: 'worker_connections multi_accept use accept_mutex accept_mutex_delay worker_aio_requests debug_connection',
  http: 'server upstream map geo split_clients limit_req_zone limit_conn_zone proxy_cache_path log_format types_hash_max_size types_hash_bucket_size server_names_hash_bucket_size server_names_hash_max_size variables_hash_max_size map_hash_bucket_size default_type types',
  server: 'listen server_name location if rewrite ssl_certificate ssl_certificate_key',
  location:
    'location root alias index return try_files proxy_pass proxy_set_header proxy_http_version proxy_read_timeout proxy_connect_timeout proxy_buffering proxy_redirect proxy_hide_header proxy_cache proxy_cache_valid proxy_next_upstream fastcgi_pass fastcgi_param fastcgi_index uwsgi_pass uwsgi_param include add_header expires error_page autoindex deny allow access_log error_log sendfile tcp_nopush tcp_nodelay keepalive_timeout keepalive_requests client_max_body_size client_body_timeout client_header_timeout send_timeout gzip gzip_vary gzip_proxied gzip_comp_level gzip_buffers gzip_http_version gzip_types gzip_min_length gzip_disable gzip_static server_tokens default_type charset etag internal limit_req limit_conn limit_rate auth_basic auth_basic_user_file stub_status set if rewrite ssl_protocols ssl_prefer_server_ciphers ssl_ciphers ssl_session_cache ssl_session_timeout resolver resolver_timeout open_file_cache log_not_found absolute_redirect port_in_redirect server_name_in_redirect underscores_in_headers large_client_header_buffers client_header_buffer_size types break aio directio output_buffers real_ip_header set_real_ip_from mirror sub_filter auth_request dav_methods',
};
const INSIDE: Readonly<Record<string, Context | null>> = {
  events: 'events',
  http: 'http',
  server: 'server',
  location: 'location',
  if: 'location',
};
const ALL = new Map<string, Set<Context>>();
for (const [context, names] of Object.entries(KNOWN))
  for (const name of names.split(' ')) {
    const set = ALL.get(name) ?? new Set();
    set.add(context as Context);
    // What may stand in a location may stand in a server and in http.
    if (context === 'location' && name !== 'location' && name !== 'return' && name !== 'alias')
      for (const c of ['http', 'server'] as const) set.add(c);
    if (context === 'location' && name === 'return') set.add('server');
    ALL.set(name, set);
  }
for (const c of ['http', 'events', 'server'] as const) ALL.get('include')?.add(c);

/** Reads a tree's includes and checks every directive. `load` gives the files that a pattern names: [path, text]. */
export function expand(list: readonly Directive[], context: Context, load: (d: Directive) => [string, string][]): Directive[] {
  return list.flatMap((d): Directive[] => {
    const name = d.words[0] as string;
    const where = d.file === 'command line' ? 'command line' : `${d.file}:${d.line}`;
    const contexts = ALL.get(name);
    if (!contexts) throw new ConfError(`unknown directive "${name}" in ${where}`);
    if (!contexts.has(context)) throw new ConfError(`"${name}" directive is not allowed here in ${where}`);
    if (name === 'include')
      return load(d).flatMap(([path, text]) => (/mime\.types$/.test(path) ? [] : expand(parse(text, path), context, load)));
    if (['daemon', 'root', 'pid', 'user', 'worker_processes', 'listen'].includes(name) && d.words.length < 2)
      throw new ConfError(`invalid number of arguments in "${name}" directive in ${where}`);
    if (!d.block) {
      if (['events', 'http', 'server', 'location', 'types', 'upstream'].includes(name))
        throw new ConfError(`directive "${name}" has no opening "{" in ${where}`);
      return [d];
    }
    const inside = INSIDE[name];
    if (inside === undefined)
      return ['types', 'upstream', 'map', 'geo', 'split_clients', 'stream', 'mail'].includes(name) ? [d] : bad(name, where);
    return [{ ...d, block: expand(d.block, inside as Context, load) }];
  });
}

function bad(name: string, where: string): never {
  throw new ConfError(`directive "${name}" is not terminated by ";" in ${where}`);
}

export interface Location {
  path: string;
  exact: boolean;
  root: string;
  alias: string | null;
  index: string[];
  answer: { status: number; text: string } | null;
  proxy: string | null;
}
export interface Server {
  ports: number[];
  names: string[];
  locations: Location[];
}
export interface Conf {
  user: string | null;
  userLine: string;
  workers: number | 'auto';
  pid: string;
  daemon: boolean;
  errorLog: string | null;
  level: string;
  accessLog: string | null;
  tokens: boolean;
  servers: Server[];
}

const last = (list: readonly Directive[], name: string) => list.findLast((d) => d.words[0] === name);

/** What the server acts on. */
export function confOf(tree: readonly Directive[]): Conf {
  const http = tree.find((d) => d.words[0] === 'http')?.block ?? [];
  const user = last(tree, 'user');
  const log = last(tree, 'error_log');
  const access = last(http, 'access_log')?.words[1] ?? '/var/log/nginx/access.log';
  const workers = last(tree, 'worker_processes')?.words[1];
  return {
    user: user?.words[1] ?? null,
    userLine: user ? `${user.file}:${user.line}` : '',
    workers: workers === 'auto' ? 'auto' : Math.max(1, Number(workers ?? 1) || 1),
    pid: last(tree, 'pid')?.words[1] ?? '/run/nginx.pid',
    daemon: last(tree, 'daemon')?.words[1] !== 'off',
    errorLog: log?.words[1] ?? '/var/log/nginx/error.log',
    level: log?.words[2] ?? 'error',
    accessLog: access === 'off' ? null : access,
    tokens: last(http, 'server_tokens')?.words[1] !== 'off',
    servers: http.filter((d) => d.words[0] === 'server').map((d) => serverOf(d.block ?? [], http)),
  };
}

function serverOf(list: readonly Directive[], http: readonly Directive[]): Server {
  const inherit = (name: string, inner: readonly Directive[]) => last(inner, name) ?? last(list, name) ?? last(http, name);
  const locationOf = (path: string, exact: boolean, inner: readonly Directive[]): Location => {
    const answer = last(inner, 'return');
    const status = Number(answer?.words[1] ?? 0);
    return {
      path,
      exact,
      root: inherit('root', inner)?.words[1] ?? '/usr/share/nginx/html',
      alias: last(inner, 'alias')?.words[1] ?? null,
      index: inherit('index', inner)?.words.slice(1) ?? ['index.html'],
      answer: answer
        ? Number.isNaN(status)
          ? { status: 302, text: answer.words[1] as string }
          : { status, text: answer.words[2] ?? '' }
        : null,
      proxy: last(inner, 'proxy_pass')?.words[1] ?? null,
    };
  };
  const ports = list.filter((d) => d.words[0] === 'listen').map((d) => Number((d.words[1] as string).split(':').pop()));
  return {
    ports: [...new Set(ports.length ? ports.filter((p) => p > 0) : [80])],
    names: last(list, 'server_name')?.words.slice(1) ?? [],
    locations: [
      ...list
        .filter((d) => d.words[0] === 'location' && !(d.words[1] as string).startsWith('~'))
        .map((d) => {
          const exact = d.words[1] === '=';
          return locationOf((d.words.length > 2 ? d.words[2] : d.words[1]) as string, exact, d.block ?? []);
        }),
      locationOf('/', false, []),
    ],
  };
}
