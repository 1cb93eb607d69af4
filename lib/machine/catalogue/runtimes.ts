/**
 * Images of language runtimes and databases, which a machine pulls when they are asked for: their files, settings and history, after
 * the Dockerfiles of docker-library and Adoptium.
 *
 * Simplified: they stand on this catalogue's Debian; what is not a program or a setting that the model knows is one file of the
 * size that it all has.
 */

import type { Config, HistoryEntry } from '../../engine';
import type { TreeEntry } from '../../kernel';
import * as t from './trees';

export interface Described {
  names: string[];
  /** Above the base: a layer's name → its tree. */
  layers: Readonly<Record<string, () => TreeEntry[]>>;
  config: Partial<Config>;
  /** Of those layers and what comes after them; the base's stands before it. */
  history: (step: (by: string) => HistoryEntry, meta: (by: string) => HistoryEntry) => HistoryEntry[];
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const JAVA_HOME = '/opt/java/openjdk';
const JAVA: Described = {
  names: ['eclipse-temurin:21', 'eclipse-temurin:latest'],
  layers: {
    j4v1a7t0e3m9u6r2i5n8w1k4x: () => [
      t.dir(''),
      t.dir('opt/java'),
      t.dir('opt/java/openjdk'),
      t.dir('opt/java/openjdk/bin'),
      t.executable('opt/java/openjdk/bin/java', 'java', 12_328),
      t.dir('opt/java/openjdk/lib'),
      t.filler('opt/java/openjdk/lib/modules', 137_922_114),
      t.filler('opt/java/openjdk/lib/ct.sym', 9_210_000),
      t.filler('opt/java/openjdk/lib/src.zip', 51_700_000),
      t.dir('opt/java/openjdk/lib/server'),
      t.filler('opt/java/openjdk/lib/server/libjvm.so', 23_650_000, 0o755),
      t.dir('opt/java/openjdk/jmods'),
      t.filler('opt/java/openjdk/jmods/java.base.jmod', 78_300_000),
    ],
    j8v5c2e9n4t1r7y0p3o6i2s5q: () => [t.dir(''), t.text('__cacert_entrypoint.sh', '#!/usr/bin/bash\nset -e\nexec "$@"\n', 0o755)],
  },
  config: {
    Env: [
      `PATH=${JAVA_HOME}/bin:${PATH}`,
      `JAVA_HOME=${JAVA_HOME}`,
      'LANG=en_US.UTF-8',
      'LANGUAGE=en_US:en',
      'LC_ALL=en_US.UTF-8',
      'JAVA_VERSION=jdk-21.0.9+10',
    ],
    Entrypoint: ['/__cacert_entrypoint.sh'],
    Cmd: ['jshell'],
  },
  history: (step, meta) => [
    meta(`ENV JAVA_HOME=${JAVA_HOME}`),
    meta(`ENV PATH=${JAVA_HOME}/bin:${PATH}`),
    meta('ENV LANG=en_US.UTF-8 LANGUAGE=en_US:en LC_ALL=en_US.UTF-8'),
    meta('ENV JAVA_VERSION=jdk-21.0.9+10'),
    step('RUN /bin/sh -c set -eux; wget -O /tmp/openjdk.tar.gz ${BINARY_URL}; mkdir -p "$JAVA_HOME"; tar --extract … # buildkit'),
    step('COPY --chmod=755 entrypoint.sh /__cacert_entrypoint.sh # buildkit'),
    meta('ENTRYPOINT ["/__cacert_entrypoint.sh"]'),
    meta('CMD ["jshell"]'),
  ],
};

export const DESCRIBED: readonly Described[] = [JAVA];
