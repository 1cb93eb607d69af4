/**
 * docker manifest inspect: a manifest as a registry holds it. docker/cli, cli/command/manifest/inspect.go.
 *
 * Simplified: of the group this alone, and of --verbose nothing.
 */

import { decode } from '../../base';
import { reference } from '../../oci';
import { inquire, type Script } from '../driver';
import { type Command, CommandError, type Ctx, notModelled, print } from './api';
import { indentJson } from './output';
import { ask, NO_CREDENTIALS, namedOf, type Response, TYPES } from './registry-client';

const isInsecure = (c: Ctx) => c.on('insecure');

/** Which way the registry is asked. Without --insecure that is TLS alone. */
function* pinged(c: Ctx, named: reference.Named): Script<string | null> {
  const host = named.domain === 'docker.io' ? 'registry-1.docker.io' : named.domain;
  let why = '';
  for (const scheme of ['https', ...(isInsecure(c) ? ['http'] : [])]) {
    const r: Response | { fault: string } = yield* inquire({ method: 'GET', url: `${scheme}://${host}/v2/` });
    if (!('fault' in r)) return `${scheme}://${host}/v2/${named.path}`;
    why ||= `Get "${scheme}://${host}/v2/": ${r.fault}`;
  }
  // A registry that answers without TLS counts as one that has nothing.
  if (why.endsWith('server gave HTTP response to HTTPS client')) return null;
  throw new CommandError(`failed to configure transport: error pinging v2 registry: ${why}`);
}

export const inspect: Command = function* (c) {
  if (c.args.length > 1) throw notModelled('a manifest list that lies on this machine');
  if (c.on('verbose') && isInsecure(c)) throw notModelled('docker manifest inspect --verbose');
  const text = c.args[0] as string;
  const named = namedOf(text);
  const missing = new CommandError(`no such manifest: ${reference.familiarString(named)}`);
  const base = yield* pinged(c, named);
  if (base === null) throw missing;
  const url = `${base}/manifests/${named.digest ?? named.tag}`;
  const r = yield* ask(c, named, { method: 'GET', url, headers: { Accept: TYPES.join(', ') } });
  if ('fault' in r) throw new CommandError(`Get "${url}": ${r.fault === NO_CREDENTIALS ? NO_CREDENTIALS : r.fault}`);
  if (r.status !== 200) throw missing;
  yield* print(`${indentJson(decode(r.body), '', '\t')}\n`);
  return 0;
};
