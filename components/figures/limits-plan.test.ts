import { describe, expect, it } from 'vitest';
import type { LimitsRow, LimitsView } from '../../lib/machine/views/limits';
import { dialsOf, mebibytes, rowInWords, STOP } from './limits-plan';

const gauge = (now: number, max: number | null) => ({ now, max, moved: false, limited: false });
const row: LimitsRow = {
  path: '/system.slice/docker-1.scope',
  name: 'app',
  container: true,
  frozen: false,
  memory: { ...gauge(2 ** 25, 2 ** 26), low: 2 ** 24, swap: null, peak: 2 ** 26, kills: 1 },
  cpu: { ...gauge(1, 0.5), weight: 59, cpus: '0', throttled: 3, periods: 4, waited: 1 },
  pids: { ...gauge(5, null), refused: 0 },
  io: [],
  struck: { killed: false, throttled: false, refused: false, froze: false, made: false },
};
const view: LimitsView = { memory: 2 ** 32, cpus: 2, rows: [row], gone: [] };

describe('gauges', () => {
  const [memory, cpu, pids] = dialsOf(row, view);
  it('stand between nothing and the stop', () => {
    expect([memory?.pointer, memory?.low, memory?.peak]).toEqual([STOP / 2, STOP / 4, STOP]);
    expect(cpu?.pointer).toBe(STOP / 4);
    expect([pids?.pointer, pids?.stop]).toEqual([0.05 * STOP, false]);
  });
  it('say themselves', () =>
    expect(rowInWords(row, view)).toBe(
      'app: memory 32 MiB of 64 MiB (asks for 16 MiB, 1 OOM kill), cpu 0.5 of 2 (throttled 3 of 4, weight 59, on CPU 0), pids 5, no limit',
    ));
});

it.each([
  [512, '512 B'],
  [524288, '512 KiB'],
  [1610612736, '1.5 GiB'],
])('%i bytes are %s', (n, words) => expect(mebibytes(n)).toBe(words));
