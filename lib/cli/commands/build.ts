/**
 * docker build, which is `docker buildx build` with the engine's own builder: docker/buildx, commands/build.go, build/.
 *
 *   The Dockerfile, the context without what .dockerignore excludes, and the secrets go along with the request;
 *   the steps come back as events, shown as plain text, or as a picture on a terminal.
 */

import { decode, encode, encode64 } from '../../base';
import * as ip from '../../base/ip';
import * as tar from '../../base/tar';
import { overlay2 } from '../../engine';
import * as build from '../../engine/build/face';
import { layerFiles } from '../../engine/for-clients';
import { platform, reference } from '../../oci';
import { csv } from '../csv';
import { close, err, failed, out, recv, type Script, select, sys } from '../driver';
import { absolute } from '../options/mount';
import { cut } from '../options/words';
import { tabulate } from '../tabwriter';
import { type Command, CommandError, type Ctx, call, EngineError, notModelled, pathOf, print, say, segment, stream } from './api';
import { fail, packed, parseContext, parseSecret, sources } from './build-context';
import { ownBuilder } from './builders';
import { told } from './buildx';
import { allCredentials, authHeader } from './credentials';
import { goError, writeBytes } from './files';

const PROGRESS = ['', 'auto', 'none', 'plain', 'quiet', 'rawjson', 'tty'];

/** Flags of the builder before BuildKit that are still read, and what is said of each. The rest of them, as --memory, is passed over. */
const RETIRED: Record<string, string> = {
  squash:
    'experimental flag squash is removed with BuildKit. You should squash inside build using a multi-stage Dockerfile for efficiency.',
  isolation: 'isolation flag is deprecated with BuildKit.',
  'security-opt': 'security-opt flag is deprecated. "RUN --security=insecure" should be used with BuildKit.',
};

const ENTITLEMENTS = ['network.host', 'security.insecure', 'device'];

// ——— where the result goes

type Output = { type: string; dest: string; attrs: Record<string, string> };

function parseOutput(text: string): Output {
  const fields = csv(text);
  if (fields.length === 1 && fields[0] === text && !text.startsWith('type='))
    return text === '-' ? { type: 'tar', dest: '-', attrs: {} } : { type: 'local', dest: text, attrs: {} };
  const o: Output = { type: '', dest: '', attrs: {} };
  for (const field of fields) {
    const [key, value, found] = cut(field, '=');
    if (!found) throw new CommandError(`ERROR: invalid value ${field}`);
    if (key.trim().toLowerCase() === 'type') o.type = value;
    else if (key.trim().toLowerCase() === 'dest') o.dest = value;
    else o.attrs[key.trim().toLowerCase()] = value;
  }
  if (o.type === '') throw new CommandError('ERROR: type is required for output');
  // An archive that goes nowhere else goes to standard output.
  if (o.type === 'tar' && o.dest === '') o.dest = '-';
  if (o.type === 'local' && o.dest === '') throw fail('dest is required for local exporter');
  return o;
}

/** Archives of whole images are another driver's; the file is made before that is found out. */
function* checkExporter(o: Output): Script<void> {
  const other = { oci: 'OCI', docker: 'Docker' }[o.type];
  if (!other || (o.type === 'docker' && o.dest === '')) return;
  if (o.dest !== '' && o.dest !== '-') yield* writeText(o.dest, '');
  throw fail(
    `${other} exporter is not supported for the docker driver.\nSwitch to a different driver, or turn on the containerd image store, and try again.\nLearn more at https://docs.docker.com/go/build-exporters/`,
  );
}

/** `KEY=VALUE` each; a key alone has the value that `alone` gives it, if any. */
const pairs = (list: readonly string[], alone: (key: string) => string | undefined): string | undefined => {
  const out: Record<string, string> = {};
  for (const item of list) {
    const [k, v, found] = cut(item, '=');
    if (k === '') throw new CommandError(`ERROR: invalid key-value pair ${JSON.stringify(item)}: empty key`);
    const value = found ? v : alone(k);
    if (value !== undefined) out[k] = value;
  }
  return Object.keys(out).length ? JSON.stringify(out) : undefined;
};

