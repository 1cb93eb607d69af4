/**
 * The images that the model knows: layers as trees, config, history. The machine comes with some of them; all can be pulled.
 *
 * Each layer has a directory name and inode numbers of its own, so that it can lie frozen beside a machine's state; its
 * digest is that of the archive made of it (digests.json, written by `npm run digests`, held by a test).
 *
 * Simplified: base systems hold the files that sessions look at, and fillers that bring them to their size.
 */

import type { Config, HistoryEntry, Registry, RegistryImage, RegistryLayer } from '../../engine';
import { body, build, FROZEN, type Frozen, type Inode, type TreeEntry } from '../../kernel';
import digests from './digests.json';
import { DOCKER_IMAGES, DOCKER_LAYERS } from './docker';
import { DESCRIBED } from './runtimes';
import { nginxFiles, redisFiles } from './servers';
import * as t from './trees';

/** When the images were built: 2025-11-18T08:00:00Z. Files carry whole seconds, as archives do. */
export const BUILT = 1_763_452_800_000;

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const DEBIAN = [
  ...t.debian({
    version: '12.12',
    osRelease:
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL="https://www.debian.org/"\nSUPPORT_URL="https://www.debian.org/support"\nBUG_REPORT_URL="https://bugs.debian.org/"\n',
  }),
  t.dir('etc/apt'),
  t.dir('etc/apt/apt.conf.d'),
  // What keeps fetched archives out of layers in Debian's own images.
  t.text('etc/apt/apt.conf.d/docker-clean', 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };\n'),
];

const BUSYBOX_ETC =
  "mkdir -p /etc /tmp /root /home /var/log /var/www /usr/bin && chmod 1777 /tmp &&     printf 'root:x:0:0:root:/root:/bin/sh\\nnobody:x:65534:65534:nobody:/home:/bin/false\\nwww-data:x:33:33:www-data:/var/www:/bin/false\\n' > /etc/passwd &&     printf 'root:x:0:\\nwww-data:x:33:\\nnogroup:x:65534:\\n' > /etc/group";

