/** The areas of test vectors that the model answers, each with its adapter. */
import type { Adapter } from '../vectors';
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
import { tables } from './tables';
import { units } from './units';
import { users } from './users';

export const areas: Readonly<Record<string, Adapter>> = {
  'dns-files': dnsFiles,
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
