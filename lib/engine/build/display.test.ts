import { describe, expect, test } from 'vitest';
import { newPrinter, print } from './plain';
import type { BuildEvent } from './progress';
import { hear, newTrace } from './trace';
import { draw, NOT_DRAWN } from './tty';

const T = 1_700_000_000_000;
const SIZE = { rows: 30, cols: 80 };
const begins = (n: number, name: string, at = 0): BuildEvent => ({ vertex: { n, name, started: T + at } });
const ends = (n: number, name: string, from: number, at: number, more = {}): BuildEvent => ({
  vertex: { n, name, started: T + from, completed: T + at, ...more },
});
const writes = (n: number, at: number, data: string): BuildEvent => ({ log: { n, at, data } });

/** Events as they come, those of a list at once. */
function shown(...batches: BuildEvent[][]): string {
  let p = newPrinter();
  let text = '';
  for (const events of batches) {
    const next = print(p, events);
    p = next.printer;
    text += next.text;
  }
  return text;
}

describe('plain progress of steps side by side, as Engine 28.5 with buildx 0.29 shows it', () => {
  const A = '[a 2/2] RUN for i in 1 2 3; do echo a$i; sleep 1; done; echo bk-p > /a';
  const B = '[b 2/3] RUN for i in 1 2 3; do echo b$i; sleep 0.7; done; echo bk-p > /b';
  const C = '[b 3/3] RUN echo two > /b2';
  test('one is shown until another has ended', () => {
    expect(
      shown(
        [begins(1, A), begins(2, B)],
        [writes(1, 135, 'a1\n'), writes(2, 136, 'b1\n')],
        [writes(2, 836, 'b2\n')],
        [writes(1, 1141, 'a2\n')],
        [writes(2, 1537, 'b3\n')],
        [writes(1, 2142, 'a3\n')],
        [ends(2, B, 0, 2300), begins(3, C, 2300)],
        [ends(3, C, 2300, 2500)],
        [ends(1, A, 0, 3200)],
      ),
    ).toBe(`
#1 ${A}
#1 0.135 a1
#1 1.141 a2
#1 2.142 a3
#1 ...

#2 ${B}
#2 0.136 b1
#2 0.836 b2
#2 1.537 b3
#2 DONE 2.3s

#3 ${C}
#3 DONE 0.2s

#1 ${A}
#1 DONE 3.2s
`);
  });
  test('a line that goes on is shown again from its beginning', () => {
    expect(
      shown(
        [begins(1, 'a')],
        [writes(1, 223, 'part')],
        [begins(2, 'b')],
        [ends(2, 'b', 0, 400)],
        [writes(1, 1000, 'ial')],
        [writes(1, 4000, 'end\n')],
        [ends(1, 'a', 0, 4500)],
      ),
    ).toBe('\n#1 a\n#1 0.223 part\n#1 ...\n\n#2 b\n#2 DONE 0.4s\n\n#1 a\n#1 0.223 partialend\n#1 DONE 4.5s\n');
  });
  test.each([
    [9_126, '9.126'],
    [10_134, '10.13'],
    [123_456, '123.5'],
  ])('a time of %d ms', (at, text) => expect(shown([begins(1, 'a')], [writes(1, at, 'x\n')])).toContain(`#1 ${text} x\n`));
  test('a step that another’s failure has stopped', () => {
    const all = shown(
      [begins(1, 'a'), begins(2, 'b')],
      [ends(1, 'a', 0, 1000, { error: 'no' })],
      [ends(2, 'b', 0, 1100, { error: 'context canceled', canceled: true })],
    );
    expect(all).toBe('\n#1 a\n#1 ERROR: no\n\n#2 b\n#2 CANCELED\n');
  });
});

describe('progress on a terminal, as Engine 28.5 with buildx 0.29 draws it', () => {
  const trace = (...events: BuildEvent[]) => events.reduce(hear, newTrace());
  const RUN = '[2/2] RUN for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 0.1; done; echo x';
  test('what runs has its last lines below it; what is done is blue', () => {
    const t = trace(
      begins(1, '[internal] load build definition from D6'),
      { status: { n: 1, id: 'transferring dockerfile:', current: 216, started: T, completed: T } },
      ends(1, '[internal] load build definition from D6', 0, 1),
      { known: 5 },
      ends(2, '[1/2] FROM docker.io/library/busybox:1.36', 0, 0, { cached: true }),
      begins(3, RUN),
      writes(3, 94, 'line 1\nline 2\na-very-long-line-that-does-not-fit-in-the-terminal-of-eighty-columns-and-goes-on\n'),
    );
    const { text, drawn } = draw(t, NOT_DRAWN, SIZE, T + 2900, false);
    expect(text.replaceAll('\x1b', '^').split('\n')).toEqual([
      '^[1A^[1B^[0G^[?25l[+] Building 2.9s (2/5)                                          docker:default',
      '^[34m => [internal] load build definition from D6                               0.0s',
      '^[0m^[34m => => transferring dockerfile: 216B                                       0.0s',
      '^[0m^[34m => CACHED [1/2] FROM docker.io/library/busybox:1.36                       0.0s',
      '^[0m => [2/2] RUN for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 0.1; done;  2.9s',
      '^[2m => => # line 1                                                                ',
      '^[0m^[2m => => # line 2                                                                ',
      '^[0m^[2m => => # a-very-long-line-that-does-not-fit-in-the-terminal-of-eighty-columns-a',
      '^[0m^[2m => => # nd-goes-on                                                            ',
      '^[0m^[?25h',
    ]);
    const after = hear(t, ends(3, RUN, 0, 2900, { error: 'no' }));
    const next = draw(after, drawn, SIZE, T + 2900, true).text.replaceAll('\x1b', '^');
    expect(next.startsWith(`${'^[1A'.repeat(9)}^[0G^[?25l[+] Building 2.9s (3/5) `)).toBe(true);
    expect(next).toContain('^[31m => ERROR [2/2] RUN for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 0.1;  2.9s\n^[0m');
    expect(next.endsWith(`${`${' '.repeat(80)}\n`.repeat(4)}^[4A^[0G^[?25h`)).toBe(true);
  });
  test('finished, when all has ended', () => {
    const t = trace({ known: 1 }, begins(1, 'a'), ends(1, 'a', 0, 10));
    expect(draw(t, NOT_DRAWN, SIZE, T + 10, false).text).not.toContain('FINISHED');
    expect(draw(t, NOT_DRAWN, SIZE, T + 10, true).text).toContain('(1/1) FINISHED');
  });
  test('a low terminal shows what runs, and the end of the rest', () => {
    const many = Array.from({ length: 12 }, (_, i) => ends(i + 2, `done ${i}`, 0, 1));
    const t = trace(begins(1, 'runs'), ...many);
    const lines = draw(t, NOT_DRAWN, { rows: 8, cols: 80 }, T + 5, false).text.split('\n');
    expect(lines).toHaveLength(8);
    expect(lines[1]).toContain('=> runs');
    expect(lines.at(-2)).toContain('done 11');
  });
});
