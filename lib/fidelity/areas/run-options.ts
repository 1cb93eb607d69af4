/** Area "run-options": docker run's options as docker/cli reads them; the tables are from the release after 28.5, and so are the words. */

import { formatDuration, parseDuration } from '../../base';
import { splitArgument } from '../../cli/commands/cp';
import { parseContainer } from '../../cli/options/container';
import { parseGpus, parseRateBps, parseRateIops, parseWeightDevice, validateDevice } from '../../cli/options/devices';
import { fromEnvironment, type Outside } from '../../cli/options/env';
import { parseMount } from '../../cli/options/mount';
import { parseNetwork } from '../../cli/options/network';
import { effectiveCapabilities, parseSecurityOpts, systemPaths } from '../../cli/options/security';
import { flagReader, parseCommandLine } from '../../cli/parse';
import { parseHost } from '../../cli/program';
import { kindOf } from '../../cli/values';
import { NotModelled, withoutZeros } from '../vectors';

interface Input {
  fn: string;
  text: string;
  args?: string[];
  options?: string[];
  add?: string[];
  drop?: string[];
}

const outside: Outside = { cwd: '/', env: {}, read: () => ({ error: 'no such file or directory' }) };

/** A flag's element, as docker reads it when it is given. */
const element =
  (name: string, type = 'list') =>
  (text: string) =>
    (kindOf({ name, type }, false).read(text, undefined) as string[])[0];

const values: Record<string, (text: string) => unknown> = {
  attach: element('attach'),
  'dns-search': element('dns-search'),
  env: (text) => fromEnvironment(element('env')(text) as string, {}),
  'extra-host': element('add-host'),
  ip: element('dns'),
  label: element('label'),
  link: (text) => {
    const [name = '', alias = name] = (element('link')(text) as string).split(':');
    return { name, alias };
  },
  cpus: (text) => kindOf({ name: 'cpus', type: 'decimal' }, false).read(text, undefined),
  cp: (text) => withoutZeros(splitArgument(text)),
  device: validateDevice,
  duration: (text) => formatDuration(parseDuration(text)),
  gpus: (text) => [withoutZeros(parseGpus(text))],
  host: parseHost,
  mount: (text) => [withoutZeros(parseMount(text, { release: '29' }))],
  network: (text) => [withoutZeros(parseNetwork(text))],
  'throttle-bps': parseRateBps,
  'throttle-iops': parseRateIops,
  'weight-device': parseWeightDevice,
};

function run(args: string[]): unknown {
  const parsed = parseCommandLine(['run', ...args]);
  if (parsed.kind === 'print') throw new Error(parsed.stderr.split('\n')[0]);
  const { config, hostConfig, networkingConfig } = parseContainer(flagReader(parsed.flags), parsed.args, outside, '29');
  const { ExposedPorts: _ports, Volumes: _volumes, ...rest } = config;
  return withoutZeros({ config: rest, hostConfig, networkingConfig });
}

export function runOptions(input: Input): unknown {
  if (input.fn === 'run') return run(input.args ?? []);
  if (input.fn === 'capabilities') return effectiveCapabilities(input.add ?? [], input.drop ?? []);
  if (input.fn === 'security-opt') {
    const { SecurityOpt } = systemPaths(parseSecurityOpts(input.options ?? [], outside, '29'));
    return withoutZeros({ securityOpt: SecurityOpt });
  }
  const read = Object.hasOwn(values, input.fn) ? values[input.fn] : undefined;
  if (!read) throw new NotModelled(input.fn);
  return read(input.text);
}
