import { describe, expect, test } from 'vitest';
import recorded from '../fidelity/recordings/inspect.json';
import { inspector } from './inspect';
import { containerType, imageType, networkType, volumeType } from './types';

const types = { container: containerType, image: imageType, network: networkType, volume: volumeType };

// Docker 28.5.
for (const { kind, raw, object, rows } of recorded.objects) {
  describe(`docker ${kind} inspect --format`, () => {
    test.each(rows.map((row) => [row.template, row] as const))('%s', (template, row) => {
      const run = () => inspector(template)(object, types[kind as keyof typeof types], { raw });
      if ('output' in row) expect(run()).toBe(row.output);
      else expect(run).toThrow(new Error(row.error));
    });
  });
}
