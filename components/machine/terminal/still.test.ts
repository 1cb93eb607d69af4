import { expect, it } from 'vitest';
import { stilled } from './still';

const first = '\x1b[1A\x1b[1B\x1b[0G\x1b[?25l';
const over = (lines: number) => `${'\x1b[1A'.repeat(lines)}\x1b[0G\x1b[?25l`;
const line = (left: string, right: string, cols = 79) => `${left.padEnd(cols - right.length)}${right}\r\n`;
const head = (text: string) => line(`[+] Building ${text}`, 'docker:default');
const pictures =
  `a\r\n${first}${head('0.0s (0/1)')}\x1b[?25h${over(1)}${head('0.1s (1/2)')}${line(' => RUN make', '0.1s')}\x1b[2m => => # gcc\r\n\x1b[0m\x1b[?25h` +
  `${over(4)}${head('2.9s (2/2) FINISHED')}\x1b[34m${line(' => RUN make', '2.9s')}\x1b[0m${' '.repeat(80)}\r\n\x1b[1A\x1b[0G\x1b[?25hend\r\n`;

it('leaves the last picture, and what was written before and after', () =>
  expect(stilled(pictures, 80)).toBe(`a\r\n${head('2.9s (2/2) FINISHED')}\x1b[34m${line(' => RUN make', '2.9s')}\x1b[0mend\r\n`));

it('fits the lines to a narrow screen', () =>
  expect(stilled(pictures, 30).split('\r\n')).toEqual([
    'a',
    '[+] Building 2 docker:default',
    '\x1b[34m => RUN make             2.9s',
    '\x1b[0mend',
    '',
  ]));

it('fits a picture whose end has gone with the prompt', () =>
  expect(stilled(`${first}${head('2.9s (2/2) FINISHED')}${line(' => RUN make', '2.9s')}`, 30).split('\r\n')).toEqual([
    '[+] Building 2 docker:default',
    ' => RUN make             2.9s',
    '',
  ]));

it('draws each of two builds', () => expect(stilled(pictures + pictures, 79).match(/FINISHED/g)).toHaveLength(2));

it('leaves other text alone', () => expect(stilled('one\r\n\x1b[1mtwo\x1b[0m\r\n', 10)).toBe('one\r\n\x1b[1mtwo\x1b[0m\r\n'));
