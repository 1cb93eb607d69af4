/**
 * A build as a client asks for it: POST /build, and the files that come with it.
 *
 *   ?locals=1   the body is a tar of the client's directories, as a BuildKit session offers them:
 *                 dockerfile/<name>                  the Dockerfile
 *                 dockerfile/<name>.dockerignore     its own ignore file, if there is one
 *                 context/…                          the context, without what the ignore file excludes
 *                 context/.dockerignore              always, if there is one
 *                 secret/<id>                        secrets
 *               no context/ at all: a Dockerfile from standard input without a context (`docker build -`)
 *   ?offered=1  the context's list came before (contexts.ts), and context/ holds only the files that were wanted of it
 *   otherwise   the body is the context as a tar with the Dockerfile in it (`docker build - < context.tar`)
 *
 *   dockerfile=NAME   t=NAME (repeated)   target=   buildargs={}   labels={}   nocache=1   pull=1   networkmode=
 *   cachefrom=REF (repeated): images whose cache keys are taken over   inlinecache=1: the image gets its own
 *   shmsize=BYTES   ulimit=NAME=SOFT:HARD (repeated)   allow=ENTITLEMENT (repeated)
 *   output=image|local|tar|cacheonly      contextdir=PATH: which context it is, for what is known from before
 *   nocachefilter=STAGE (repeated)    extrahosts=NAME:ADDRESS (repeated)    named=NAME=docker-image://REF|local:N (repeated; files in named/N/)
 *   check=1, call=check|targets|outline: answers {file, text, warnings, error} instead of building
 */

import { decode, parseUlimit } from '../../base';
import * as tar from '../../base/tar';
import { type Daemon, internal, invalid } from '../daemon';
import type { Request } from '../http';
import * as images from '../images';
import { received } from './contexts';
import { archiveOf } from './copy';
import { clean } from './ignore';
import type { BuildOutput, Sandbox } from './state';

export interface BuildRequest {
  /** Base name, as progress shows it. */
  file: string;
  /** Bytes; null: it is not there. */
  text: string | null;
  /** The ignore file that holds: the Dockerfile's own, or the context's; null: none. */
  ignore: { name: string; text: string } | null;
  context: readonly tar.TarEntry[] | null;
  /** The context came as an archive: the Dockerfile is in it, and no ignore file holds. */
  archive: boolean;
  contextDir: string;
  secrets: Record<string, string>;
  target: string;
  buildArgs: Record<string, string>;
  labels: Record<string, string>;
  noCache: boolean;
  noCacheFilter: string[];
  contexts: Record<string, { kind: 'local' } | { kind: 'image'; ref: string }>;
  /** Files of the contexts that came along: name → entries. */
  localContexts: Record<string, tar.TarEntry[]>;
  extraHosts: string[];
  cacheFrom: string[];
  /** The image is to say under which keys its layers were made. */
  inlineCache: boolean;
  pull: boolean;
  networkMode: string;
  /** What may be asked for beyond the usual: network.host. */
  allow: string[];
  sandbox: Sandbox;
  output: BuildOutput;
  check: boolean;
  /** check, targets, outline */
  call: string;
}

const one = (r: Request, name: string): string => r.query[name]?.[0] ?? '';
const flag = (r: Request, name: string): boolean => ['1', 'true', 'True', 't', 'yes'].includes(one(r, name));

