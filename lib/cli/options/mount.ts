/**
 * --mount: fields separated by commas, as docker/cli's opts/mount.go reads them.
 *
 *   type=bind,source=/host,target=/in,readonly      type: bind, volume (when nothing is said), tmpfs, image
 */

import { parseBinarySize, strconv } from '../../base';
import type { MountSpec } from '../../engine';
import { csv } from '../csv';
import { cut, OptionError, type Release } from './words';

export type Mount = Omit<MountSpec, 'Type'> & { Type: string; ImageOptions?: { Subpath?: string } };

const RECURSIVE = ['enabled', 'disabled', 'writable', 'readonly'];

/** Go's strconv.ParseBool; the later release takes four words only. */
function bool(key: string, value: string, release: Release): boolean {
  if (release === '29') {
    if (value === '') throw new OptionError(`invalid value for '${key}': value is empty`);
    if (!['true', '1', 'false', '0'].includes(value))
      throw new OptionError(
        `invalid value for '${key}': invalid boolean value (${strconv.quote(value)}): must be one of "true", "1", "false", or "0" (default "true")`,
      );
    return value === 'true' || value === '1';
  }
  try {
    return strconv.parseBool(value);
  } catch {
    throw new OptionError(`invalid value for ${key}: ${value}`);
  }
}

/** `cwd`: what a source that begins with "./" is relative to. */
export function parseMount(text: string, { release = '28.5' as Release, cwd = '' } = {}): Mount {
  if (text === '') throw new OptionError(release === '29' ? 'value is empty' : 'EOF');
  let fields: string[];
  try {
    fields = csv(text);
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
  const m: Mount = { Type: 'volume', Target: '' };
  const volume = () => {
    m.VolumeOptions ??= { Labels: {}, DriverConfig: {} };
    return m.VolumeOptions;
  };
  const bind = () => {
    m.BindOptions ??= {};
    return m.BindOptions;
  };
  const tmpfs = () => {
    m.TmpfsOptions ??= {};
    return m.TmpfsOptions;
  };
  const put = (map: Record<string, string>, pair: string) => {
    const [k, v] = cut(pair, '=');
    if (k !== '') map[k] = v;
  };
  for (const field of fields) {
    const [name, value, found] = cut(field, '=');
    const key = name.toLowerCase();
    if (release === '29') {
      if (key.trim() !== key) throw new OptionError(`invalid option '${key.trim()}' in '${field}': option should not have whitespace`);
      if (found && value === '' && key !== 'volume-opt' && key !== 'volume-label')
        throw new OptionError(`invalid value for '${key}': value is empty`);
      if (value.trim() !== value) throw new OptionError(`invalid value for '${key}' in '${field}': value should not have whitespace`);
    }
    if (!found) {
      if (key === 'readonly' || key === 'ro') m.ReadOnly = true;
      else if (key === 'volume-nocopy') volume().NoCopy = true;
      else if (key === 'bind-nonrecursive') bind().NonRecursive = true;
      else throw new OptionError(`invalid field '${field}' must be a key=value pair`);
      continue;
    }
    switch (key) {
      case 'type':
        m.Type = value.toLowerCase();
        break;
      case 'source':
      case 'src':
        m.Source = cwd !== '' && (value === '.' || value.startsWith('./')) ? absolute(cwd, value) : value;
        break;
      case 'target':
      case 'dst':
      case 'destination':
        m.Target = value;
        break;
      case 'readonly':
      case 'ro':
        m.ReadOnly = bool(key, value, release);
        break;
      case 'consistency':
        m.Consistency = value.toLowerCase();
        break;
      case 'bind-propagation':
        bind().Propagation = value.toLowerCase();
        break;
      case 'bind-nonrecursive':
        bind().NonRecursive = bool(key, value, release);
        break;
      case 'bind-recursive':
        if (!RECURSIVE.includes(value))
          throw new OptionError(`invalid value for ${key}: ${value} (must be "enabled", "disabled", "writable", or "readonly")`);
        if (value === 'disabled') bind().NonRecursive = true;
        if (value === 'writable') bind().ReadOnlyNonRecursive = true;
        if (value === 'readonly') bind().ReadOnlyForceRecursive = true;
        break;
      case 'volume-subpath':
        volume().Subpath = value;
        break;
      case 'volume-nocopy':
        volume().NoCopy = bool(key, value, release);
        break;
      case 'volume-label':
        put(volume().Labels as Record<string, string>, value);
        break;
      case 'volume-driver':
        (volume().DriverConfig as { Name?: string }).Name = value;
        break;
      case 'volume-opt': {
        const driver = volume().DriverConfig as { Options?: Record<string, string> };
        driver.Options ??= {};
        put(driver.Options, value);
        break;
      }
      case 'image-subpath':
        m.ImageOptions = { Subpath: value };
        break;
      case 'tmpfs-size':
        tmpfs().SizeBytes = number(key, value, () => parseBinarySize(value));
        break;
      case 'tmpfs-mode':
        if (!/^[0-7]+$/.test(value)) throw new OptionError(`invalid value for ${key}: ${value}`);
        tmpfs().Mode = Number.parseInt(value, 8);
        break;
      default:
        throw new OptionError(release === '29' ? `unknown option '${key}' in '${field}'` : `unexpected key '${key}' in '${field}'`);
    }
  }
  check(m);
  return inOrder(m);
}

/** Fields in the API's order, empty ones left out. */
function inOrder({ Type, Source, Target, ReadOnly, Consistency, BindOptions, VolumeOptions: v, ImageOptions, TmpfsOptions }: Mount): Mount {
  return {
    Type,
    ...(Source ? { Source } : {}),
    Target,
    ...(ReadOnly ? { ReadOnly } : {}),
    ...(Consistency ? { Consistency } : {}),
    ...(BindOptions ? { BindOptions } : {}),
    ...(v
      ? {
          VolumeOptions: {
            ...(v.NoCopy ? { NoCopy: true } : {}),
            ...(v.Labels && Object.keys(v.Labels).length ? { Labels: v.Labels } : {}),
            ...(v.Subpath ? { Subpath: v.Subpath } : {}),
            DriverConfig: v.DriverConfig ?? {},
          },
        }
      : {}),
    ...(ImageOptions ? { ImageOptions } : {}),
    ...(TmpfsOptions ? { TmpfsOptions } : {}),
  };
}

function number(key: string, value: string, parse: () => number): number {
  try {
    return parse();
  } catch {
    throw new OptionError(`invalid value for ${key}: ${value}`);
  }
}

function check(m: Mount) {
  if (m.Type === '') throw new OptionError('type is required');
  if (m.Target === '') throw new OptionError('target is required');
  for (const [options, type] of [
    [m.VolumeOptions, 'volume'],
    [m.ImageOptions, 'image'],
    [m.BindOptions, 'bind'],
    [m.TmpfsOptions, 'tmpfs'],
  ] as const)
    if (options !== undefined && m.Type !== type) throw new OptionError(`cannot mix '${type}-*' options with mount type '${m.Type}'`);
  if (m.BindOptions?.ReadOnlyNonRecursive && !m.ReadOnly)
    throw new OptionError("option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction");
  if (m.BindOptions?.ReadOnlyForceRecursive) {
    if (!m.ReadOnly) throw new OptionError("option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction");
    if (m.BindOptions.Propagation !== 'rprivate')
      throw new OptionError("option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction");
  }
}

/** filepath.Abs: joined and cleaned. */
export function absolute(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
