/**
 * docker build, which is `docker buildx build` with the engine's own builder: docker/buildx, commands/build.go, build/.
 *
 *   The Dockerfile, the context without what .dockerignore excludes, and the secrets go along with the request;
 *   the steps come back as events, shown as plain text, or as a picture on a terminal.
 */

import { decode, encode } from '../../base';
import * as tar from '../../base/tar';
import { overlay2 } from '../../engine';
import * as build from '../../engine/build/face';
import { layerFiles } from '../../engine/for-clients';
import { reference } from '../../oci';
import { close, err, failed, out, type Script, sys } from '../driver';
import { absolute } from '../options/mount';
import { cut } from '../options/words';
import { type Command, CommandError, type Ctx, EngineError, pathOf, say, stream } from './api';
import { check } from './build-check';
import { fail, packed, parseContext, parseSecret, sources, writeText } from './build-context';
import { type Display, displayOf, next, quietly } from './build-display';
import {
  cacheFrom,
  cacheTo,
  checkDriver,
  checkExporter,
  checkHost,
  checkNetwork,
  checkQuiet,
  checkSsh,
  ENTITLEMENTS,
  type Output,
  pairs,
  parseOutput,
  RETIRED,
  wantsPush,
} from './build-flags';
import { pushNames } from './build-push';
import { ownBuilder } from './builders';
import { allCredentials } from './credentials';
import { goError, writeBytes } from './files';

interface Result {
  id: string;
  files?: string;
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
