/**
 * --network: a name, or name=…,alias=…,ip=… (docker/cli, opts/network.go), and the endpoint settings that come of it and of
 * --ip, --network-alias, --link and the like (cli/command/container/opts.go).
 */
import { strconv } from '../../base';
import { csv } from '../csv';
import { cut, OptionError } from './words';

export interface Attachment {
  Target: string;
  Aliases?: string[];
  DriverOpts?: Record<string, string>;
  Links?: string[];
  IPv4Address?: string;
  IPv6Address?: string;
  LinkLocalIPs?: string[];
  MacAddress?: string;
  GwPriority?: number;
}

export function parseNetwork(text: string): Attachment {
  const long = /\w+=\w+/.test(text);
  if (!long) return { Target: text };
  const n: Attachment = { Target: '' };
  for (const field of csv(text)) {
    const [k, v, found] = cut(field.toLowerCase(), '=');
    const [key, value] = [k.trim(), v.trim()];
    if (!found || key === '') throw new OptionError(`invalid field ${field}`);
    switch (key) {
      case 'name':
        n.Target = value;
        break;
      case 'alias':
        n.Aliases = [...(n.Aliases ?? []), value];
        break;
      case 'driver-opt': {
        const [name, setting, ok] = cut(value, '=');
        if (!ok || name === '') throw new OptionError('invalid key value pair format in driver options');
        n.DriverOpts = { ...n.DriverOpts, [name.trim()]: setting.trim() };
        break;
      }
      case 'ip':
        n.IPv4Address = value;
        break;
      case 'ip6':
        n.IPv6Address = value;
        break;
      case 'mac-address':
        n.MacAddress = value;
        break;
      case 'link-local-ip':
        n.LinkLocalIPs = [...(n.LinkLocalIPs ?? []), value];
        break;
      case 'gw-priority':
        try {
          n.GwPriority = strconv.parseInteger(value);
        } catch (error) {
          throw new OptionError(`invalid gw-priority (${value}): ${(error as Error).message.replace(/^.*: /, '')}`);
        }
        break;
      default:
        throw new OptionError(`invalid field key ${key}`);
    }
  }
  if (n.Target === '') throw new OptionError('network name/id is not specified');
  return n;
}

export interface Endpoint {
  IPAMConfig?: { IPv4Address?: string; IPv6Address?: string; LinkLocalIPs?: string[] };
  Links?: string[];
  Aliases?: string[];
  MacAddress?: string;
  DriverOpts?: Record<string, string>;
  GwPriority?: number;
}

export const isUserDefined = (mode: string): boolean =>
  !['', 'default', 'bridge', 'host', 'none'].includes(mode) && !mode.startsWith('container:');

export const isMac = (text: string): boolean => /^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}([:-][0-9a-fA-F]{2}){0,14}$/.test(text.trim());

/** The flags that mean the first network. */
export interface FirstNetwork {
  aliases: string[];
  links: string[];
  ip: string;
  ip6: string;
  mac: string;
  linkLocal: string[];
}

function withFlags(n: Attachment, f: FirstNetwork): Attachment {
  const conflict = (a: unknown, b: unknown, text: string) => {
    if (a && b) throw new OptionError(`conflicting options: cannot specify both ${text}`);
  };
  conflict(n.Aliases?.length, f.aliases.length, '--network-alias and per-network alias');
  conflict(n.Links?.length, f.links.length, '--link and per-network links');
  conflict(n.IPv4Address, f.ip, '--ip and per-network IPv4 address');
  conflict(n.IPv6Address, f.ip6, '--ip6 and per-network IPv6 address');
  conflict(n.MacAddress, f.mac, '--mac-address and per-network MAC address');
  conflict(n.LinkLocalIPs?.length, f.linkLocal.length, '--link-local-ip and per-network link-local IP addresses');
  return {
    ...n,
    ...(f.aliases.length ? { Aliases: f.aliases } : {}),
    ...(f.links.length && isUserDefined(n.Target) ? { Links: f.links } : {}),
    ...(f.ip ? { IPv4Address: f.ip } : {}),
    ...(f.ip6 ? { IPv6Address: f.ip6 } : {}),
    ...(f.mac ? { MacAddress: f.mac } : {}),
    ...(f.linkLocal.length ? { LinkLocalIPs: f.linkLocal } : {}),
  };
}

function endpoint(n: Attachment): Endpoint {
  if (n.Target.trim() === '') throw new OptionError('no name set for network');
  if (!isUserDefined(n.Target)) {
    if (n.Aliases?.length) throw new OptionError('network-scoped aliases are only supported for user-defined networks');
    if (n.Links?.length) throw new OptionError('links are only supported for user-defined networks');
  }
  if (n.MacAddress && !isMac(n.MacAddress)) throw new OptionError(`${n.MacAddress} is not a valid mac address`);
  const ipam = {
    ...(n.IPv4Address ? { IPv4Address: n.IPv4Address } : {}),
    ...(n.IPv6Address ? { IPv6Address: n.IPv6Address } : {}),
    ...(n.LinkLocalIPs?.length ? { LinkLocalIPs: n.LinkLocalIPs } : {}),
  };
  return {
    ...(Object.keys(ipam).length ? { IPAMConfig: ipam } : {}),
    ...(n.Links?.length ? { Links: n.Links } : {}),
    ...(n.Aliases?.length ? { Aliases: n.Aliases } : {}),
    ...(n.MacAddress ? { MacAddress: n.MacAddress } : {}),
    ...(n.DriverOpts && Object.keys(n.DriverOpts).length ? { DriverOpts: n.DriverOpts } : {}),
    ...(n.GwPriority ? { GwPriority: n.GwPriority } : {}),
  };
}

/** Endpoints by network, for create. */
export function endpointsOf(networks: Attachment[], flags: FirstNetwork): Record<string, Endpoint> {
  const out: Record<string, Endpoint> = {};
  if (networks.length === 0) {
    const ep = endpoint(withFlags({ Target: 'default' }, flags));
    if (Object.keys(ep).length) out.default = ep;
    return out;
  }
  let [own, other] = [false, false];
  for (const [i, n] of networks.entries()) {
    if (isUserDefined(n.Target)) own = true;
    else other = true;
    const ep = endpoint(i === 0 ? withFlags(n, flags) : n);
    if (Object.hasOwn(out, n.Target)) throw new OptionError(`network ${strconv.quote(n.Target)} is specified multiple times`);
    if (networks.length === 1 && Object.keys(ep).length === 0) continue;
    out[n.Target] = ep;
  }
  if (own && other) throw new OptionError('conflicting options: cannot attach both user-defined and non-user-defined network-modes');
  return out;
}
