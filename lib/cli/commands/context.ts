/**
 * docker context, login, logout, search, push: docker/cli, cli/command/context, cli/command/registry.
 *
 * Simplified: the only context is the default one, and no registry that asks for a password can be reached.
 */

import { stdin } from '../driver';
import { clientContext, clientContextFormat } from '../formats';
import { formatList } from '../formatter';
import { type Command, CommandError, call, print, say, warn } from './api';
import { formatted, indentJson } from './output';
import { isTerminal } from './streams';

const DESCRIPTION = 'Current DOCKER_HOST based configuration';

export const ls: Command = function* (c) {
  const item = { name: 'default', description: DESCRIPTION, endpoint: c.host, current: true, error: '' };
  yield* print(
    yield* formatted(() =>
      formatList(clientContext, clientContextFormat(c.text('format'), { quiet: c.on('quiet') }), [item], { trunc: true, now: 0 }),
    ),
  );
  return 0;
};

export const show: Command = function* () {
  yield* say('default');
  return 0;
};

export const inspect: Command = function* (c) {
  const other = c.args.find((n) => n !== 'default');
  if (other !== undefined) {
    yield* print('[]\n');
    throw new CommandError(`context ${JSON.stringify(other)}: context not found`);
  }
  const memory = '\\u003cIN MEMORY\\u003e';
  const json = `{"Name":"default","Metadata":{},"Endpoints":{"docker":{"Host":${JSON.stringify(c.host)},"SkipTLSVerify":false}},"TLSMaterial":{},"Storage":{"MetadataPath":"${memory}","TLSPath":"${memory}"}}`;
  yield* print(`${indentJson(`[${json}]`)}\n`);
  return 0;
};

export const use: Command = function* (c) {
  const name = c.args[0] as string;
  if (name !== 'default') throw new CommandError(`context ${JSON.stringify(name)}: context not found`);
  yield* say('default');
  yield* say('Current context is now "default"');
  return 0;
};

export const login: Command = function* (c) {
  if (!c.given('username') && !(yield* isTerminal(0)))
    throw new CommandError('Error: Cannot perform an interactive login from a non TTY device');
  if (!c.given('username') || (!c.given('password') && !c.on('password-stdin')))
    throw new CommandError('drydock: docker login is not modelled: no registry here asks for a password');
  if (c.given('password') && c.on('password-stdin'))
    throw new CommandError('conflicting options: cannot specify both --password and --password-stdin');
  if (c.given('password')) yield* warn('WARNING! Using --password via the CLI is insecure. Use --password-stdin.');
  const password = c.on('password-stdin') ? (yield* stdin()).replace(/\r?\n$/, '') : c.text('password');
  const serveraddress = c.args[0] ?? 'https://index.docker.io/v1/';
  yield* call(c, 'POST', '/auth', { username: c.text('username'), password, serveraddress });
  return 0;
};

export const logout: Command = function* (c) {
  yield* say(`Removing login credentials for ${c.args[0] ?? 'https://index.docker.io/v1/'}`);
  return 0;
};