/** --cache-from and --cache-to: "type=registry,ref=app:cache", or a name alone. */
function parseCache(text: string): Record<string, string> {
  const fields = csv(text);
  if (fields.length === 1 && !text.includes('=')) return { type: 'registry', ref: text };
  const out: Record<string, string> = {};
  for (const field of fields) {
    const [key, value, found] = cut(field, '=');
    if (!found) throw new CommandError(`ERROR: invalid value ${field}`);
    out[key.toLowerCase()] = value;
  }
  if (!out.type) throw new CommandError(`ERROR: type required form> ${JSON.stringify(text)}`);
  return out;
}

/** True if the image is to carry its cache. GitHub's service is left alone where it is not there. */
function cacheTo(list: readonly string[]): boolean {
  const types = list.map((text) => parseCache(text).type as string);
  if (types.some((t) => t !== 'inline' && t !== 'gha'))
    throw fail(
      'Cache export is not supported for the docker driver.\nSwitch to a different driver, or turn on the containerd image store, and try again.\nLearn more at https://docs.docker.com/go/build-cache-backends/',
    );
  return types.includes('inline');
}

/** Images to take cache keys from, and what is to be said of directories that hold none. */
function* cacheFrom(list: readonly string[]): Script<{ refs: string[]; warnings: string[] }> {
  const refs: string[] = [];
  const warnings: string[] = [];
  for (const c of list.map(parseCache)) {
    if (c.type === 'registry' && c.ref) refs.push(c.ref);
    if (c.type !== 'local') continue;
    const { src } = c;
    if (!src) throw fail('local cache importer requires src');
    const there = (path: string) => sys((s) => (s.stat(encode(path)), true));
    if (!failed(yield* there(`${src}/index.json`))) throw notModelled('a cache in a directory');
    const lock = failed(yield* there(src));
    const file = `${src}/index.json${lock ? '.lock' : ''}`;
    warnings.push(
      `WARNING: local cache import at ${src} not found due to err: could not ${lock ? 'lock' : 'read'} ${file}: open ${file}: no such file or directory\n`,
    );
  }
  return { refs, warnings };
}

/** Whether what is built is to be pushed. What has no name cannot be. */
function wantsPush(c: Ctx, o: Output | null): boolean {
  if (!c.on('push') && o?.type !== 'registry' && o?.attrs.push !== 'true') return false;
  if (c.list('tag').length === 0 && !o?.attrs.name) throw fail('tag is needed when pushing to registry');
  return true;
}

/** The engine pushes what was built under each of its names: a step of the picture each, after the last one of the build. */
export function* pushNames(c: Ctx, names: readonly string[], display: Display, last: number): Script<void> {
  for (const [i, name] of names.entries()) {
    const n = last + 1 + i;
    const ref = reference.parseNormalized(name);
    const started = yield* moment();
    const path = pathOf(`/images/${segment(reference.familiarName(ref))}/push`, { tag: ref.tag ?? 'latest' });
    const told = messagesOf((yield* call(c, 'POST', path, '', yield* authHeader(c, name))).body);
    const error = told.find((m) => m.error !== undefined)?.error;
    const vertex = { n, name: `pushing ${reference.format(ref)} with docker`, started, completed: yield* moment() };
    // What was there already is not worth a line.
    const sent = [...new Set(told.flatMap((m) => (m.id && /^(Preparing|Pushed|Layer already exists)/.test(m.status ?? '') ? [m.id] : [])))];
    yield* display.show([
      { vertex: { ...vertex, completed: undefined } },
      ...sent.map((id) => ({ status: { n, id: `pushing layer ${id}`, started, completed: vertex.completed } })),
      { vertex: error === undefined ? vertex : { ...vertex, error } },
    ]);
    if (error !== undefined) throw fail(error);
  }
}

/** What a push tells. */
export const messagesOf = (body: string): { id?: string; status?: string; error?: string }[] =>
  body
    .split('\n')
    .filter((l) => l.trim() !== '')
    .map((l) => JSON.parse(decode(l)) as { id?: string; status?: string; error?: string });

export function* moment(): Script<number> {
  const now = yield* sys((s) => s.now());
  return failed(now) ? 0 : now;
}

/** An agent that is forwarded must be there. */
export function* checkSsh(text: string, env: Record<string, string>): Script<void> {
  const [id, path, found] = cut(text, '=');
  const paths = found ? path.split(',') : [];
  const refused = (why: string) => fail(`failed to convert agent config {${id} [${paths.join(' ')}] false}: ${why}`);
  const [first] = paths;
  if (first !== undefined) {
    const there = yield* sys((s) => (s.stat(encode(first)), true));
    if (failed(there)) throw refused(`failed to convert agent config for ID: ${JSON.stringify(id)}: stat ${first}: ${goError(there)}`);
  }
  if (paths.length > 0 || env.SSH_AUTH_SOCK) throw notModelled('--ssh: an agent that signs');
  throw refused('invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set');
}

