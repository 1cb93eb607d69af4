import { describe, expect, it } from 'vitest';
import { boot, openToRead, step } from './machine';
import { startInputs } from './placeholder';
import { composeFilesView } from './views/compose-files';
import { worldOf } from './views/world';

const PATH = '/root/lab/compose.yaml';

/** A machine with this Compose file, started as the button starts it, and then these lines typed. */
function started(text: string, ...lines: string[]) {
  let machine = boot('compose', 1).machine;
  machine = step(machine, { kind: 'file', path: PATH, text }).machine;
  const found = composeFilesView(worldOf(openToRead(machine)), PATH, null);
  if (!found) throw new Error('no Compose file');
  const inputs = [
    ...startInputs('/root/lab', found.view.services, found.unknown),
    ...lines.map((l) => ({ kind: 'line' as const, text: l })),
  ];
  const output = inputs.map((input) => {
    const { machine: next, trace } = step(machine, input);
    machine = next;
    return trace.output
      .replaceAll('\r\n', '\n')
      .replace(/^.*?\n/, '')
      .replace(/\n?[^\n]*$/, '');
  });
  return { found, inputs, last: output.slice(inputs.length - lines.length) };
}

const APP = `name: shop
services:
  db:
    image: ghcr.io/acme/ledger:9
    user: ledger
    healthcheck: { test: ["CMD-SHELL", "ledger_ready -U x || exit 1"], interval: 2s }
  schema:
    image: ghcr.io/acme/schema
    command: ["migrate", "up"]
    depends_on: { db: { condition: service_healthy } }
  web:
    image: ghcr.io/acme/web:2
    pull_policy: always
    entrypoint: /opt/web/run
    command: --fast
    ports: ["8080:3000"]
    depends_on: { schema: { condition: service_completed_successfully } }
  edge:
    image: nginx
`;

describe('placeholders', () => {
  const { found, inputs, last } = started(
    APP,
    'docker compose ps -a --format "{{.Service}} {{.State}} {{.Health}} {{.ExitCode}}"',
    'curl -s localhost:8080/',
    'docker compose logs --no-log-prefix web schema',
    'docker compose stop -t 5 web; docker compose ps -a --format "{{.ExitCode}}" web',
    'docker exec shop-db-1 id -un',
  );

  it('are for images that neither the machine has nor its registry', () =>
    expect(found.unknown).toEqual(['ghcr.io/acme/ledger:9', 'ghcr.io/acme/schema', 'ghcr.io/acme/web:2']));

  it('are built by lines of the terminal', () =>
    expect(inputs.filter((i) => i.kind === 'line' && i.text.startsWith('docker build'))).toHaveLength(3));

  it('come up as the file asks: healthy, ended well, listening', () => {
    expect(last[0]?.split('\n').sort()).toEqual(['db running healthy 0', 'edge running  0', 'schema exited  0', 'web running  0']);
    expect(last[1]).toBe('placeholder for ghcr.io/acme/web:2');
    expect(last[2]).toContain('placeholder for ghcr.io/acme/schema: /placeholder migrate up');
    expect(last[2]).toContain('placeholder for ghcr.io/acme/web:2: /opt/web/run --fast');
  });

  it('end on SIGTERM, and run as the user of the file', () => {
    expect(last[3]?.split('\n').at(-1)).toBe('0');
    expect(last[4]).toBe('ledger');
  });

  it('take no word of a file for a word of the shell', () => {
    const hostile = `services:\n  a:\n    image: "x;id"\n  b:\n    image: acme/b\n    user: "$$(id)"\n    entrypoint: "/bin/x;id"\n`;
    const lines = started(hostile).inputs.flatMap((i) => (i.kind === 'line' ? [i.text] : []));
    expect(lines).toEqual([
      'docker build -q -t acme/b --build-arg IMAGE=acme/b --build-arg PROGRAMS=/bin/x - < /root/placeholder.Dockerfile',
      'cd /root/lab && docker compose up -d --pull missing',
    ]);
  });
});
