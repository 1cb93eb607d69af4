/**
 * Placeholders: for each image of a Compose file that the model does not know, a small one by its name, so that the project
 * starts. They are built on the machine, by its own docker, from a Dockerfile that lies there to be read.
 *
 * Simplified: a placeholder answers HTTP on its service's ports, whatever is spoken there really; the programs that its health
 * checks run say yes; an image whose services are all waited for until they have ended ends at once.
 */

import { images } from '../engine';
import type { Input } from './face';
import type { ComposeService } from './views/compose';

export const PLACEHOLDER = '/root/placeholder.Dockerfile';

const DOCKERFILE = `# Stands in for an image that this machine does not know.
FROM busybox
ARG IMAGE
# What it listens on, whether it ends at once, the users and programs that the Compose file names.
ARG PORTS
ARG ENDS
ARG USERS
ARG PROGRAMS
ARG CHECKS
ENV PLACEHOLDER_FOR=$IMAGE PLACEHOLDER_PORTS=$PORTS PLACEHOLDER_ENDS=$ENDS
COPY --chmod=755 <<"EOF" /placeholder
#!/bin/sh
echo "placeholder for $PLACEHOLDER_FOR: $0 $*"
[ -z "$PLACEHOLDER_ENDS" ] || exit 0
trap 'exit 0' TERM INT
for port in $PLACEHOLDER_PORTS; do /bin/httpd -f -p "$port" -h /www & done
tail -f /dev/null & wait
EOF
COPY --chmod=755 <<"EOF" /yes
#!/bin/sh
exit 0
EOF
RUN mkdir /www && echo "placeholder for $IMAGE" > /www/index.html
RUN for name in $USERS; do grep -q "^$name:" /etc/passwd || echo "$name:x:1000:1000::/:/bin/sh" >> /etc/passwd; done
RUN for path in $PROGRAMS; do mkdir -p "$(dirname "$path")" && ln -sf /placeholder "$path"; done
RUN for path in $CHECKS; do mkdir -p "$(dirname "$path")" && ln -sf /yes "$path"; done
ENTRYPOINT ["/placeholder"]
`;

/** Shells run what they are given; nothing stands in for them. */
const SHELLS = ['/bin/sh', '/bin/ash'];

/** Where a program is put: its own path, or a directory that comes first in PATH. Null for what is no plain name. */
function pathOf(program: string | null): string | null {
  if (program === null || !/^[\w.+@/-]+$/.test(program)) return null;
  const path = program.startsWith('/') ? program : program.includes('/') ? `/${program}` : `/usr/local/bin/${program}`;
  return SHELLS.includes(path) || path === '/usr/local/bin/sh' ? null : path;
}

const some = <T>(values: readonly (T | null)[]): T[] => [...new Set(values)].filter((v): v is T => v !== null);

const quoted = (text: string) => (/^[\w.:/@+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function isName(image: string): boolean {
  try {
    return images.normalise(image) !== '' && !image.includes('@');
  } catch {
    return false;
  }
}

/** The line that builds a placeholder for an image. */
function buildLine(image: string, services: readonly ComposeService[]): string {
  const mine = services.filter((s) => s.image === image);
  const waiters = (name: string) => services.flatMap((s) => s.needs.filter((n) => n.service === name));
  const ends = mine.every(({ name }) => waiters(name).some((n) => n.until === 'completed'));
  const args = {
    PORTS: some(mine.flatMap((s) => [...s.ports.map((p) => p.container), ...s.exposes])).join(' '),
    ENDS: ends ? 'yes' : '',
    USERS: some(mine.map((s) => (/^[a-z_][\w.-]*/i.exec(s.user ?? '') ?? [null])[0])).join(' '),
    PROGRAMS: some(mine.map((s) => pathOf(s.entrypoint))).join(' '),
    CHECKS: some(mine.map((s) => pathOf(s.check))).join(' '),
  };
  const given = Object.entries({ IMAGE: image, ...args }).filter(([, value]) => value !== '');
  return `docker build -q -t ${quoted(image)} ${given.map(([key, value]) => `--build-arg ${quoted(`${key}=${value}`)}`).join(' ')} - < ${PLACEHOLDER}`;
}

/** What a person would do to start the project in a directory, with placeholders for the images of this list. */
export function startInputs(directory: string, services: readonly ComposeService[], unknown: readonly string[]): Input[] {
  const wanted = unknown.filter(isName);
  const line = (text: string): Input => ({ kind: 'line', text });
  return [
    ...(wanted.length > 0 ? [{ kind: 'file' as const, path: PLACEHOLDER, text: DOCKERFILE }] : []),
    ...wanted.map((image) => line(buildLine(image, services))),
    // A service may ask to be pulled each time: there is nowhere to pull a placeholder from.
    line(`cd ${quoted(directory)} && docker compose up -d${wanted.length > 0 ? ' --pull missing' : ''}`),
  ];
}
