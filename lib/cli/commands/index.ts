/**
 * What each command does, by the full name it has under its group; the short names ("docker run") are aliases of these in
 * the records. A command that is not here is not modelled, and says so.
 */

import { bakeClient, buildClient, composeClient, swarmClient } from '../parts';
import { type Command, notModelled } from './api';
import { inspect as inspectBuilder } from './builder-inspect';
import * as builders from './builders';
import * as buildx from './buildx';
import { execCommand } from './container/exec';
import { diff, logs, ps } from './container/list';
import { createCommand, runCommand } from './container/run';
import { attachCommand, startCommand } from './container/start';
import * as targets from './container/targets';
import * as context from './context';
import { cp } from './cp';
import * as credentials from './credentials';
import * as image from './image/change';
import { history, images } from './image/list';
import * as imagetools from './imagetools';
import { inspect, inspectOf, inspectPlugin } from './inspect';
import * as manifest from './manifest';
import * as network from './network';
import { PLUGIN_COMMANDS } from './plugin';
import * as system from './system';
import * as usage from './usage';
import * as volume from './volume';

/** What `docker compose` can do, in code of its own. */
const COMPOSE = [
  'attach',
  'build',
  'config',
  'cp',
  'create',
  'down',
  'events',
  'exec',
  'export',
  'images',
  'kill',
  'logs',
  'ls',
  'pause',
  'port',
  'ps',
  'pull',
  'push',
  'restart',
  'rm',
  'run',
  'scale',
  'start',
  'stats',
  'stop',
  'top',
  'unpause',
  'up',
  'version',
  'volumes',
  'wait',
  'watch',
] as const;
export type ComposeCommand = (typeof COMPOSE)[number];
const compose = Object.fromEntries(
  COMPOSE.map((name): [string, Command] => [
    `docker compose ${name}`,
    (c) => {
      const command = composeClient.get().COMMANDS[name];
      if (!command) throw notModelled(`docker compose ${name}`);
      return command(c);
    },
  ]),
);

/** What a swarm's manager is asked for, in code of its own too. */
const SWARM: Readonly<Record<string, readonly string[]>> = {
  swarm: ['init', 'join', 'join-token', 'leave', 'update', 'unlock', 'unlock-key', 'ca'],
  node: ['ls', 'inspect', 'ps', 'update', 'promote', 'demote', 'rm'],
  service: ['create', 'ls', 'ps', 'inspect', 'update', 'rollback', 'scale', 'rm', 'logs'],
  stack: ['deploy', 'ls', 'ps', 'services', 'rm', 'config'],
  secret: ['create', 'ls', 'inspect', 'rm'],
  config: ['create', 'ls', 'inspect', 'rm'],
};
const swarm = Object.fromEntries(
  Object.entries(SWARM).flatMap(([group, names]) =>
    names.map((name): [string, Command] => {
      const path = `docker ${group} ${name}`;
      return [
        path,
        (c) => {
          const command = swarmClient.get().COMMANDS[path];
          if (!command) throw notModelled(path);
          return command(c);
        },
      ];
    }),
  ),
);

export const COMMANDS: Readonly<Record<string, Command>> = {
  docker: system.shortVersion,
  ...compose,
  ...PLUGIN_COMMANDS,
  ...swarm,
  'docker buildx bake': (c) => bakeClient.get().bake(c),
  'docker buildx build': (c) => buildClient.get().buildCommand(c),
  'docker buildx du': buildx.du,
  'docker buildx create': builders.create,
  'docker buildx imagetools create': imagetools.create,
  'docker buildx imagetools inspect': imagetools.inspect,
  'docker buildx inspect': inspectBuilder,
  'docker buildx ls': builders.ls,
  'docker buildx prune': usage.cachePrune,
  'docker buildx rm': builders.rm,
  'docker buildx stop': builders.stop,
  'docker buildx use': builders.use,
  'docker buildx version': buildx.version,
  'docker container attach': attachCommand,
  'docker container commit': image.commit,
  'docker container cp': cp,
  'docker container create': createCommand,
  'docker container diff': diff,
  'docker container exec': execCommand,
  'docker container export': image.exportContainer,
  'docker container inspect': inspectOf('container'),
  'docker container kill': targets.kill,
  'docker container logs': logs,
  'docker container ls': ps,
  'docker container pause': targets.pause,
  'docker container port': targets.port,
  'docker container rename': targets.rename,
  'docker container restart': targets.restart,
  'docker container rm': targets.rm,
  'docker container run': runCommand,
  'docker container start': startCommand,
  'docker container stop': targets.stop,
  'docker container top': targets.top,
  'docker container unpause': targets.unpause,
  'docker container update': targets.update,
  'docker container wait': targets.wait,
  'docker container prune': usage.containerPrune,
  'docker container stats': usage.stats,
  'docker context inspect': context.inspect,
  'docker context ls': context.ls,
  'docker context show': context.show,
  'docker context use': context.use,
  'docker image history': history,
  'docker search': image.search,
  'docker image import': image.importImage,
  'docker image inspect': inspectOf('image'),
  'docker image load': image.load,
  'docker image ls': images,
  'docker image prune': image.prune,
  'docker image push': image.push,
  'docker image pull': image.pull,
  'docker image rm': image.rmi,
  'docker image save': image.save,
  'docker image tag': image.tag,
  'docker inspect': inspect,
  'docker network connect': network.connect,
  'docker network create': network.create,
  'docker network disconnect': network.disconnect,
  'docker network inspect': inspectOf('network'),
  'docker network ls': network.ls,
  'docker network prune': network.prune,
  'docker network rm': network.rm,
  'docker login': credentials.login,
  'docker manifest inspect': manifest.inspect,
  'docker logout': credentials.logout,
  'docker system df': usage.df,
  'docker system events': system.events,
  'docker system info': system.info,
  'docker system prune': usage.systemPrune,
  'docker plugin inspect': inspectPlugin,
  'docker version': system.version,
  'docker volume create': volume.create,
  'docker volume inspect': inspectOf('volume'),
  'docker volume ls': volume.ls,
  'docker volume prune': volume.prune,
  'docker volume rm': volume.rm,
  'docker volume update': volume.update,
};
