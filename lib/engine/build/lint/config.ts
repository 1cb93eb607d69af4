/** Rules about what an image says of itself: user, ports, commands, variables, labels. After the rules of hadolint with the same ids. */

import { type Item, of, unquoted } from './file';
import type { LintRules } from './rule';

/** All but the first of something in a stage. */
function repeated(items: readonly Item[], name: string): Item[] {
  const seen = new Set<number>();
  return items.filter((item) => {
    if (item.name !== name) return false;
    const again = seen.has(item.stage);
    seen.add(item.stage);
    return again;
  });
}

/** Whether a text uses $NAME or ${NAME…}. */
const uses = (text: string, name: string): boolean =>
  text.includes(`\${${name}}`) || [...text.matchAll(/\$([A-Za-z0-9_]+)/g)].some((m) => m[1] === name);

const SECRET_WORDS = ['api_key', 'client_key', 'password', 'private', 'secret', 'token', 'username'];
/** Well-known names that the words above do not find. */
const SECRET_NAMES = [
  'APPLICATION_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'CI_DEPLOY_USER',
  'DOCKER_EMAIL',
  'FACEBOOK_APP_ID',
  'HEROKU_API_USER',
  'OKTA_AUTHN_GROUPID',
  'OKTA_CLIENT_ORGURL',
  'OKTA_OAUTH2_CLIENTID',
  'STRIPE_DEVICE_NAME',
  'TRAVIS_OS_NAME',
  'TRAVIS_SECURE_ENV_VARS',
  'TRAVIS_SUDO',
];
const secret = (name: string): boolean =>
  SECRET_NAMES.includes(name.toUpperCase()) || SECRET_WORDS.some((w) => name.toLowerCase().includes(w));

/** Docker's own label namespaces, and what a key may be made of. Docker documentation, "Object labels". */
const LABEL_KEY = /^[a-z0-9]+([.-][a-z0-9]+)*$/;
const RESERVED = /^(com\.docker|io\.docker|org\.dockerproject)\./;

