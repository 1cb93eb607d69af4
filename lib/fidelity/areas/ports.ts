/** Area "ports": go-connections' port specifications; the words are those of the release after Docker 28.5. */
import { parsePortRange, parsePortSpec, parsePortSpecs, splitProtoPort } from '../../cli/options/ports';
import { NotModelled, withoutZeros } from '../vectors';

type Input = { fn: 'spec' | 'range' | 'split'; text: string } | { fn: 'specs'; specs: string[] };

export function ports(input: Input): unknown {
  switch (input.fn) {
    case 'spec':
      return parsePortSpec(input.text, '29').map(withoutZeros);
    case 'specs':
      return Object.fromEntries(
        Object.entries(parsePortSpecs(input.specs, '29')).map(([port, list]) => [
          port,
          list.map((b) => withoutZeros({ hostIp: b.HostIp, hostPort: b.HostPort })),
        ]),
      );
    case 'range':
      return parsePortRange(input.text, '29');
    case 'split':
      return splitProtoPort(input.text);
    default:
      throw new NotModelled((input as { fn: string }).fn);
  }
}
