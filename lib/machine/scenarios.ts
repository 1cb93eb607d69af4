/** What a machine starts with: files and commands on top of the bare host. */

export interface Scenario {
  name: string;
  /** A few words for a list. */
  title: string;
  /** One line about it. */
  about: string;
  files: { path: string; text: string }[];
  /** Who is logged in, instead of root, with ranges of subordinate ids; and whose engine runs, instead of the host's. */
  user?: { name: string; uid: number };
  /** The kernel runs with AppArmor. */
  apparmor?: true;
  /** Run at the terminal before the reader gets it. */
  commands: string[];
}

const lab = (name: string, ...lines: string[]) => ({ path: `/root/lab/${name}`, text: `${lines.join('\n')}\n` });

const SCENARIOS: Readonly<Record<string, Omit<Scenario, 'name'>>> = {
  lab: { title: 'Blank', about: 'A Docker host, and an empty directory to work in.', files: [], commands: [] },
  build: {
    title: 'A Dockerfile',
    about: 'A site with a Dockerfile that works and could be better. Build it, change a file, build it again.',
    files: [
      lab(
        'Dockerfile',
        'FROM alpine',
        'WORKDIR /site',
        'ADD . .',
        '# Stands for an installation: it takes a while.',
        'RUN sleep 5 && echo tools > /tools',
        'RUN ./make.sh > index.html',
        'CMD ["httpd", "-f", "-h", "/site"]',
      ),
      lab('make.sh', '#!/bin/sh', 'echo "<h1>$(cat title)</h1>"', 'echo "<p>made on $(uname -m)</p>"'),
      lab('title', 'Ahoy'),
      lab('notes.txt', 'Not meant for the image.'),
    ],
    commands: ['chmod +x make.sh'],
  },
  compose: {
    title: 'A Compose project',
    about: 'A page server in front of a store, with a check of health, two networks and a volume.',
    files: [
      lab(
        'compose.yaml',
        'name: shop',
        'services:',
        '  web:',
        '    image: nginx:1.27',
        '    ports: ["8080:80"]',
        '    networks: [front, back]',
        '    volumes: ["./page:/usr/share/nginx/html:ro"]',
        '    depends_on:',
        '      store:',
        '        condition: service_healthy',
        '  store:',
        '    image: redis:7',
        '    networks: [back]',
        '    volumes: ["data:/data"]',
        '    healthcheck:',
        '      test: ["CMD", "redis-cli", "ping"]',
        '      interval: 2s',
        'networks:',
        '  front:',
        '  back:',
        '    internal: true',
        'volumes:',
        '  data:',
      ),
      lab('page/index.html', '<h1>Open</h1>'),
    ],
    commands: [],
  },
  trouble: {
    title: 'Trouble',
    about: 'Four containers, none of which does what it should. Find out why, and mend them.',
    files: [],
    commands: [
      "docker run -d --name greedy --memory 32m alpine sh -c 'head -c 64m /dev/zero | tail'",
      "docker run -d --name loop --restart always alpine sh -c 'cat /etc/app.conf'",
      'docker run -d --name quiet -p 8080:8080 nginx:1.27',
      'docker network create --internal back',
      'docker run -d --name cut --network back alpine sleep 3600',
    ],
  },
  apparmor: {
    title: 'AppArmor',
    about: 'A host as Debian and Ubuntu set it up, whose kernel runs AppArmor. Every container is under docker-default.',
    apparmor: true,
    files: [
      lab(
        'frugal',
        'profile frugal flags=(attach_disconnected,mediate_deleted) {',
        '  file,',
        '  network,',
        '  capability,',
        '  signal,',
        '  deny /etc/passwd w,',
        '  deny /tmp/** w,',
        '}',
      ),
    ],
    commands: ['docker run -d --name one alpine sleep 3600'],
  },
  registry: {
    title: 'A registry',
    about: 'A registry on this host, at localhost:5000, with one image in it. Push your own, pull by digest, look at what it keeps.',
    files: [
      lab('Dockerfile', 'FROM alpine', 'COPY motd /etc/motd', 'CMD ["cat", "/etc/motd"]'),
      lab('motd', 'Brought from localhost:5000.'),
    ],
    commands: [
      'docker run -d -p 5000:5000 --name registry --restart always -v images:/var/lib/registry -e REGISTRY_STORAGE_DELETE_ENABLED=true registry:2 2>/dev/null',
      'docker tag busybox localhost:5000/tools/busybox:1.36 && docker push -q localhost:5000/tools/busybox:1.36',
    ],
  },
  rootless: {
    title: 'Rootless',
    about: 'An engine that an ordinary user runs, with no root anywhere: root in a container is that user outside.',
    user: { name: 'dev', uid: 1000 },
    files: [],
    commands: [],
  },
  clutter: {
    title: 'Clutter',
    about: 'A host that has been used for a while. See what takes the disk, and clean up without losing anything that matters.',
    files: [lab('Dockerfile', 'FROM alpine:3.20', 'RUN head -c 5m /dev/zero > /blob', 'ARG N', 'RUN echo $N > /n')],
    commands: [
      'for n in 1 2 3; do docker build -q -t app --build-arg N=$n . >/dev/null; done',
      'for n in 1 2 3; do docker run --name job$n app true; done',
      'docker run -d --name db -v accounts:/data alpine sleep 3600',
      "docker exec db sh -c 'echo 42 > /data/balance'",
      'docker run --rm -v /cache alpine true; docker volume create old; docker create -v /scratch --name idle alpine',
      'docker network create unused',
    ],
  },
};

export function scenarioOf(name: string): Scenario {
  const s = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (!s) throw new Error(`there is no scenario "${name}"; there are: ${Object.keys(SCENARIOS).join(', ')}`);
  return { name, ...s };
}

export const scenarioNames = (): string[] => Object.keys(SCENARIOS);