/** A layer's name → its tree. The name is its directory in overlay2: 25 letters and digits, as BuildKit makes them. */
const LAYERS: Readonly<Record<string, () => TreeEntry[]>> = {
  '3kq8vz1m5yxw0c7rj2tnb4fgd': () => [t.dir(''), t.executable('bin/busybox', 'busybox', 2_063_232)],
  // The first RUN on an empty base leaves the places that runc mounts on.
  h9s4d6p0aq2xw8e7v1zr5mjt3: () => [t.dir(''), t.dir('bin'), ...t.appletLinks(), t.dir('dev'), t.dir('proc'), t.dir('sys')],
  w5n7y2c9k4f0g8b1u3x6qhzlo: () => [
    t.dir(''),
    t.dir('etc'),
    t.text('etc/group', 'root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n'),
    t.text(
      'etc/passwd',
      'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\n',
    ),
    t.dir('home'),
    t.dir('root'),
    t.dir('tmp', 0o1777),
    t.dir('usr'),
    t.dir('usr/bin'),
    t.dir('var'),
    t.dir('var/log'),
    t.dir('var/www'),
  ],
  a1p6e8r3i0o5z2m9v7k4w1xtq: () => [
    t.dir(''),
    t.dir('etc'),
    t.text('etc/alpine-release', '3.20.3\n'),
    t.executable('usr/bin/apk', 'gnu/apk', 71_288),
    t.text('etc/os-release', 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME="Alpine Linux v3.20"\n'),
  ],
  d0b5f7l2q8s1g4y9c6j3n0uxk: () => DEBIAN,
  n2g8i4x6c1o9f3v5b7t0z2meh: () => [
    t.dir(''),
    t.text(
      'etc/nginx/conf.d/default.conf',
      'server {\n    listen 80;\n    location / {\n        root /usr/share/nginx/html;\n        index index.html;\n    }\n}\n',
    ),
  ],
  x4h7m1l9p2a5g8e0k3r6w9qsj: () => [
    t.dir(''),
    t.text(
      'usr/share/nginx/html/index.html',
      '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n',
    ),
  ],
  l6o3g9s0t5d8u2n1v4y7b6fcz: () => [
    t.dir(''),
    ...nginxFiles(),
    t.symlink('var/log/nginx/access.log', '/dev/stdout'),
    t.symlink('var/log/nginx/error.log', '/dev/stderr'),
  ],
  r7e1d4i8s3d0t6a2x9w5k8hvm: () => [t.dir(''), t.dir('data'), ...redisFiles()],
  e0m3p7t1y5l9a2y6e4r8q1zxc: () => [t.dir('')],
  p8y2t6h0o4n9l1i5n7k3w6bgr: () => [
    t.dir(''),
    t.executable('usr/bin/python3', 'python', 6_683_000),
    t.symlink('usr/local/bin/python', '/usr/bin/python3'),
    t.executable('usr/local/bin/pip', 'gnu/pip', 241),
  ],
  c5h9e3l7l1o6w0r4l8d2f5jkm: () => [t.dir(''), t.executable('hello', 'hello', 10_072)],
  // Places count: what comes anew comes last.
  ...Object.assign({}, ...DESCRIBED.map((d) => d.layers)),
  ...DOCKER_LAYERS,
};

const NUMBER = new Map(Object.keys(LAYERS).map((id, i) => [id, i]));
/** Inode numbers that one tree may take. */
const SPAN = 2 ** 20;
/** The host's own root comes first. */
const baseOf = (index: number) => FROZEN + (index + 1) * SPAN;

/** Root inode of a layer's frozen tree. */
export const frozenRoot = (cacheId: string): number => baseOf(NUMBER.get(cacheId) as number);

const built = new Map<number, Inode[]>();
const HOST = -1;

/** Frozen trees by inode number: the host's, and the layers'. Built when first looked at. */
export const frozen = (host: () => TreeEntry[]): Frozen => ({
  inode(ino) {
    const index = Math.floor((ino - FROZEN) / SPAN) - 1;
    let tree = built.get(index);
    if (!tree) {
      const id = Object.keys(LAYERS)[index];
      const entries = index === HOST ? host() : id === undefined ? null : (LAYERS[id] as () => TreeEntry[])();
      if (entries === null) return undefined;
      tree = build(entries, FROZEN + (index + 1) * SPAN, BUILT);
      built.set(index, tree);
    }
    return tree[(ino - FROZEN) % SPAN];
  },
});

const sizeOf = (entries: readonly TreeEntry[]) =>
  entries.reduce((n, e) => n + (e.type === 'file' && e.linkTo === undefined ? body.size(e.body ?? '') : 0), 0);

const layer = (cacheId: string): RegistryLayer => ({
  cacheId,
  diffId: (digests as Record<string, string>)[cacheId] ?? '',
  get size() {
    return sizeOf((LAYERS[cacheId] as () => TreeEntry[])());
  },
  entries: LAYERS[cacheId] as () => TreeEntry[],
});

const CREATED = '2025-11-18T08:00:00Z';
const KIT = 'buildkit.dockerfile.v0';
const step = (created_by: string): HistoryEntry => ({ created: CREATED, created_by, comment: KIT });
const meta = (created_by: string): HistoryEntry => ({ ...step(created_by), empty_layer: true });
const imported: HistoryEntry = { created: CREATED, comment: 'Imported from -' };

function image(names: string[], layers: string[], config: Partial<Config>, history: HistoryEntry[], comment?: string): RegistryImage {
  return {
    names,
    layers: layers.map(layer),
    config: { architecture: 'amd64', ...(comment ? { comment } : {}), config, created: CREATED, history, os: 'linux' },
  };
}

const BUSYBOX = ['3kq8vz1m5yxw0c7rj2tnb4fgd', 'h9s4d6p0aq2xw8e7v1zr5mjt3', 'w5n7y2c9k4f0g8b1u3x6qhzlo'];
const BUSYBOX_HISTORY = [
  step('COPY busybox /bin/busybox # buildkit'),
  step('RUN /bin/busybox --install -s /bin # buildkit'),
  step(`RUN /bin/sh -c ${BUSYBOX_ETC} # buildkit`),
  meta(`ENV ${PATH}`),
  meta('CMD ["sh"]'),
];
const ALPINE = [...BUSYBOX, 'a1p6e8r3i0o5z2m9v7k4w1xtq'];
const ALPINE_HISTORY = [
  ...BUSYBOX_HISTORY,
  step(
    'RUN /bin/sh -c echo 3.20.3 > /etc/alpine-release && printf \'NAME="Alpine Linux"\\nID=alpine\\nVERSION_ID=3.20.3\\nPRETTY_NAME="Alpine Linux v3.20"\\n\' > /etc/os-release # buildkit',
  ),
  meta('CMD ["/bin/sh"]'),
];
const BASE = 'd0b5f7l2q8s1g4y9c6j3n0uxk';

export const IMAGES: readonly RegistryImage[] = [
  image(['busybox:1.36', 'busybox:latest'], BUSYBOX, { Env: [PATH], Cmd: ['sh'], WorkingDir: '/', ArgsEscaped: true }, BUSYBOX_HISTORY),
  image(['alpine:3.20', 'alpine:latest'], ALPINE, { Env: [PATH], Cmd: ['/bin/sh'], WorkingDir: '/', ArgsEscaped: true }, ALPINE_HISTORY),
  image(['debian:12-slim'], [BASE], {}, [imported], 'Imported from -'),
  image(
    ['nginx:1.27', 'nginx:latest'],
    [BASE, 'n2g8i4x6c1o9f3v5b7t0z2meh', 'x4h7m1l9p2a5g8e0k3r6w9qsj', 'l6o3g9s0t5d8u2n1v4y7b6fcz'],
    { ExposedPorts: { '80/tcp': {} }, Env: [PATH], Cmd: ['nginx', '-g', 'daemon off;'], StopSignal: 'SIGQUIT', ArgsEscaped: true },
    [
      imported,
      step('COPY default.conf /etc/nginx/conf.d/default.conf # buildkit'),
      step('COPY index.html /usr/share/nginx/html/index.html # buildkit'),
      step(
        'RUN /bin/sh -c rm -f /etc/nginx/sites-enabled/default && ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log # buildkit',
      ),
      meta('EXPOSE [80/tcp]'),
      meta('STOPSIGNAL SIGQUIT'),
      meta('CMD ["nginx" "-g" "daemon off;"]'),
    ],
  ),
  image(
    ['redis:7', 'redis:latest'],
    [BASE, 'r7e1d4i8s3d0t6a2x9w5k8hvm', 'e0m3p7t1y5l9a2y6e4r8q1zxc'],
    {
      ExposedPorts: { '6379/tcp': {} },
      Env: [PATH],
      Cmd: ['redis-server'],
      Volumes: { '/data': {} },
      WorkingDir: '/data',
      ArgsEscaped: true,
    },
    [
      imported,
      step('RUN /bin/sh -c mkdir -p /data # buildkit'),
      meta('VOLUME [/data]'),
      step('WORKDIR /data'),
      meta('EXPOSE [6379/tcp]'),
      meta('CMD ["redis-server"]'),
    ],
  ),
  image(['python:3.12-slim'], [BASE, 'p8y2t6h0o4n9l1i5n7k3w6bgr'], { Env: [PATH], Cmd: ['python3'], ArgsEscaped: true }, [
    imported,
    step('RUN /bin/sh -c ln -sf /usr/bin/python3 /usr/local/bin/python # buildkit'),
    meta('CMD ["python3"]'),
  ]),
  image(['hello-world:latest'], ['c5h9e3l7l1o6w0r4l8d2f5jkm'], { Env: [PATH], Cmd: ['/hello'], WorkingDir: '/' }, [
    step('COPY hello / # buildkit'),
    meta('CMD ["/hello"]'),
  ]),
  ...DESCRIBED.map((d) => {
    const [below, before] = d.on === 'alpine' ? [ALPINE, ALPINE_HISTORY] : [[BASE], [imported]];
    return image(d.names, [...below, ...Object.keys(d.layers)], d.config, [...before, ...d.history(step, meta)]);
  }),
  ...DOCKER_IMAGES.map((d) => image(d.names, [...ALPINE, ...d.layers], d.config, [imported, ...d.history(step, meta)])),
];

/** Images that a machine comes with; the others are pulled when they are asked for. */
const PULLED = new Set(['hello-world:latest', ...[...DESCRIBED, ...DOCKER_IMAGES].flatMap((d) => d.names)]);
export const PRESENT: readonly RegistryImage[] = IMAGES.filter((i) => !i.names.some((n) => PULLED.has(n)));

export const registry: Registry = {
  find: (name) => IMAGES.find((i) => i.names.includes(name)),
  all: (repository) => IMAGES.filter((i) => i.names.some((n) => n.startsWith(`${repository}:`))),
};

export { LAYERS };
