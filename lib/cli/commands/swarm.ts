/**
 * docker swarm, node, service, stack, secret, config: as far as asking the engine goes. docker/cli, cli/command/swarm and its
 * neighbours.
 *
 * Simplified: no engine here is part of a swarm, so what is asked for is refused; what an answer would look like is not modelled.
 */

import { type Command, CommandError, call, EngineError, notModelled } from './api';

const asks = (method: string, path: string, words = ''): Command =>
  function* (c) {
    try {
      yield* call(c, method, path);
    } catch (e) {
      throw words !== '' && e instanceof EngineError ? new CommandError(`${words}: ${e.message}`) : e;
    }
    throw notModelled(`${method} ${path}`);
  };

export const SWARM_COMMANDS: Readonly<Record<string, Command>> = {
  'docker config ls': asks('GET', '/configs'),
  'docker node ls': asks('GET', '/nodes'),
  'docker secret ls': asks('GET', '/secrets'),
  'docker service ls': asks('GET', '/services'),
  'docker stack ls': asks('GET', '/services'),
  'docker swarm join-token': asks('GET', '/swarm'),
  'docker swarm leave': asks('POST', '/swarm/leave'),
  'docker swarm unlock-key': asks('GET', '/swarm/unlockkey', 'could not fetch unlock key'),
};