/** --add-host NAME:ADDRESS or NAME=ADDRESS, as it is asked for. */
function checkHost(text: string): string {
  const at = text.includes('=') ? text.indexOf('=') : text.indexOf(':');
  const [name, address] = [text.slice(0, at), text.slice(at + 1)];
  const plain = address.replace(/^\[(.*)\]$/, '$1');
  if (at <= 0 || (address !== 'host-gateway' && ip.parse(plain) === null)) throw fail(`invalid host ${text}`);
  return `${name}:${plain}`;
}

function checkNetwork(mode: string): string {
  if (!['', 'default', 'none', 'host'].includes(mode))
    throw fail(
      `network mode ${JSON.stringify(mode)} not supported by buildkit - you can define a custom network for your builder using the network driver-opt in buildx create`,
    );
  return mode === 'default' ? '' : mode;
}

const refused = (what: string, page: string) =>
  fail(
    `${what} is not supported for the docker driver.\nSwitch to a different driver, or turn on the containerd image store, and try again.\nLearn more at https://docs.docker.com/go/${page}/`,
  );
export const noAttestation = () => refused('Attestation', 'attestations');

/** What other drivers do: several platforms at once, attestations. */
function checkDriver(c: Ctx) {
  const platforms = c.list('platform').flatMap((list) => list.split(',').map(platformOf));
  const off = (text: string) => ['', 'false', '0'].includes(text);
  if (new Set(platforms).size > 1) throw refused('Multi-platform build', 'build-multi-platform');
  const [wanted] = platforms;
  if (wanted !== undefined && wanted !== platform.format(platform.HOST)) throw notModelled(`--platform ${wanted}`);
  if (c.given('attest') || !off(c.text('provenance')) || !off(c.text('sbom'))) throw noAttestation();
}

function platformOf(text: string): string {
  if (text === 'local') return platform.format(platform.HOST);
  try {
    return platform.format(platform.parse(text));
  } catch (e) {
    if (e instanceof platform.PlatformError) throw fail(e.message);
    throw e;
  }
}

// ——— the build

interface Result {
  id: string;
  files?: string;
}

/** -q and a picture of progress exclude each other. */
function checkQuiet(c: Ctx) {
  const given = c.text('progress');
  if (c.on('quiet') && c.given('progress') && !['', 'auto', 'none', 'quiet'].includes(given))
    throw new CommandError(`ERROR: progress=${given} and quiet cannot be used together`);
}

/** How the events are shown: BUILDKIT_PROGRESS stands in for a mode that is not given. */
export function* displayOf(c: Ctx): Script<Display> {
  const given = c.text('progress') || 'auto';
  const mode = given === 'auto' ? c.env.BUILDKIT_PROGRESS || 'auto' : given;
  if (!PROGRESS.includes(mode)) throw new CommandError(`ERROR: invalid progress mode ${mode}`);
  if (c.on('quiet') || mode === 'quiet' || mode === 'none') return quietly;
  if (mode === 'rawjson') return asRecords();
  const terminal = (yield* sys((s) => s.isatty(2))) === true;
  if (mode === 'tty' && !terminal) throw new CommandError('ERROR: failed to get console: provided file is not a console');
  return mode !== 'plain' && terminal ? onTerminal() : asText();
}

/** Shows events as they come; `end` is what stands there when there are no more. */
export interface Display {
  start(): Script<void>;
  show(events: readonly build.BuildEvent[]): Script<void>;
  /** After how many milliseconds without an event it is to be drawn again. */
  every?: number;
  end(): Script<void>;
}

export const quietly: Display = { *start() {}, *show() {}, *end() {} };

/** `bare`: without the line that names the builder, and without a summary of warnings. */
export function asText(bare = false): Display {
  let printer = build.newPrinter();
  // The empty line before each vertex sets the first apart from the builder's line.
  let first = bare;
  return {
    start: () => err(bare ? '' : build.HEADER),
    *show(events) {
      const { text, printer: next } = build.print(printer, events);
      printer = next;
      yield* err(first ? text.replace(/^\n/, '') : text);
      first &&= text === '';
    },
    *end() {
      yield* err(build.failures(printer) + (bare ? '' : build.warningSummary(printer)));
    },
  };
}

