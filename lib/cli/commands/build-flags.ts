/** What the flags of docker build say, read and checked: docker/buildx, commands/build.go, util/buildflags. */

import { encode } from '../../base';
import * as ip from '../../base/ip';
import { platform } from '../../oci';
import { csv } from '../csv';
import { failed, type Script, sys } from '../driver';
import { cut } from '../options/words';
import { CommandError, type Ctx, notModelled } from './api';
import { fail, writeText } from './build-context';
import { goError } from './files';

/** Flags of the builder before BuildKit that are still read, and what is said of each. The rest of them, as --memory, is passed over. */
export const RETIRED: Record<string, string> = {
  squash:
    'experimental flag squash is removed with BuildKit. You should squash inside build using a multi-stage Dockerfile for efficiency.',
  isolation: 'isolation flag is deprecated with BuildKit.',
  'security-opt': 'security-opt flag is deprecated. "RUN --security=insecure" should be used with BuildKit.',
};

export const ENTITLEMENTS = ['network.host', 'security.insecure', 'device'];

// ——— where the result goes

export type Output = { type: string; dest: string; attrs: Record<string, string> };

export function parseOutput(text: string): Output {
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
export function* checkExporter(o: Output): Script<void> {
  const other = { oci: 'OCI', docker: 'Docker' }[o.type];
  if (!other || (o.type === 'docker' && o.dest === '')) return;
  if (o.dest !== '' && o.dest !== '-') yield* writeText(o.dest, '');
  throw fail(
    `${other} exporter is not supported for the docker driver.\nSwitch to a different driver, or turn on the containerd image store, and try again.\nLearn more at https://docs.docker.com/go/build-exporters/`,
  );
}

/** `KEY=VALUE` each; a key alone has the value that `alone` gives it, if any. */
export const pairs = (list: readonly string[], alone: (key: string) => string | undefined): string | undefined => {
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
export function parseCache(text: string): Record<string, string> {
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
export function cacheTo(list: readonly string[]): boolean {
  const types = list.map((text) => parseCache(text).type as string);
  if (types.some((t) => t !== 'inline' && t !== 'gha'))
    throw fail(
      'Cache export is not supported for the docker driver.\nSwitch to a different driver, or turn on the containerd image store, and try again.\nLearn more at https://docs.docker.com/go/build-cache-backends/',
    );
  return types.includes('inline');
}

/** Images to take cache keys from, and what is to be said of directories that hold none. */
export function* cacheFrom(list: readonly string[]): Script<{ refs: string[]; warnings: string[] }> {
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
export function wantsPush(c: Ctx, o: Output | null): boolean {
  if (!c.on('push') && o?.type !== 'registry' && o?.attrs.push !== 'true') return false;
  if (c.list('tag').length === 0 && !o?.attrs.name) throw fail('tag is needed when pushing to registry');
  return true;
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
export function checkHost(text: string): string {
  const at = text.includes('=') ? text.indexOf('=') : text.indexOf(':');
  const [name, address] = [text.slice(0, at), text.slice(at + 1)];
  const plain = address.replace(/^\[(.*)\]$/, '$1');
  if (at <= 0 || (address !== 'host-gateway' && ip.parse(plain) === null)) throw fail(`invalid host ${text}`);
  return `${name}:${plain}`;
}

export function checkNetwork(mode: string): string {
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
export function checkDriver(c: Ctx) {
  const platforms = c.list('platform').flatMap((list) => list.split(',').map(platformOf));
  const off = (text: string) => ['', 'false', '0'].includes(text);
  if (new Set(platforms).size > 1) throw refused('Multi-platform build', 'build-multi-platform');
  const [wanted] = platforms;
  if (wanted !== undefined && wanted !== platform.format(platform.HOST)) throw notModelled(`--platform ${wanted}`);
  if (c.given('attest') || !off(c.text('provenance')) || !off(c.text('sbom'))) throw noAttestation();
}

export function platformOf(text: string): string {
  if (text === 'local') return platform.format(platform.HOST);
  try {
    return platform.format(platform.parse(text));
  } catch (e) {
    if (e instanceof platform.PlatformError) throw fail(e.message);
    throw e;
  }
}

/** -q and a picture of progress exclude each other. */
export function checkQuiet(c: Ctx) {
  const given = c.text('progress');
  if (c.on('quiet') && c.given('progress') && !['', 'auto', 'none', 'quiet'].includes(given))
    throw new CommandError(`ERROR: progress=${given} and quiet cannot be used together`);
}
