/**
 * The short forms of volumes and ports in the long ones: compose-go, format/volume.go and types (ParsePortConfig).
 *
 *   [source:]target[:options]                       options: ro, rw, z, Z, nocopy, rshared, …
 *   [[ip:][hostPort]:]containerPort[/protocol]      ports may be ranges
 */

import { OptionError, parsePortSpec, type Release } from '../base/ports';
import { ComposeError, type Mapping } from './tree';

export interface Volume extends Mapping {
  type: string;
  target: string;
}

const PROPAGATIONS = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];

/** Parts between colons; a colon within ${…} does not part, nor does one after a single letter: that is a Windows drive. */
function parts(spec: string): string[] {
  const out: string[] = [];
  let part = '';
  let depth = 0;
  for (let i = 0; i < spec.length; i++) {
    const c = spec[i] as string;
    if (c === '{' && spec[i - 1] === '$') depth++;
    else if (c === '}' && depth > 0) depth--;
    const drive = c === ':' && /^[a-zA-Z]$/.test(part);
    if (c === ':' && depth === 0 && !drive) {
      if (part === '') throw new ComposeError(`invalid spec: ${spec}: empty section between colons`);
      out.push(part);
      part = '';
    } else part += c;
  }
  out.push(part);
  return out;
}

const isPath = (source: string) => /^[./~]/.test(source) || /^[a-zA-Z]:\\/.test(source) || source.startsWith('\\\\');

export function parseVolume(spec: string): Volume {
  if (spec === '') throw new ComposeError('invalid empty volume spec');
  const all = parts(spec);
  if (all.length === 1) return { type: 'volume', target: all[0] as string, volume: {} };
  if (all.length > 3) throw new ComposeError(`invalid spec: ${spec}: too many colons`);
  const [source = '', target = '', options] = all;
  if (target === '' || options === '') throw new ComposeError(`invalid spec: ${spec}: empty section between colons`);
  const volume: Volume = { type: isPath(source) ? 'bind' : 'volume', source, target };
  const bind: Mapping = {};
  const named: Mapping = {};
  for (const option of options?.split(',') ?? []) {
    if (option === 'ro') volume.read_only = true;
    else if (option === 'rw') volume.read_only = false;
    else if (option === 'nocopy') named.nocopy = true;
    else if (option === 'z' || option === 'Z') bind.selinux = option;
    else if (PROPAGATIONS.includes(option)) bind.propagation = option;
  }
  if (volume.type === 'bind') volume.bind = { ...bind, create_host_path: true };
  else volume.volume = named;
  return volume;
}

export interface Port extends Mapping {
  mode: string;
  target: number;
  protocol: string;
}

/** The ports of one text: a range is several. */
export function parsePort(text: string, release: Release = '28.5'): Port[] {
  let found: ReturnType<typeof parsePortSpec>;
  try {
    found = parsePortSpec(text, release);
  } catch (e) {
    if (e instanceof OptionError) throw new ComposeError(e.message);
    throw e;
  }
  return [...found]
    .sort((a, b) => (a.port < b.port ? -1 : a.port > b.port ? 1 : 0))
    .map(({ port, hostIp, hostPort }) => {
      const [target, protocol = 'tcp'] = port.split('/');
      return {
        mode: 'ingress',
        ...(hostIp === '' ? {} : { host_ip: hostIp }),
        target: Number(target),
        ...(hostPort === '' ? {} : { published: hostPort }),
        protocol,
      };
    });
}
