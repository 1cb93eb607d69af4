import { expect, test } from 'vitest';
import type { BuildEvent } from './progress';
import { type Known, rawJson } from './raw-json';

const T = 1_700_000_000_000;

test('records as docker build --progress=rawjson writes them', () => {
  const events: BuildEvent[] = [
    { vertex: { n: 1, name: '[1/1] RUN a > b', started: T } },
    { log: { n: 1, at: 5, data: 'hi\n' } },
    { status: { n: 1, id: 'transferring context:', current: 2, started: T, completed: T } },
    { vertex: { n: 1, name: '[1/1] RUN a > b', started: T, completed: T + 1000, error: 'no' } },
    { known: 3 },
  ];
  let known: Known = {};
  const lines = events.map((e) => {
    const next = rawJson(known, e);
    known = next.known;
    return next.text;
  });
  const [digest] = /sha256:[0-9a-f]{64}/.exec(lines[0] as string) as RegExpExecArray;
  const short = lines.map((l) => l.replaceAll(digest, 'D').replaceAll(/"2023-[^"]*"/g, '"…"'));
  expect(short).toEqual([
    '{"vertexes":[{"digest":"D","name":"[1/1] RUN a \\u003e b","started":"…"}]}\n',
    '{"logs":[{"vertex":"D","stream":1,"data":"aGkK","timestamp":"…"}]}\n',
    '{"statuses":[{"id":"transferring context:","vertex":"D","name":"transferring","current":2,"timestamp":"…","started":"…","completed":"…"}]}\n',
    '{"vertexes":[{"digest":"D","name":"[1/1] RUN a \\u003e b","started":"…","completed":"…","error":"no"}]}\n',
    '',
  ]);
});
