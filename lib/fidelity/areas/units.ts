/** Area "units": sizes, durations and ulimits, as docker/go-units reads and writes them. */
import { binarySize, humanDuration, humanSize, parseBinarySize, parseDecimalSize, parseUlimit } from '../../base';
import { NotModelled } from '../vectors';

type Input = { fn: string; nanoseconds: number; bytes: number; text: string };

const functions: Record<string, (input: Input) => unknown> = {
  humanDuration: ({ nanoseconds }) => humanDuration(nanoseconds),
  binarySize: ({ bytes }) => binarySize(bytes),
  decimalSize: ({ bytes }) => humanSize(bytes),
  parseBinarySize: ({ text }) => parseBinarySize(text),
  parseDecimalSize: ({ text }) => parseDecimalSize(text),
  parseUlimit: ({ text }) => parseUlimit(text),
};

export function units(input: Input): unknown {
  const fn = functions[input.fn];
  if (!fn) throw new NotModelled(input.fn);
  return fn(input);
}
