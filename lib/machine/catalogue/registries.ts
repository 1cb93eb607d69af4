/**
 * Images of registries: registry:2 and registry:3, after the Dockerfiles of distribution-library-image.
 *
 * Simplified: they stand on this catalogue's Alpine, so the libraries that its base leaves out lie in the next layer.
 */

import type { Described } from './runtimes';
import * as t from './trees';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const ENTRYPOINT = `#!/bin/sh

set -e

case "$1" in
    *.yaml|*.yml) set -- registry serve "$@" ;;
    serve|garbage-collect|help|-*) set -- registry "$@" ;;
esac

exec "$@"
`;

const CONFIG = `version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
`;

interface Release {
  names: string[];
  program: string;
  version: string;
  /** Bytes of its program. */
  size: number;
  /** Where its configuration lies. */
  config: string;
  env: string[];
  /** Names of its layers' directories: libraries, program, configuration, entry point. */
  layers: readonly [string, string, string, string];
}

const described = (r: Release): Described => {
  const [libraries, program, config, entry] = r.layers;
  return {
    names: r.names,
    on: 'alpine',
    layers: {
      [libraries]: () => [
        t.dir(''),
        t.filler('lib/ld-musl-x86_64.so.1', 642_984, 0o755),
        t.filler('lib/libcrypto.so.3', 4_267_824, 0o755),
        t.filler('lib/libssl.so.3', 577_416, 0o755),
        t.filler('etc/ssl/certs/ca-certificates.crt', 219_342),
      ],
      [program]: () => [t.dir(''), t.executable('bin/registry', r.program, r.size)],
      [config]: () => [t.dir(''), t.text(r.config.slice(1), CONFIG)],
      [entry]: () => [t.dir(''), t.text('entrypoint.sh', ENTRYPOINT, 0o755)],
    },
    config: {
      ExposedPorts: { '5000/tcp': {} },
      Env: [PATH, ...r.env],
      Entrypoint: ['/entrypoint.sh'],
      Cmd: [r.config],
      Volumes: { '/var/lib/registry': {} },
      WorkingDir: '/',
      ArgsEscaped: true,
    },
    history: (step, meta) => [
      step('RUN /bin/sh -c set -eux; 	apk add --no-cache ca-certificates # buildkit'),
      step(`RUN /bin/sh -c set -eux; 	version='${r.version}'; … registry --version # buildkit`),
      step(`COPY ./config-example.yml ${r.config} # buildkit`),
      ...r.env.map((e) => meta(`ENV ${e}`)),
      meta('VOLUME [/var/lib/registry]'),
      meta('EXPOSE [5000/tcp]'),
      step('COPY docker-entrypoint.sh /entrypoint.sh # buildkit'),
      meta('ENTRYPOINT ["/entrypoint.sh"]'),
      meta(`CMD ["${r.config}"]`),
    ],
  };
};

export const REGISTRIES: readonly Described[] = [
  described({
    names: ['registry:2', 'registry:2.8.3'],
    program: 'registry-2',
    version: '2.8.3',
    size: 17_620_000,
    config: '/etc/docker/registry/config.yml',
    env: [],
    layers: ['r2l9i4b1r7a0r3i6e8s5m2u1s', 'r2p5r8o1g4r7a0m3s6t9o2r5e', 'r2c7o1n4f8i2g5y9m3l6d0a4t', 'r2e1n4t7r0y3p6o9i2n5t8s1h'],
  }),
  described({
    names: ['registry:3', 'registry:3.0.0', 'registry:latest'],
    program: 'registry-3',
    version: '3.0.0',
    size: 49_930_000,
    config: '/etc/distribution/config.yml',
    env: ['OTEL_TRACES_EXPORTER=none'],
    layers: ['r3l9i4b1r7a0r3i6e8s5m2u1s', 'r3p5r8o1g4r7a0m3s6t9o2r5e', 'r3c7o1n4f8i2g5y9m3l6d0a4t', 'r3e1n4t7r0y3p6o9i2n5t8s1h'],
  }),
];
