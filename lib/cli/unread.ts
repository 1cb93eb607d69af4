/**
 * Flags that docker has and nothing here reads. `idle`: this machine has nothing that they would change. `missing`: they would
 * change something, and the machine says that it does not model it. The pages on commands tell the same.
 */

interface Unread {
  idle?: readonly string[];
  missing?: readonly string[];
}

const build: Unread = {
  idle: [
    ...['compress', 'debug', 'force-rm', 'load', 'rm', 'annotation'],
    ...['memory', 'memory-swap', 'cpuset-cpus', 'cpuset-mems', 'cpu-period', 'cpu-quota', 'cpu-shares'],
  ],
};
const container: Unread = { idle: ['disable-content-trust', 'kernel-memory'], missing: ['use-api-socket'] };
const prune: Unread = { idle: ['debug', 'verbose'] };

/** By a command's shortest name. */
export const UNREAD: Readonly<Record<string, Unread>> = {
  'docker build': build,
  'docker builder prune': prune,
  'docker buildx bake': { idle: ['debug', 'load'] },
  'docker buildx create': { idle: ['debug'] },
  'docker buildx du': { idle: ['debug'] },
  'docker buildx inspect': { idle: ['debug'] },
  'docker buildx ls': { idle: ['debug'] },
  'docker buildx prune': prune,
  'docker buildx rm': { idle: ['debug', 'keep-daemon', 'keep-state'] },
  'docker buildx stop': { idle: ['debug'] },
  'docker buildx use': { idle: ['debug', 'default', 'global'] },
  'docker compose build': { idle: ['memory'] },
  'docker compose config': { idle: ['no-env-resolution'] },
  'docker compose create': { idle: ['quiet-pull'] },
  'docker compose logs': { idle: ['no-color'] },
  'docker compose run': { idle: ['quiet', 'quiet-pull'] },
  'docker compose up': { idle: ['menu', 'no-color', 'quiet-pull'] },
  'docker create': container,
  'docker load': { idle: ['quiet'] },
  'docker network inspect': { idle: ['verbose'] },
  'docker pull': { idle: ['disable-content-trust'] },
  'docker run': container,
  'docker service create': { idle: ['credential-spec', 'generic-resource', 'placement-pref', 'with-registry-auth'], missing: ['ulimit'] },
  'docker service update': {
    idle: [
      'credential-spec',
      'generic-resource-add',
      'generic-resource-rm',
      'placement-pref-add',
      'placement-pref-rm',
      'with-registry-auth',
    ],
    missing: [
      ...['dns-add', 'dns-rm', 'dns-option-add', 'dns-option-rm', 'dns-search-add', 'dns-search-rm', 'group-add', 'group-rm', 'host-add'],
      ...[
        'host-rm',
        'isolation',
        'log-driver',
        'log-opt',
        'max-concurrent',
        'oom-score-adj',
        'sysctl-add',
        'sysctl-rm',
        'ulimit-add',
        'ulimit-rm',
      ],
    ],
  },
  'docker stack deploy': { idle: ['with-registry-auth'] },
  'docker swarm ca': { missing: ['ca-cert', 'ca-key', 'cert-expiry', 'external-ca'] },
  'docker swarm init': { idle: ['data-path-addr'], missing: ['external-ca'] },
  'docker swarm join': { idle: ['availability', 'data-path-addr'] },
};

/** How a command takes a flag of its own: null when it reads it. */
export function unread(names: readonly string[], flag: string): 'idle' | 'missing' | null {
  const of = names.map((name) => UNREAD[name]).find((entry) => entry !== undefined);
  return of?.missing?.includes(flag) ? 'missing' : of?.idle?.includes(flag) ? 'idle' : null;
}
