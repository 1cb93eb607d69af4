/** Area "dns-files": a container's resolv.conf, made from the host's. */
import { type ResolvRequest, resolvConf } from '../../engine/net/resolvconf';

interface Input {
  mode: ResolvRequest['mode'];
  text: string;
  path?: string;
  ipv6?: boolean;
  overrideNameservers?: string[];
  overrideSearch?: string[];
  overrideOptions?: string[];
  addOption?: string;
  internalNameserver?: string;
  requiredOptions?: string[];
}

export function dnsFiles(input: Input): unknown {
  const { text, external } = resolvConf({
    mode: input.mode,
    text: input.text,
    path: input.path,
    ipv6: input.ipv6,
    nameservers: input.overrideNameservers,
    search: input.overrideSearch,
    options: input.overrideOptions,
    addOption: input.addOption,
    internal: input.internalNameserver,
    required: input.requiredOptions,
  });
  return input.mode === 'internal' ? { text, external } : { text };
}
