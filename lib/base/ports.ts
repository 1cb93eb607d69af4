/**
 * Ports: github.com/docker/go-connections/nat.
 *
 *   [[ip:][hostPort]:]containerPort[/proto]      either port may be a range, "8000-8010"
 */

/**
 * Whose words an error is in. Docker 28.5 is what the machine runs; the test tables of docker/cli were made from the
 * release after it, which checks more and says some things differently.
 */
export type Release = '28.5' | '29';

export class OptionError extends Error {}

export interface PortMapping {
  /** "80/tcp" */
  port: string;
  hostIp: string;
  hostPort: string;
}

type Range = { start: number; end: number };

export function splitProtoPort(raw: string): { port: string; proto: string } {
  const [port = '', proto] = raw.split('/');
  if (raw === '' || port === '') return { port: '', proto: '' };
  return { port, proto: proto === undefined || proto === '' ? 'tcp' : proto };
}

function portNumber(text: string, which: 'start' | 'end', release: Release): number {
  if (release === '29') {
    if (text === '') throw new OptionError(`invalid ${which} port '': value is empty`);
    if (!/^\d+$/.test(text)) throw new OptionError(`invalid ${which} port '${text}': invalid syntax`);
    if (Number(text) > 65535) throw new OptionError(`invalid ${which} port '${text}': value out of range`);
    return Number(text);
  }
  if (!/^\d+$/.test(text)) throw new OptionError(`strconv.ParseUint: parsing "${text}": invalid syntax`);
  if (Number(text) > 65535) throw new OptionError(`strconv.ParseUint: parsing "${text}": value out of range`);
  return Number(text);
}

export function parsePortRange(text: string, release: Release = '28.5'): Range {
  if (text === '') throw new OptionError(release === '29' ? 'empty string specified for ports' : 'empty string specified for ports');
  const dash = text.indexOf('-');
  if (dash < 0) {
    const start = portNumber(text, 'start', release);
    return { start, end: start };
  }
  const start = portNumber(text.slice(0, dash), 'start', release);
  const end = portNumber(text.slice(dash + 1), 'end', release);
  if (end < start)
    throw new OptionError(release === '29' ? `invalid port range: ${text}` : `Invalid range specified for the Port: ${text}`);
  return { start, end };
}

const isIp = (text: string) =>
  /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(text) ||
  (text.includes(':') && /^[0-9a-fA-F:]+(\.\d+){0,3}$/.test(text));

function parts(raw: string): [ip: string, host: string, container: string] {
  const all = raw.split(':');
  const container = all.pop() as string;
  const host = all.pop() ?? '';
  return [all.join(':'), host, container];
}

export function parsePortSpec(raw: string, release: Release = '28.5'): PortMapping[] {
  const invalid = release === '29' ? 'invalid' : 'Invalid';
  let [ip, host, target] = parts(raw);
  const { proto, port } = splitProtoPort(target);
  if (ip !== '' && ip.startsWith('[')) {
    const inner = /^\[(.*)\]$/.exec(ip)?.[1];
    if (inner === undefined)
      throw new OptionError(
        `${release === '29' ? 'invalid IP address' : 'Invalid ip address'} ${ip}: address ${ip}: missing ']' in address`,
      );
    ip = inner;
  } else if (release !== '29' && ip.includes(':'))
    throw new OptionError(`Invalid ip address ${ip}: address ${ip}:: too many colons in address`);
  if (ip !== '' && !isIp(ip)) throw new OptionError(release === '29' ? `invalid IP address: ${ip}` : `Invalid ip address: ${ip}`);
  if (port === '') throw new OptionError(release === '29' ? `no port specified: ${raw}<empty>` : `No port specified: ${raw}<empty>`);
  let container: Range;
  try {
    container = parsePortRange(port, release);
  } catch {
    throw new OptionError(`${invalid} containerPort: ${target}`);
  }
  let published: Range = { start: 0, end: 0 };
  if (host !== '') {
    try {
      published = parsePortRange(host, release);
    } catch {
      throw new OptionError(`${invalid} hostPort: ${host}`);
    }
    // A range for one container port lets the engine choose in it.
    if (published.end - published.start !== container.end - container.start && container.end !== container.start)
      throw new OptionError(
        release === '29'
          ? `invalid ranges specified for container and host Ports: ${target} and ${host}`
          : `Invalid ranges specified for container and host Ports: ${target} and ${host}`,
      );
  }
  if (!['tcp', 'udp', 'sctp'].includes(proto.toLowerCase()))
    throw new OptionError(release === '29' ? `invalid proto: ${proto}` : `Invalid proto: ${proto}`);
  const out: PortMapping[] = [];
  for (let i = 0; i <= container.end - container.start; i++) {
    const hostPort =
      host === ''
        ? ''
        : container.end === container.start && published.end !== published.start
          ? `${published.start}-${published.end}`
          : `${published.start + i}`;
    out.push({ port: `${container.start + i}/${proto.toLowerCase()}`, hostIp: ip, hostPort });
  }
  return out;
}

export type PortMap = Record<string, { HostIp: string; HostPort: string }[]>;

/** Several specifications by container port. */
export function parsePortSpecs(specs: readonly string[], release: Release = '28.5'): PortMap {
  const out: PortMap = {};
  for (const raw of specs)
    for (const { port, hostIp, hostPort } of parsePortSpec(raw, release))
      out[port] = [...(out[port] ?? []), { HostIp: hostIp, HostPort: hostPort }];
  return out;
}

/** -p published=8080,target=80,protocol=udp in the short form. */
export function standardNotation(list: readonly string[]): string[] {
  return list.map((publish) => {
    if (!publish.includes('=')) return publish;
    const params: Record<string, string> = { protocol: 'tcp' };
    for (const param of publish.split(',')) {
      const at = param.indexOf('=');
      if (at <= 0) throw new OptionError(`invalid publish opts format (should be name=value but got '${param}')`);
      params[param.slice(0, at)] = param.slice(at + 1);
    }
    return `${params.published ?? ''}:${params.target ?? ''}/${params.protocol}`;
  });
}

/** --expose: the ports of a number or range. */
export function exposed(text: string, release: Release = '28.5'): string[] {
  if (release === '28.5' && text.includes(':')) throw new OptionError(`invalid port format for --expose: ${text}`);
  const { port, proto } = splitProtoPort(text);
  try {
    const { start, end } = parsePortRange(port, release);
    return Array.from({ length: end - start + 1 }, (_, i) => `${start + i}/${proto}`);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new OptionError(`invalid range format for --expose: ${release === '29' ? '' : `${text}, error: `}${error.message}`);
  }
}
