/** Area "tables": text columns and display helpers of docker/cli. */
import { displayPorts, ellipsis, type PortSummary, truncateId } from '../../cli/display';
import { tabulate } from '../../cli/tabwriter';
import { NotModelled } from '../vectors';

type Input = {
  fn: string;
  text: string;
  width: number;
  ports: PortSummary[];
  minWidth: number;
  tabWidth: number;
  padding: number;
  padChar: string;
  flags?: ('alignRight' | 'discardEmptyColumns' | 'tabIndent' | 'debug')[];
};

const functions: Record<string, (input: Input) => unknown> = {
  columns: ({ text, minWidth, tabWidth, padding, padChar, flags = [] }) =>
    tabulate(text, { minWidth, tabWidth, padding, padChar, ...Object.fromEntries(flags.map((flag) => [flag, true])) }),
  ports: ({ ports }) => displayPorts(ports),
  ellipsis: ({ text, width }) => ellipsis(text, width),
  truncateId: ({ text }) => truncateId(text),
};

export function tables(input: Input): unknown {
  const fn = functions[input.fn];
  if (!fn) throw new NotModelled(input.fn);
  return fn(input);
}