export const CONFIG = {
  DL3002: {
    severity: 'warning',
    title: 'Do not end as root.',
    why: 'Whoever breaks into the process is then root in the container, with everything that root may still do there.',
    example: 'FROM alpine:3.20\nUSER root\nCMD ["app"]\n',
    mend: 'FROM alpine:3.20\nUSER app\nCMD ["app"]\n',
    check: (items) => {
      const last = new Map<number, Item>();
      for (const { item } of of(items, 'user')) last.set(item.stage, item);
      return [...last.values()].filter((item) => item.i?.kind === 'user' && /^(root|0)(:|$)/.test(unquoted(item.i.user)));
    },
  },
  DL3011: {
    severity: 'error',
    title: 'A port is a number from 0 to 65535.',
    why: 'There are no others: TCP and UDP have 16 bits for it.',
    example: 'FROM alpine:3.20\nEXPOSE 80000\n',
    mend: 'FROM alpine:3.20\nEXPOSE 8000\n',
    check: (items) =>
      of(items, 'expose').flatMap(({ item, i }) =>
        i.ports.some((p) => (p.split('/')[0] as string).split('-').some((n) => /^\d+$/.test(n) && Number(n) > 65535)) ? [item] : [],
      ),
    onBuild: true,
  },
  DL3012: {
    severity: 'error',
    title: 'Give one HEALTHCHECK a stage.',
    why: 'Only the last one counts; the others do nothing.',
    example: 'FROM alpine:3.20\nHEALTHCHECK CMD true\nHEALTHCHECK CMD wget -q localhost\n',
    mend: 'FROM alpine:3.20\nHEALTHCHECK CMD wget -q localhost\n',
    check: (items) => repeated(items, 'healthcheck'),
  },
  DL3025: {
    severity: 'warning',
    title: 'Write CMD and ENTRYPOINT as JSON lists.',
    why: 'As plain text they run under a shell, which is process 1 then and does not pass signals on: docker stop waits and kills.',
    example: 'FROM alpine:3.20\nCMD my-service --port 80\n',
    mend: 'FROM alpine:3.20\nCMD ["my-service", "--port", "80"]\n',
    check: (items) =>
      of(items, 'cmd', 'entrypoint', 'healthcheck').flatMap(({ item, i }) =>
        (i.kind === 'healthcheck' ? i.health.Test?.[0] === 'CMD-SHELL' : i.shell) ? [item] : [],
      ),
    onBuild: true,
  },
  DL3043: {
    severity: 'error',
    title: 'ONBUILD cannot hold ONBUILD, FROM or MAINTAINER.',
    why: 'A trigger runs inside of another build, where none of these can stand.',
    example: 'FROM alpine:3.20\nONBUILD FROM debian:12\n',
    mend: 'FROM alpine:3.20\nONBUILD RUN make\n',
    check: (items) => items.filter((x) => x.name === 'onbuild' && ['onbuild', 'from', 'maintainer'].includes(x.trigger ?? '')),
  },
  DL3044: {
    severity: 'error',
    title: 'An ENV cannot use a variable that it sets itself.',
    why: 'All values of one instruction are worked out first, with what was set before; the new variable is still empty there.',
    example: 'FROM alpine:3.20\nENV HOME_DIR=/srv DATA=$HOME_DIR/data\n',
    mend: 'FROM alpine:3.20\nENV HOME_DIR=/srv\nENV DATA=$HOME_DIR/data\n',
    check: (items) => {
      const known = new Set<string>();
      return items.filter((item) => {
        if (item.i?.kind === 'arg') for (const a of item.i.args) known.add(a.key);
        if (item.i?.kind !== 'env') return false;
        const { pairs } = item.i;
        const wrong = pairs.some((p, at) => !known.has(p.key) && pairs.some((other, n) => n !== at && uses(other.value, p.key)));
        for (const p of pairs) known.add(p.key);
        return wrong;
      });
    },
  },
  DL3048: {
    severity: 'style',
    title: 'Keep to the form of label keys.',
    why: 'Tools look labels up by names like org.example.team: lower case, digits, dots and hyphens, and not in the names kept for Docker.',
    example: 'FROM alpine:3.20\nLABEL My_Team=one\n',
    mend: 'FROM alpine:3.20\nLABEL org.example.team=one\n',
    check: (items) =>
      of(items, 'label').flatMap(({ item, i }) =>
        i.pairs.some((p) => !LABEL_KEY.test(unquoted(p.key)) || RESERVED.test(unquoted(p.key))) ? [item] : [],
      ),
    onBuild: true,
  },
  DL3057: {
    severity: 'info',
    title: 'Say how the health of the container is found out.',
    why: 'Without HEALTHCHECK a container that hangs counts as running; with it, docker ps and Compose see the difference.',
    example: 'FROM nginx:1.27\nCOPY site /usr/share/nginx/html\n',
    mend: 'FROM nginx:1.27\nCOPY site /usr/share/nginx/html\nHEALTHCHECK CMD ["curl", "-f", "http://localhost/"]\n',
    quiet: true,
    check: (items) => {
      const stages = of(items, 'from');
      const checked = new Set(of(items, 'healthcheck').map(({ item }) => item.stage));
      /** The stage of this file that a stage begins with. */
      const baseOf = (n: number): number =>
        stages.slice(0, n).findLastIndex(({ i }) => i.stage !== '' && i.stage === stages[n]?.i.base.toLowerCase());
      for (const n of stages.keys()) if (checked.has(baseOf(n))) checked.add(n);
      for (const n of [...stages.keys()].reverse()) if (checked.has(n) && baseOf(n) >= 0) checked.add(baseOf(n));
      return stages.filter((_, n) => !checked.has(n)).map(({ item }) => item);
    },
  },
  DL3064: {
    severity: 'warning',
    title: 'Keep secrets out of ARG and ENV.',
    why: 'Both are written into the image: docker history and docker inspect show them to everyone who has it. RUN --mount=type=secret does not.',
    example: 'FROM alpine:3.20\nENV API_TOKEN=abc\n',
    mend: 'FROM alpine:3.20\nRUN --mount=type=secret,id=api,env=API ./fetch\n',
    check: (items) =>
      of(items, 'arg', 'env').flatMap(({ item, i }) => ((i.kind === 'arg' ? i.args : i.pairs).some((p) => secret(p.key)) ? [item] : [])),
    onBuild: true,
  },
  DL4000: {
    severity: 'error',
    title: 'Name the author with a label.',
    why: 'MAINTAINER is deprecated; a label holds the same and can be asked for like any other.',
    example: 'FROM alpine:3.20\nMAINTAINER me@example.org\n',
    mend: 'FROM alpine:3.20\nLABEL org.opencontainers.image.authors="me@example.org"\n',
    check: (items) => items.filter((x) => x.name === 'maintainer'),
  },
  DL4003: {
    severity: 'warning',
    title: 'Give one CMD a stage.',
    why: 'Only the last one counts; the others do nothing.',
    example: 'FROM alpine:3.20\nCMD ["a"]\nCMD ["b"]\n',
    mend: 'FROM alpine:3.20\nCMD ["b"]\n',
    check: (items) => repeated(items, 'cmd'),
  },
  DL4004: {
    severity: 'error',
    title: 'Give one ENTRYPOINT a stage.',
    why: 'Only the last one counts; the others do nothing.',
    example: 'FROM alpine:3.20\nENTRYPOINT ["a"]\nENTRYPOINT ["b"]\n',
    mend: 'FROM alpine:3.20\nENTRYPOINT ["b"]\n',
    check: (items) => repeated(items, 'entrypoint'),
  },
} satisfies LintRules;