function asRecords(): Display {
  let known: build.Known = {};
  return {
    *start() {},
    *show(events) {
      for (const e of events) {
        const next = build.rawJson(known, e);
        known = next.known;
        yield* err(next.text);
      }
    },
    *end() {},
  };
}

function onTerminal(): Display {
  let heard = build.trace.newTrace();
  let drawn = build.tty.NOT_DRAWN;
  function* picture(all: boolean): Script<void> {
    const at = yield* sys((s) => ({ size: s.winsize(2), now: s.now() }));
    const { size, now } = failed(at) ? { size: null, now: heard.now } : at;
    const next = build.tty.draw(heard, drawn, size ?? { rows: 10, cols: 80 }, now, all);
    drawn = next.drawn;
    yield* err(next.text);
  }
  return {
    every: 1000,
    *start() {},
    *show(events) {
      for (const e of events) heard = build.trace.hear(heard, e);
      if (heard.order.length > 0) yield* picture(false);
    },
    *end() {
      yield* picture(true);
      yield* err(build.trace.failures(heard) + build.trace.warningSummary(heard));
    },
  };
}

/** The next bytes of a build's stream, null at its end; '' when it is time to draw again. */
function* next(conn: number, every: number | undefined): Script<string | null> {
  if (every === undefined) return yield* recv(conn);
  const r = yield* select([conn], { ms: every });
  return 'data' in r ? r.data : '';
}

/** Shows the events until the build ends. `after`: what else is done when it went well, with the last number given out. */
function* watch(conn: number, first: string, display: Display, after: ((last: number) => Script<void>) | null): Script<Result> {
  let rest = first;
  let last = 0;
  let result: Result | null = null;
  let failure: Extract<build.BuildEvent, { error: string }> | null = null;
  yield* display.start();
  for (;;) {
    const { events, rest: left } = build.parseEvents(rest);
    rest = left;
    yield* display.show(events);
    for (const e of events) {
      if ('vertex' in e) last = Math.max(last, e.vertex.n);
      if ('error' in e) failure = e;
      else if ('id' in e) result = e;
    }
    const data = yield* next(conn, display.every);
    if (data === null) break;
    rest += data;
  }
  yield* close(conn);
  let fault: CommandError | null = null;
  try {
    if (!failure && after) yield* after(last);
  } catch (e) {
    if (!(e instanceof CommandError)) throw e;
    fault = e;
  }
  yield* display.end();
  if (fault) throw fault;
  if (failure) {
    const where = failure.source ? build.excerpt(failure.source) : '';
    throw new CommandError(`${decode(where)}ERROR: failed to build: failed to solve: ${decode(failure.error)}`);
  }
  return result ?? { id: '' };
}

function* deliver(o: Output, files: string): Script<void> {
  if (o.dest === '-') {
    yield* out(files);
    return;
  }
  const r = yield* sys((s) => {
    if (o.type === 'tar') {
      writeBytes(s, encode(o.dest), files, 0o644);
      return;
    }
    overlay2.mkdirs(s, encode(absolute(decode(s.getcwd()), o.dest)));
    layerFiles.extract(s, encode(absolute(decode(s.getcwd()), o.dest)), tar.readTar(files));
  });
  if (failed(r)) throw fail(`failed to solve: ${r.message.toLowerCase()}`);
}

function* writeText(path: string, text: string): Script<void> {
  const r = yield* sys((s) => writeBytes(s, encode(path), encode(text), 0o644));
  if (failed(r)) throw fail(`open ${path}: ${goError(r)}`);
}

export const buildCommand: Command = function* (c) {
  yield* ownBuilder(c);
  return yield* buildOn(c, null);
};

