/** The view of a running Compose project: moments, conditions, networks, and what the last step changed. */
import { describe, expect, test } from 'vitest';
import { boot, type Machine, step } from '..';
import '../whole';
import { openToRead } from '../machine';
import { projectNames, projectView } from './project';
import { worldOf } from './world';

const run = (machine: Machine, ...lines: string[]) => lines.reduce((m, text) => step(m, { kind: 'line', text }).machine, machine);
const world = (machine: Machine) => worldOf(openToRead(machine));
const file = (probe: string) => `cat > compose.yaml <<'E'
services:
  web: {image: "busybox:1.36", init: true, command: sleep 3000, ports: ["127.0.0.1:8080:80"], networks: [front], depends_on: [app]}
  app:
    image: busybox:1.36
    command: sleep 3000
    init: true
    networks: [front, back]
    depends_on: {db: {condition: service_healthy}, migrate: {condition: service_completed_successfully}}
  migrate: {image: "busybox:1.36", command: sleep 2, networks: [back], depends_on: {db: {condition: service_healthy}}}
  db: {image: "busybox:1.36", init: true, command: sleep 3000, networks: [back], healthcheck: {test: "${probe}", interval: 1s, retries: 3}}
networks: {front: , back: }
E`;
const none = boot('lab', 1).machine;
const up = run(none, file('true'), 'docker compose up -d');
const see = (machine: Machine, before: Machine | null = null) => {
  const view = projectView(world(machine), 'lab', before && world(before));
  if (!view) throw new Error('no project');
  return view;
};
const marked = (machine: Machine, before: Machine) =>
  see(machine, before)
    .rows.flatMap((r) => r.moments.filter((m) => m.changed).map((m) => `${r.container} ${m.what}`))
    .join(', ');

describe('a project that is up', () => {
  const view = see(up);
  test('rows stand below what they wait for', () =>
    expect(view.rows.map((r) => [r.container, r.state, r.health, r.exitCode])).toEqual([
      ['lab-db-1', 'running', 'healthy', null],
      ['lab-migrate-1', 'exited', null, 0],
      ['lab-app-1', 'running', null, null],
      ['lab-web-1', 'running', null, null],
    ]));
  test('moments, in seconds', () =>
    expect(view.rows.map((r) => r.moments.map((m) => `${m.what} ${Math.round((m.at - view.from) / 1000)}`).join(' '))).toEqual([
      'created 0 started 0 healthy 1',
      'created 0 started 1 ended 3',
      'created 0 started 3',
      'created 0 started 3',
    ]));
  test('needs', () =>
    expect(view.rows[2]?.needs.map((n) => [n.service, n.until, n.state])).toEqual([
      ['db', 'healthy', 'met'],
      ['migrate', 'completed', 'met'],
    ]));
  test('networks and ports', () => {
    expect([view.networks, view.rows[2]?.networks]).toEqual([
      ['back', 'front'],
      ['back', 'front'],
    ]);
    expect(view.rows[3]?.ports).toEqual(['127.0.0.1:8080 → 80']);
  });
});

test.each([
  ['nothing', ['touch x'], ''],
  ['a stop', ['docker compose stop -t 1 web'], 'lab-web-1 ended'],
  [
    'a second container',
    ['docker compose up -d --scale web=1 --scale app=2 --no-recreate'],
    'lab-migrate-1 started, lab-migrate-1 ended, lab-app-2 created, lab-app-2 started',
  ],
])('marked after %s', (_, lines, words) => expect(marked(run(up, ...lines), up)).toBe(words));

test('what did not come about', () => {
  const failed = see(run(none, file('false'), 'docker compose up -d'));
  expect(failed.rows.map((r) => [r.service, r.state, r.needs.map((n) => n.state).join()])).toEqual([
    ['db', 'running', ''],
    ['migrate', 'created', 'failed'],
    ['app', 'created', 'failed,waiting'],
    ['web', 'created', 'waiting'],
  ]);
});

test('what was met and has happened again', () => {
  const again = see(run(up, 'docker compose restart -t 1 app'));
  expect(again.rows[3]?.needs[0]?.state).toBe('past');
});

test('names', () => {
  expect(projectNames(world(none))).toEqual([]);
  expect(projectNames(world(run(up, 'docker compose -p two up -d db')))).toEqual(['two', 'lab']);
  expect(see(run(up, 'docker compose rm -sf web'), up).removed).toEqual(['lab-web-1']);
});
