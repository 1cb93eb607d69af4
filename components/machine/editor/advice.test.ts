import { describe, expect, it } from 'vitest';
import '../../../lib/machine/whole';
import { adviceOn } from './advice';
import { kindOfFile } from './files';

it.each([
  ['/root/lab/Dockerfile', 'dockerfile'],
  ['Dockerfile.dev', 'dockerfile'],
  ['/x/web.Dockerfile', 'dockerfile'],
  ['Containerfile', 'dockerfile'],
  ['/x/compose.yaml', 'compose'],
  ['docker-compose.override.yml', 'compose'],
  ['/x/other.yaml', 'other'],
  ['Dockerfiles/readme', 'other'],
])('%s is a file of kind %s', (path, kind) => expect(kindOfFile(path)).toBe(kind));

describe('what is said of a file', () => {
  it.each([
    ['/a/Dockerfile', 'FROM alpine\n', [[1, 1], 'DL3006']],
    ['/a/Dockerfile', 'FRO alpine\n', [[1, 1], 'error']],
    ['/a/compose.yaml', 'services:\n  web:\n    imag: x\n', [[2, 2], 'compose']],
  ])('%s: %s', async (path, text, [lines, rule]) => {
    const found = await adviceOn(path, text);
    expect(found.map((f) => [f.lines, f.rule])).toContainEqual([lines, rule]);
  });

  it('is nothing for other files, and for empty ones', async () =>
    expect([await adviceOn('/a/notes', 'FRO x'), await adviceOn('/a/Dockerfile', '\n')]).toEqual([[], []]));
});