/** A build shown on a display that others share, or on one of its own. */
export function* buildOn(c: Ctx, shared: Display | null): Script {
  checkQuiet(c);
  for (const [flag, what] of Object.entries(RETIRED)) if (c.given(flag)) yield* err(`WARNING: ${what}\n`);
  const buildargs = pairs(c.list('build-arg'), (k) => c.env[k]);
  const labels = pairs(c.list('label'), () => '');
  checkDriver(c);
  const networkmode = checkNetwork(c.text('network'));
  const allowed = c.list('allow');
  const unknown = allowed.find((a) => !ENTITLEMENTS.includes(cut(a, '=')[0]));
  if (unknown !== undefined) throw fail(`unknown entitlement ${unknown}`);
  const [method = 'build', ...how] = (c.on('check') ? 'check' : c.text('call') || 'build').split(',');
  const asJson = how.includes('format=json');
  const outputs = c.list('output').map(parseOutput);
  if (outputs.length > 1)
    throw fail(
      'multiple outputs currently unsupported by the current BuildKit daemon, please upgrade to version v0.13+ or use a single output',
    );
  const output = outputs[0] ?? null;
  if (output) yield* checkExporter(output);
  const pushes = wantsPush(c, output);
  const secrets = c.list('secret').map(parseSecret);
  for (const text of c.list('ssh')) yield* checkSsh(text, c.env);
  const contexts = c.list('build-context').map(parseContext);
  const inlinecache = cacheTo(c.list('cache-to'));
  const from = yield* cacheFrom(c.list('cache-from'));
  const display = shared ?? (yield* displayOf(c));
  const quiet = display === quietly;
  const s = yield* sources(c, secrets, contexts);
  const type = output && !['docker', 'registry'].includes(output.type) ? output.type : 'image';
  for (const t of c.list('tag')) {
    try {
      reference.parseNormalized(t);
    } catch (e) {
      throw fail(
        `invalid tag ${JSON.stringify(t)}: ${t === '' ? 'repository name must have at least one component' : (e as Error).message.replace(/^invalid reference format: (repository name) \([^)]*\)/, '$1')}`,
      );
    }
  }
  const names = output?.attrs.name ? [...c.list('tag'), ...output.attrs.name.split(',')] : c.list('tag');
  const query = {
    locals: s.locals,
    offered: s.context !== null,
    dockerfile: s.dockerfile,
    contextdir: s.contextDir,
    t: names,
    target: c.text('target'),
    buildargs,
    labels,
    nocache: c.on('no-cache'),
    nocachefilter: c.list('no-cache-filter').flatMap((stages) => stages.split(',')),
    extrahosts: c.list('add-host').map(checkHost),
    named: s.locals ? s.named : [],
    cachefrom: from.refs,
    inlinecache,
    pull: c.on('pull'),
    networkmode,
    allow: networkmode === 'host' ? [...allowed, 'network.host'] : allowed,
    shmsize: c.number('shm-size') || undefined,
    ulimit: c.list('ulimit'),
    cgroupparent: c.text('cgroup-parent'),
    output: type === 'image' ? '' : type,
    check: method !== 'build',
    call: method === 'lint' ? 'check' : method,
  };
  try {
    const archive = yield* packed(c, s);
    if (method !== 'build') return yield* check(c, pathOf('/build', query), archive, quiet, method, asJson);
    const r = yield* stream(c, 'POST', pathOf('/build', query), archive, yield* allCredentials(c));
    const after = pushes ? (last: number) => pushNames(c, names, display, last) : null;
    const result = yield* watch(r.conn, r.body, display, after);
    for (const w of from.warnings) yield* err(encode(w));
    if (output && result.files !== undefined) yield* deliver(output, result.files);
    if (c.on('quiet')) yield* say(result.id);
    yield* noteResult(c, result.id, names);
    return 0;
  } catch (e) {
    if (!(e instanceof EngineError)) throw e;
    throw e.http === 0 ? new CommandError(`ERROR: ${e.reason}`) : fail(`failed to solve: ${e.reason}`);
  }
}

/** --iidfile and --metadata-file, once the build is done. */
function* noteResult(c: Ctx, id: string, names: readonly string[]): Script<void> {
  const [iidFile, metadataFile] = [c.text('iidfile'), c.text('metadata-file')];
  if (iidFile !== '') {
    const r = yield* sys((s) => writeBytes(s, encode(iidFile), encode(id), 0o644));
    if (failed(r)) throw new CommandError(`ERROR: writing image ID file: open ${iidFile}: ${goError(r)}`);
  }
  if (metadataFile === '') return;
  const dir = metadataFile.includes('/') ? metadataFile.slice(0, metadataFile.lastIndexOf('/')) || '/' : '.';
  const there = yield* sys((s) => (s.stat(encode(dir)), true));
  if (failed(there)) throw new CommandError(`ERROR: invalid output path: stat ${dir}: ${goError(there)}`);
  const full = names.map((n) => reference.format(reference.parseNormalized(n)));
  yield* writeText(metadataFile, metadata(id, full));
}

