/**
 * docker context: docker/cli, cli/command/context.
 *
 * Simplified: the only context is the default one.
 */

import { clientContext, clientContextFormat } from '../formats';
import { formatList } from '../formatter';
import { type Command, CommandError, print, say } from './api';
import { formatted, indentJson } from './output';

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
