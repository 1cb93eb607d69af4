/** Devices and rates of them: --device, --gpus, --device-read-bps, --blkio-weight-device (docker/cli, opts and cli/command/container/opts.go). */
import { parseBinarySize, strconv } from '../../base';
import { csv } from '../csv';
import { cut, OptionError } from './words';

/** A composition of r, w and m, each once. */
const isMode = (text: string) => /^(?!.*(.).*\1)[rwm]+$/.test(text);

/** path.Clean, of a path that may be relative. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !rooted) parts.push(part);
  }
  return rooted ? `/${parts.join('/')}` : parts.join('/') || '.';
}

/** The text of --device, checked; paths cleaned. */
export function validateDevice(text: string): string {
  const parts = text.split(':');
  if (parts.length > 3 || parts[0] === '') throw new OptionError(`bad format for path: ${text}`);
  const [a = '', b = '', c = ''] = parts;
  let [path, out] = [a, cleanPath(a)];
  if (parts.length === 2 && isMode(b)) out = `${cleanPath(a)}:${b}`;
  else if (parts.length === 2) [path, out] = [b, `${a}:${cleanPath(b)}`];
  else if (parts.length === 3) {
    if (!isMode(c)) throw new OptionError(`bad mode specified: ${c}`);
    [path, out] = [b, text];
  }
  if (!path.startsWith('/')) throw new OptionError(`${path} is not an absolute path`);
  return out;
}

export interface DeviceMapping {
  PathOnHost: string;
  PathInContainer: string;
  CgroupPermissions: string;
}

export function parseDevice(text: string): DeviceMapping {
  const [src = '', second = '', third] = text.split(':');
  const mode = isMode(second);
  return {
    PathOnHost: src,
    PathInContainer: mode || second === '' ? src : second,
    CgroupPermissions: mode ? second : (third ?? 'rwm'),
  };
}

function splitRate(text: string): [path: string, rate: string] {
  const [path, rate, found] = cut(text, ':');
  if (!found || path === '') throw new OptionError(`bad format: ${text}`);
  if (!path.startsWith('/dev/')) throw new OptionError(`bad format for device path: ${text}`);
  return [path, rate];
}

export function parseRateBps(text: string): { Path: string; Rate: number } {
  const [Path, rate] = splitRate(text);
  const wrong = new OptionError(
    `invalid rate for device: ${text}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb`,
  );
  let Rate: number;
  try {
    Rate = parseBinarySize(rate);
  } catch {
    throw wrong;
  }
  if (Rate < 0) throw wrong;
  return { Path, Rate };
}

export function parseRateIops(text: string): { Path: string; Rate: number } {
  const [Path, rate] = splitRate(text);
  if (!/^\d+$/.test(rate))
    throw new OptionError(
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`,
    );
  return { Path, Rate: Number(rate) };
}

export function parseWeightDevice(text: string): { Path: string; Weight: number } {
  const [Path, weight] = splitRate(text);
  const n = Number(weight);
  if (!/^\d+$/.test(weight) || n > 65535 || (n > 0 && (n < 10 || n > 1000))) throw new OptionError(`invalid weight for device: ${text}`);
  return { Path, Weight: n };
}

export function validateCgroupRule(text: string): string {
  if (!/^[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}$/.test(text)) throw new OptionError(`invalid device cgroup format '${text}'`);
  return text;
}

export interface DeviceRequest {
  Driver: string;
  Count: number;
  DeviceIDs: string[] | null;
  Capabilities: string[][];
  Options: Record<string, string>;
}

/** --gpus */
export function parseGpus(text: string): DeviceRequest {
  const fields = csv(text);
  if (fields.length === 0) throw new OptionError('EOF');
  const r: DeviceRequest = { Driver: '', Count: 0, DeviceIDs: null, Capabilities: [], Options: {} };
  const seen = new Set<string>();
  const count = (value: string) => {
    if (value === 'all') return -1;
    try {
      return strconv.parseInteger(value);
    } catch {
      throw new OptionError(`invalid count (${value}): value must be either "all" or an integer: invalid syntax`);
    }
  };
  for (const field of fields) {
    const [key, value, found] = cut(field, '=');
    if (seen.has(key)) throw new OptionError(`gpu request key '${key}' can be specified only once`);
    seen.add(key);
    if (!found) {
      seen.add('count');
      r.Count = count(key);
      continue;
    }
    switch (key) {
      case 'driver':
        r.Driver = value;
        break;
      case 'count':
        r.Count = count(value);
        break;
      case 'device':
        r.DeviceIDs = value.split(',');
        break;
      case 'capabilities':
        r.Capabilities = [[...value.split(','), 'gpu']];
        break;
      case 'options':
        for (const one of csv(value)) {
          const [k, v] = cut(one, '=');
          r.Options[k] = v;
        }
        break;
      default:
        throw new OptionError(`unexpected key '${key}' in '${field}'`);
    }
  }
  if (!seen.has('count') && r.DeviceIDs === null) r.Count = 1;
  if (r.Capabilities.length === 0) r.Capabilities = [['gpu']];
  return r;
}
