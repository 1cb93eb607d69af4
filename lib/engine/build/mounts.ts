/**
 * RUN --mount: what a step sees besides its own file system. Dockerfile reference, "RUN --mount";
 * BuildKit frontend/dockerfile/instructions.
 */

import { parseBinarySize, strconv } from '../../base';
import { DockerfileError } from './parser';
import { suggest } from './suggest';

const TYPES = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const;
export type MountType = (typeof TYPES)[number];
const SHARING = ['shared', 'private', 'locked'] as const;

export interface RunMount {
  type: MountType;
  from: string;
  source: string;
  target: string;
  readonly: boolean;
  id: string;
  sharing: (typeof SHARING)[number] | '';
  required: boolean;
  /** A secret as a variable. */
  env: string;
  mode?: number;
  uid?: number;
  gid?: number;
  /** Bytes, of a tmpfs. */
  size?: number;
}

const KEYS = [
  'type',
  'from',
  'source',
  'target',
  'readonly',
  'id',
  'sharing',
  'required',
  'size',
  'mode',
  'uid',
  'gid',
  'src',
  'dst',
  'destination',
  'ro',
  'rw',
  'readwrite',
  'env',
];

/** One line of comma-separated values, as encoding/csv reads it. */
function fields(text: string): string[] {
  const out: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') field += text[++i];
      else quoted = false;
    } else if (c === ',') {
      out.push(field);
      field = '';
    } else if (c === '"' && field === '') quoted = true;
    else field += c;
  }
  out.push(field);
  return out;
}

/** Where a mount comes from, before variables are known: stages have to be found early. */
export function mountFrom(text: string): string {
  for (const field of fields(text)) {
    const eq = field.indexOf('=');
    if (eq < 0 || field.slice(0, eq).toLowerCase() !== 'from') continue;
    const value = field.slice(eq + 1);
    if (/\$./.test(value)) throw new DockerfileError("'from' doesn't support variable expansion, define alias stage instead");
    return value;
  }
  return '';
}

function bool(key: string, value: string): boolean {
  try {
    return strconv.parseBool(value);
  } catch {
    throw new DockerfileError(`invalid value for ${key}: ${value}`);
  }
}

function number(key: string, value: string, base: 8 | 10): number {
  if (!(base === 8 ? /^[0-7]+$/ : /^\d+$/).test(value)) throw new DockerfileError(`invalid value ${value} for ${key}`);
  return Number.parseInt(value, base);
}

function oneOf<T extends string>(what: string, value: string, options: readonly T[]): T {
  const lower = value.toLowerCase() as T;
  if (!options.includes(lower)) throw new DockerfileError(suggest(`unsupported ${what} ${strconv.quote(value)}`, value, options));
  return lower;
}

export function parseMount(text: string, expandWord: (word: string) => string): RunMount {
  const m: RunMount = { type: 'bind', from: '', source: '', target: '', readonly: false, id: '', sharing: '', required: false, env: '' };
  let readonlyGiven = false;
  const unexpected = (key: string) => new DockerfileError(`unexpected key '${key}' for mount type '${m.type}'`);
  for (const field of fields(text)) {
    const eq = field.indexOf('=');
    const key = (eq < 0 ? field : field.slice(0, eq)).toLowerCase();
    if (eq < 0) {
      if (['readonly', 'ro', 'readwrite', 'rw'].includes(key)) {
        m.readonly = key.startsWith('ro') || key === 'readonly';
        readonlyGiven = true;
      } else if (key === 'required') {
        if (m.type !== 'secret' && m.type !== 'ssh') throw unexpected(key);
        m.required = true;
      } else throw new DockerfileError(`invalid field '${field}' must be a key=value pair`);
      continue;
    }
    const value = expandWord(field.slice(eq + 1));
    switch (key) {
      case 'type':
        m.type = oneOf('mount type', value, TYPES);
        break;
      case 'from':
        m.from = value;
        break;
      case 'source':
      case 'src':
        m.source = value;
        break;
      case 'target':
      case 'dst':
      case 'destination':
        m.target = value;
        break;
      case 'readonly':
      case 'ro':
        m.readonly = bool(key, value);
        readonlyGiven = true;
        break;
      case 'readwrite':
      case 'rw':
        m.readonly = !bool(key, value);
        readonlyGiven = true;
        break;
      case 'required':
        if (m.type !== 'secret' && m.type !== 'ssh') throw unexpected(key);
        m.required = bool(key, value);
        break;
      case 'size':
        if (m.type !== 'tmpfs') throw unexpected(key);
        try {
          m.size = parseBinarySize(value);
        } catch {
          throw new DockerfileError(`invalid value for ${key}: ${value}`);
        }
        break;
      case 'id':
        m.id = value;
        break;
      case 'sharing':
        m.sharing = oneOf('sharing value', value, SHARING);
        break;
      case 'mode':
        m.mode = number(key, value, 8);
        break;
      case 'uid':
      case 'gid':
        m[key] = number(key, value, 10);
        break;
      case 'env':
        m.env = value;
        break;
      default:
        throw new DockerfileError(suggest(`unexpected key '${key}' in '${field}'`, key, KEYS));
    }
  }
  check(m);
  if (!readonlyGiven) m.readonly = m.type !== 'cache' && m.type !== 'tmpfs';
  return m;
}

function check(m: RunMount) {
  if (m.type === 'bind' || m.type === 'tmpfs')
    for (const key of ['mode', 'uid', 'gid'] as const)
      if (m[key] !== undefined) throw new DockerfileError(`${key} not allowed for ${strconv.quote(m.type)} type mounts`);
  if (m.type === 'secret') {
    if (m.from !== '') throw new DockerfileError('secret mount should not have a from');
    if (m.sharing !== '') throw new DockerfileError('secret mount should not define sharing');
    if (m.source === '' && m.target === '' && m.id === '')
      throw new DockerfileError('invalid secret mount. one of source, target required');
    if (m.source !== '' && m.id !== '') throw new DockerfileError("both source and id can't be set");
  }
  if (m.sharing !== '' && m.type !== 'cache') throw new DockerfileError(`invalid cache sharing set for ${m.type} mount`);
}
