/**
 * Users and passwords of registries: docker login and logout, and what other commands take along. docker/cli,
 * cli/command/registry, cli/config/configfile.
 *
 *   ~/.docker/config.json   {"auths":{"localhost:5000":{"auth":"base64 of user:password"}}}
 *
 * Simplified: no helper keeps them anywhere else; Docker Hub's login by a browser is not modelled.
 */

import { decode64, encode, encode64 } from '../../base';
import { overlay2 } from '../../engine';
import { reference } from '../../oci';
import { failed, line, type Script, stdin, sys } from '../driver';
import { type Command, CommandError, type Ctx, EngineError, notModelled, post, print, say, warn } from './api';
import { readBytes, writeBytes } from './files';
import { isTerminal } from './streams';

const HUB = 'https://index.docker.io/v1/';

interface ConfigFile {
  auths?: Record<string, { auth?: string }>;
  [other: string]: unknown;
}

const pathOf = (c: Ctx) => `${c.env.DOCKER_CONFIG || `${c.env.HOME || '/root'}/.docker`}/config.json`;

function* readConfig(c: Ctx): Script<ConfigFile> {
  const text = yield* sys((s) => readBytes(s, encode(pathOf(c))));
  if (failed(text)) return {};
  try {
    return JSON.parse(text) as ConfigFile;
  } catch {
    return {};
  }
}

function* writeConfig(c: Ctx, config: ConfigFile): Script<void> {
  const path = pathOf(c);
  yield* sys((s) => {
    overlay2.mkdirs(s, encode(path.slice(0, path.lastIndexOf('/'))), 0o700);
    writeBytes(s, encode(path), JSON.stringify(config, null, '\t'), 0o600);
  });
}

export interface Credentials {
  username: string;
  password: string;
  serveraddress: string;
}

/** What the file has of a registry, named as it is in references: "localhost:5000", "docker.io". */
export function* credentialsOf(c: Ctx, domain: string): Script<Credentials | null> {
  const server = domain === 'docker.io' ? HUB : domain;
  const auth = (yield* readConfig(c)).auths?.[server]?.auth;
  if (!auth) return null;
  const [username = '', password = ''] = decode64(auth, true).out.split(/:(.*)/s);
  return { username, password, serveraddress: server };
}

const coded = (value: unknown): string =>
  encode64(encode(JSON.stringify(value)))
    .replaceAll('+', '-')
    .replaceAll('/', '_');

/** The header that goes along with a build, which may ask any registry. */
export function* allCredentials(c: Ctx): Script<Record<string, string>> {
  const domains = Object.keys((yield* readConfig(c)).auths ?? {}).map((s) => (s === HUB ? 'docker.io' : s));
  const all: Record<string, Credentials | null> = {};
  for (const domain of domains) all[domain] = yield* credentialsOf(c, domain);
  return domains.length > 0 ? { 'X-Registry-Config': coded(all) } : {};
}

/** The header that goes along with requests about images of a registry. */
export function* authHeader(c: Ctx, name: string): Script<Record<string, string>> {
  const found = yield* credentialsOf(c, reference.parseNormalized(name).domain);
  return { 'X-Registry-Auth': coded(found ?? {}) };
}

// ——— login, logout

function* tryExisting(c: Ctx, known: Credentials): Script<boolean> {
  yield* print(`Authenticating with existing credentials... [Username: ${known.username}]\n`);
  yield* print("\n Info -> To login with a different account, run 'docker logout' followed by 'docker login'\n\n\n");
  try {
    yield* say((yield* authenticate(c, known)).Status);
    return true;
  } catch (e) {
    if (!(e instanceof EngineError)) throw e;
    yield* warn(`Login did not succeed, error: ${e.message}`);
    return false;
  }
}

const authenticate = (c: Ctx, credentials: Credentials): Script<{ Status: string }> => post<{ Status: string }>(c, '/auth', credentials);

/** A line that is not shown while it is typed. */
function* hidden(question: string): Script<string> {
  yield* print(question);
  yield* sys((s) => s.setEcho(0, false));
  const text = yield* line();
  yield* sys((s) => s.setEcho(0, true));
  yield* print('\n');
  return text;
}

export const login: Command = function* (c) {
  if (c.given('password') && c.on('password-stdin'))
    throw new CommandError('conflicting options: cannot specify both --password and --password-stdin');
  if (c.on('password-stdin') && !c.given('username')) throw new CommandError('the --password-stdin option requires --username to be set');
  const server = (c.args[0] ?? HUB).replace(/^https?:\/\/(?!index\.docker\.io)/, '').replace(/^docker\.io$/, HUB);
  if (c.given('password')) yield* warn('WARNING! Using --password via the CLI is insecure. Use --password-stdin.');
  if (!c.given('username') && !c.given('password')) {
    const known = yield* credentialsOf(c, server === HUB ? 'docker.io' : server);
    if (known && (yield* tryExisting(c, known))) return 0;
  }
  let [username, password] = [c.text('username'), c.text('password')];
  if (c.on('password-stdin')) password = (yield* stdin()).replace(/\r?\n$/, '');
  else if (username === '' || password === '') {
    if (!(yield* isTerminal(0))) throw new CommandError('Error: Cannot perform an interactive login from a non TTY device');
    if (server === HUB && username === '') throw notModelled('docker login by a browser');
    if (username === '') {
      yield* print('Username: ');
      username = (yield* line()).trim();
      if (username === '') throw new CommandError('Error: username is required');
    }
    if (password === '') password = yield* hidden('Password: ');
    if (password === '') throw new CommandError('Error: password is required');
  }
  const { Status } = yield* authenticate(c, { username, password, serveraddress: server });
  const config = yield* readConfig(c);
  const auths = { ...config.auths, [server]: { auth: encode64(encode(`${username}:${password}`)) } };
  yield* writeConfig(c, { ...config, auths });
  yield* warn(
    `\nWARNING! Your credentials are stored unencrypted in '${pathOf(c)}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n`,
  );
  yield* say(Status);
  return 0;
};

export const logout: Command = function* (c) {
  const server = c.args[0] ?? HUB;
  yield* say(`Removing login credentials for ${server}`);
  const config = yield* readConfig(c);
  if (!config.auths?.[server]) return 0;
  const { [server]: _gone, ...auths } = config.auths;
  yield* writeConfig(c, { ...config, auths });
  return 0;
};
