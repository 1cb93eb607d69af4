/** The areas of test vectors that the model answers, each with its adapter. */
import type { Adapter } from '../vectors';
import { capabilityOperations, execCapabilities } from './capabilities';
import { cgroupValues } from './cgroup-values';
import { composeInterpolate, composeLoad, composeMerge, composeVolumes, dotenv } from './compose';
import { dnsFiles } from './dns-files';
import { dockerfileAst, dockerfileChecks, dockerfileWords, dockerignore } from './dockerfile';
import { filesystem } from './filesystem';
import { filterArgs } from './filters';
import { firewallRules } from './firewall';
import { hadolint } from './hadolint';
import { addresses } from './ipam';
import { layers } from './layers';
import { names } from './names';
import { platform } from './platforms';
import { ports } from './ports';
import { references } from './references';
import { runOptions } from './run-options';
import { seccomp } from './seccomp';
import { tables } from './tables';
import { units } from './units';
import { users } from './users';

export const areas: Readonly<Record<string, Adapter>> = {
  'capability-operations': capabilityOperations,
  'cgroup-values': cgroupValues,
  'exec-capabilities': execCapabilities,
  seccomp,
  'dns-files': dnsFiles,
  'compose-interpolate': composeInterpolate,
  'compose-load': composeLoad,
  'compose-merge': composeMerge,
  'compose-volumes': composeVolumes,
  dotenv,
  'dockerfile-ast': dockerfileAst,
  'dockerfile-checks': dockerfileChecks,
  'dockerfile-words': dockerfileWords,
  dockerignore,
  overlay: filesystem,
  filesystem,
  filters: filterArgs,
  firewall: firewallRules,
  names,
  hadolint,
  ipam: addresses,
  layers,
  platforms: platform,
  ports,
  references,
  'run-options': runOptions,
  tables,
  units,
  users,
};
