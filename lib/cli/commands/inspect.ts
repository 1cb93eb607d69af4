/** docker inspect and its like for one kind of object: docker/cli, cli/command/inspect, cli/command/system/inspect.go. */

import { decode } from '../../base';
import type { Script } from '../driver';
import { inspector } from '../inspect';
import { swarmClient } from '../parts';
import type { Type } from '../template';
import { TemplateError } from '../template';
import { containerType, imageType, networkType, volumeType } from '../types';
import { type Command, CommandError, type Ctx, call, EngineError, get, notModelled, pathOf, print, segment, warn } from './api';
import { checkPlatform, indentJson } from './output';

interface Kind {
  type: Type;
  path(name: string, size: boolean, platform: string): string;
}

const KINDS = {
  container: { type: containerType, path: (n, size) => pathOf(`/containers/${n}/json`, { size }) },
  image: { type: imageType, path: (n, _, platform) => pathOf(`/images/${n}/json`, { platform }) },
  network: { type: networkType, path: (n) => `/networks/${n}` },
  volume: { type: volumeType, path: (n) => `/volumes/${n}` },
} as const satisfies Record<string, Kind>;

type KindName = keyof typeof KINDS;

export interface Found {
  type: Type;
  /** The engine's answer as text. */
  json: string;
}

/** A swarm's objects, in the order in which they are looked for. */
const SWARM = ['node', 'service', 'task', 'secret', 'config'] as const;
type OfSwarm = (typeof SWARM)[number];
const isOfSwarm = (type: string): type is OfSwarm => (SWARM as readonly string[]).includes(type);

function* findInSwarm(c: Ctx, type: OfSwarm, name: string): Script<Found> {
  const { body } = yield* call(c, 'GET', `/${type}s/${segment(name)}`);
  return { type: swarmClient.get().TYPES[type], json: decode(body).trim() };
}

function* find(c: Ctx, kinds: readonly KindName[], name: string, size: boolean): Script<Found> {
  let last: EngineError | null = null;
  for (const kind of kinds) {
    try {
      const { body } = yield* call(c, 'GET', KINDS[kind].path(segment(name), size, kind === 'image' ? c.text('platform') : ''));
      if (size && kind !== 'container') yield* warn(`WARNING: --size ignored for ${kind}`);
      return { type: KINDS[kind].type, json: decode(body).trim() };
    } catch (e) {
      if (!(e instanceof EngineError) || (kinds.length > 1 && e.http !== 404 && e.http !== 400)) throw e;
      last = e;
    }
  }
  if (kinds.length === 1 && last) throw last;
  throw new CommandError(`Error: No such object: ${name}`);
}

/** Prints objects found by name, by format; what cannot be found is said at the end. */
export function* show(format: string, names: readonly string[], get: (name: string) => Script<Found>, raw = true): Script {
  let template: ReturnType<typeof inspector> | null = null;
  if (format !== '' && format !== 'json') {
    try {
      template = inspector(format);
    } catch (e) {
      throw e instanceof TemplateError ? new CommandError(e.message, 64) : e;
    }
  }
  const errors: string[] = [];
  const found: string[] = [];
  let text = '';
  for (const name of names) {
    try {
      const f = yield* get(name);
      if (template) text += `${template(JSON.parse(f.json), f.type, { raw })}\n`;
      else found.push(f.json);
    } catch (e) {
      if (!(e instanceof CommandError) && !(e instanceof TemplateError)) throw e;
      errors.push((e as Error).message);
    }
  }
  if (template) yield* print(text === '' ? '\n' : text);
  else if (format === 'json') yield* print(`[${found.join(',')}]\n`);
  else yield* print(found.length === 0 ? '[]\n' : `${indentJson(`[${found.join(',')}]`)}\n`);
  if (errors.length > 0) throw new CommandError(errors.join('\n'));
  return 0;
}

export const inspectOf = (kind: KindName): Command =>
  function* (c) {
    if (kind === 'image') checkPlatform(c.text('platform'));
    // A volume is only looked at as Go's struct: cli/command/volume/inspect.go hands no raw answer on.
    return yield* show(c.text('format'), c.args, (name) => find(c, [kind], name, c.on('size')), kind !== 'volume');
  };

export const inspectPlugin: Command = function* (c) {
  return yield* show(c.text('format'), c.args, function* (name) {
    yield* call(c, 'GET', `/plugins/${segment(name)}/json`);
    throw notModelled('a plugin');
  });
};

export const inspect: Command = function* (c) {
  const type = c.text('type');
  if (c.given('type') && type === '')
    throw new CommandError(
      'type is empty: must be one of "config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"',
    );
  if (isOfSwarm(type)) return yield* show(c.text('format'), c.args, (name) => findInSwarm(c, type, name));
  if (type === 'plugin') return yield* inspectPlugin(c);
  if (type !== '' && !Object.hasOwn(KINDS, type))
    throw new CommandError(
      `unknown type: ${JSON.stringify(type)}: must be one of "config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"`,
    );
  const kinds = type === '' ? (Object.keys(KINDS) as KindName[]) : [type as KindName];
  return yield* show(c.text('format'), c.args, function* (name) {
    if (type !== '') return yield* find(c, kinds, name, c.on('size'));
    try {
      return yield* find(c, kinds, name, c.on('size'));
    } catch (e) {
      const { Swarm } = yield* get<{ Swarm: { ControlAvailable?: boolean } }>(c, '/info');
      if (!(e instanceof CommandError) || !Swarm.ControlAvailable) throw e;
      for (const kind of SWARM) {
        try {
          return yield* findInSwarm(c, kind, name);
        } catch (fault) {
          if (!(fault instanceof EngineError)) throw fault;
        }
      }
      throw e;
    }
  });
};