const metadata = (id: string, names: readonly string[]): string =>
  `${JSON.stringify({ 'buildx.build.provenance': {}, 'buildx.build.ref': 'default/default', 'containerimage.config.digest': id, 'containerimage.digest': id, ...(names.length ? { 'image.name': names.join(',') } : {}) }, null, 2)}`;

// ——— --check

const table = (rows: readonly string[][], padding = 3): string =>
  tabulate(rows.map((row) => `${row.join('\t')}\n`).join(''), { minWidth: 1, tabWidth: 8, padding, padChar: ' ' });

const targetsTable = (targets: NonNullable<build.CheckResult['targets']>): string =>
  table(
    [
      ['TARGET', 'DESCRIPTION'],
      ...targets.map((t) => [t.default ? (t.name === '' ? '(default)' : `${t.name} (default)`) : t.name, t.description]),
    ],
    1,
  );

function targetsJson(answer: build.CheckResult): string {
  const targets = (answer.targets ?? []).map((t) => ({
    ...(t.name === '' ? {} : { name: t.name }),
    ...(t.default ? { default: true } : {}),
    ...(t.description === '' ? {} : { description: t.description }),
    base: t.base,
    location: { ranges: [{ start: { line: t.lines[0] }, end: { line: t.lines[1] } }] },
  }));
  return `${JSON.stringify({ targets, sources: [encode64(encode(answer.text))] }, null, 2)}\n`;
}

function outlineText(o: NonNullable<build.CheckResult['outline']>): string {
  const sections = [
    o.name === '' ? '' : `TARGET: ${o.name}\n${o.description === '' ? '' : `DESCRIPTION: ${o.description}\n`}`,
    o.args.length === 0 ? '' : table([['BUILD ARG', 'VALUE', 'DESCRIPTION'], ...o.args.map((a) => [a.name, a.value, a.description])]),
    o.secrets.length === 0 ? '' : table([['SECRET', 'REQUIRED'], ...o.secrets.map((x) => [x.name, x.required ? 'true' : ''])]),
    o.ssh.length === 0 ? '' : table([['SSH', 'REQUIRED'], ...o.ssh.map((x) => [x.name, x.required ? 'true' : ''])]),
  ];
  return sections
    .filter(Boolean)
    .map((text) => `${text}\n`)
    .join('');
}

interface Warning {
  rule: string;
  url: string | null;
  message: string;
  description: string;
  lines: [number, number];
}

function* check(c: Ctx, path: string, archive: string, quiet: boolean, method: string, asJson: boolean): Script {
  if (!quiet) yield* err(build.HEADER);
  const r = yield* call(c, 'POST', path, archive, yield* allCredentials(c));
  const answer = JSON.parse(decode(r.body)) as build.CheckResult;
  if (!quiet) yield* err(build.print(build.newPrinter(), build.parseEvents(encode(answer.log)).events).text);
  if (!['check', 'lint', 'targets', 'outline'].includes(method))
    throw fail(`failed to solve: unsupported request frontend.${method}: unsupported request frontend.${method}`);
  if (answer.targets) return yield* told(asJson ? targetsJson(answer) : targetsTable(answer.targets));
  if (answer.outline) return yield* told(asJson ? `${JSON.stringify(answer.outline, null, 2)}\n` : outlineText(answer.outline));
  const {
    file: name,
    text,
    warnings,
    error,
  } = JSON.parse(decode(r.body)) as {
    file: string;
    text: string;
    warnings: Warning[];
    error: { message: string; lines: [number, number] | null } | null;
  };
  const n = warnings.length;
  const summary =
    n === 0
      ? 'Check complete, no warnings found.\n'
      : n === 1
        ? 'Check complete, 1 warning has been found!\n'
        : `Check complete, ${n} warnings have been found!\n`;
  const each = warnings.map(
    (w) => `\nWARNING: ${w.rule}${w.url ? ` - ${w.url}` : ''}\n${w.message}\n${build.excerpt({ file: name, text, lines: w.lines })}`,
  );
  if (error === null) {
    yield* print(`${summary}${each.join('')}`);
    return n > 0 ? 1 : 0;
  }
  yield* print(`${n > 0 ? summary + each.join('') : ''}`);
  const where = error.lines ? build.excerpt({ file: name, text, lines: error.lines }) : '';
  throw new CommandError(`ERROR: ${error.message}\n${where}`.trimEnd());
}