function map(r: Request, name: string): Record<string, string> {
  const text = one(r, name);
  if (text === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(decode(text));
  } catch {
    throw invalid(`invalid ${name}: not a JSON object`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`invalid ${name}: not a JSON object`);
  const out: Record<string, string> = {};
  for (const [k, v] of Object.entries(value)) if (typeof v === 'string') out[k] = v;
  return out;
}

const OUTPUTS = ['image', 'local', 'tar', 'cacheonly'] as const;

export function readRequest(d: Daemon, r: Request): BuildRequest {
  const locals = flag(r, 'locals');
  const wanted = one(r, 'dockerfile') || 'Dockerfile';
  const type = (one(r, 'output') || 'image') as BuildOutput['type'];
  if (!OUTPUTS.includes(type)) throw internal(`exporter "${type}" could not be found`);
  const names = (r.query.t ?? []).filter((t) => t !== '');
  for (const n of names) images.normalise(n);
  const common = {
    contextDir: one(r, 'contextdir'),
    target: decode(one(r, 'target')),
    buildArgs: map(r, 'buildargs'),
    labels: map(r, 'labels'),
    noCache: flag(r, 'nocache'),
    noCacheFilter: r.query.nocachefilter ?? [],
    extraHosts: r.query.extrahosts ?? [],
    cacheFrom: (r.query.cachefrom ?? []).map(decode),
    inlineCache: flag(r, 'inlinecache'),
    pull: flag(r, 'pull'),
    networkMode: one(r, 'networkmode') || 'default',
    allow: r.query.allow ?? [],
    sandbox: {
      shmSize: Number(one(r, 'shmsize')) || 64 << 20,
      ulimits: (r.query.ulimit ?? []).map(parseUlimit).map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
      cgroupParent: decode(one(r, 'cgroupparent')),
    },
    output: { type, names },
    check: flag(r, 'check'),
    call: one(r, 'call') || 'check',
  };
  let entries: tar.TarEntry[];
  try {
    entries = r.body === '' ? [] : locals ? tar.readTar(r.body) : (archiveOf(r.body) ?? []);
  } catch (e) {
    if (e instanceof tar.TarError) throw invalid(`Error processing tar file(exit status 1): ${e.message}`);
    throw e;
  }
  if (!locals) {
    const found = entries.find((e) => e.type === 'file' && clean(`/${e.name}`) === clean(`/${wanted}`));
    return {
      ...common,
      file: base(wanted),
      text: found ? (found.data ?? '') : null,
      ignore: null,
      context: entries,
      archive: true,
      secrets: {},
      contexts: {},
      localContexts: {},
    };
  }
  const cleaned = entries.map((e) => clean(e.name));
  const under = (dir: string) =>
    entries.flatMap((e, n) => {
      const name = cleaned[n] as string;
      if (!name.startsWith(`${dir}/`)) return [];
      const own = { ...e, name: name.slice(dir.length + 1) };
      return [e.type === 'link' ? { ...own, linkname: clean(e.linkname ?? '').slice(dir.length + 1) } : own];
    });
  const definition = under('dockerfile');
  const file = base(wanted);
  const textOf = (list: readonly tar.TarEntry[], name: string) => list.find((e) => e.name === name && e.type === 'file')?.data;
  const offered = flag(r, 'offered');
  const context = offered ? received(d, common.contextDir, under('context')) : under('context');
  const own = textOf(definition, `${file}.dockerignore`);
  const shared = textOf(context, '.dockerignore');
  const ignore =
    own !== undefined ? { name: `${file}.dockerignore`, text: own } : shared !== undefined ? { name: '.dockerignore', text: shared } : null;
  const secrets = Object.fromEntries(under('secret').map((e) => [e.name, e.data ?? '']));
  return {
    ...common,
    file,
    text: textOf(definition, file) ?? null,
    ignore,
    context: offered || entries.some((e) => clean(e.name).split('/')[0] === 'context') ? context : null,
    archive: false,
    secrets,
    ...contextsOf(r, under),
  };
}

/** ?named=NAME=docker-image://REF or NAME=local:N, whose files come below named/N. */
function contextsOf(r: Request, under: (dir: string) => tar.TarEntry[]): Pick<BuildRequest, 'contexts' | 'localContexts'> {
  const contexts: BuildRequest['contexts'] = {};
  const localContexts: BuildRequest['localContexts'] = {};
  for (const text of r.query.named ?? []) {
    const eq = text.indexOf('=');
    const [name, value] = [decode(text.slice(0, eq)), text.slice(eq + 1)];
    if (value.startsWith('local:')) {
      contexts[name] = { kind: 'local' };
      localContexts[name] = under(`named/${value.slice('local:'.length)}`);
    } else contexts[name] = { kind: 'image', ref: value.replace(/^docker-image:\/\//, '') };
  }
  return { contexts, localContexts };
}

const base = (path: string) => path.slice(path.lastIndexOf('/') + 1);
