/** sort, cut, tr, uniq and wc: rows recorded from coreutils 9.10 and BusyBox 1.38: flavour, command, input, output, message. */
import { describe, expect, it } from 'vitest';
import { type CutOptions, cutLine, parseCutList } from './cut';
import rows from './filters.rows.json';
import { firstDisorder, mergeLines, parseSeparator, parseSortKey, type SortOptions, setModifier, sortLines } from './sort';
import { prepareTr, type TrOptions, trChunk } from './tr';
import { endUniq, startUniq, type UniqOptions, uniqLine } from './uniq';
import { type Flavour, UsageError } from './usage';
import { busyboxWcLine, endWc, gnuWcLine, startWc, type WcColumn, wcChunk, wcWidth } from './wc';

/** Options and operands; `valued`: letters that take a value. */
function getopt(args: string[], valued: string): { options: [string, string][]; operands: string[] } {
  const options: [string, string][] = [];
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') return { options, operands: [...operands, ...args.slice(i + 1)] };
    if (arg.startsWith('--')) options.push(arg.slice(2).split('=') as [string, string]);
    else if (arg === '-' || !arg.startsWith('-')) operands.push(arg);
    else
      for (let k = 1; k < arg.length; k++) {
        if (!valued.includes(arg[k]!)) {
          options.push([arg[k]!, '']);
          continue;
        }
        options.push([arg[k]!, arg.slice(k + 1) || args[++i]!]);
        break;
      }
  }
  return { options, operands };
}
const split = (input: string, nl = '\n') => {
  const lines = input.split(nl);
  if (lines.at(-1) === '') lines.pop();
  return lines;
};

const tools: Record<string, (args: string[], input: string, flavour: Flavour) => { out: string; error?: string }> = {
  sort(args, input, flavour) {
    const options: SortOptions = { keys: [], separator: null, flavour };
    let nl = '\n';
    let check = '';
    for (const [o, value] of getopt(args, 'kt').options) {
      if (o === 'k') options.keys.push(parseSortKey(value, flavour));
      else if (o === 't') options.separator = parseSeparator(value, flavour);
      else if (o === 'u') options.unique = true;
      else if (o === 's') options.stable = true;
      else if (o === 'b') options.blanks = true;
      else if (o === 'z') nl = '\0';
      else if ('cCm'.includes(o)) check = o;
      else setModifier(options, o);
    }
    const lines = split(input, nl);
    if (check === 'c' || check === 'C') {
      const at = firstDisorder(lines, options);
      return { out: '', error: at < 0 || check === 'C' ? '' : `-:${at + 1}: disorder: ${lines[at]}` };
    }
    return { out: (check === 'm' ? mergeLines([lines], options) : sortLines(lines, options)).map((l) => l + nl).join('') };
  },
  cut(args, input, flavour) {
    const options: CutOptions = { by: 'fields', ranges: [], delimiter: '\t' };
    let nl = '\n';
    for (const [o, value] of getopt(args, 'bcdf').options) {
      if ('bcf'.includes(o)) {
        options.by = o === 'f' ? 'fields' : 'bytes';
        options.ranges = parseCutList(value, options.by, flavour);
      } else if (o === 'd') options.delimiter = value;
      else if (o === 's') options.onlyDelimited = true;
      else if (o === 'z') nl = '\0';
      else if (o === 'complement') options.complement = true;
      else if (o === 'output-delimiter') options.output = value;
    }
    return {
      out: split(input, nl)
        .map((line) => cutLine(line, options))
        .filter((line) => line !== null)
        .map((l) => l + nl)
        .join(''),
    };
  },
  tr(args, input, flavour) {
    const { options: given, operands } = getopt(args, '');
    const options: TrOptions = {};
    for (const [o] of given) {
      if (o === 'c' || o === 'C') options.complement = true;
      if (o === 'd') options.delete = true;
      if (o === 's') options.squeeze = true;
      if (o === 't') options.truncate = true;
    }
    const table = prepareTr(operands, options, flavour);
    const half = trChunk(table, { last: '' }, input.slice(0, 3));
    return { out: half.out + trChunk(table, half.state, input.slice(3)).out };
  },
  uniq(args, input) {
    const options: UniqOptions = {};
    for (const [o, value] of getopt(args, 'fsw').options) {
      if (o === 'c') options.count = true;
      if (o === 'd') options.repeated = true;
      if (o === 'u') options.unique = true;
      if (o === 'i') options.icase = true;
      if (o === 'D') options.all = 'none';
      if (o === 'group') options.group = 'separate';
      if (o === 'f') options.skipFields = Number(value);
      if (o === 's') options.skipChars = Number(value);
      if (o === 'w') options.checkChars = Number(value);
    }
    let state = startUniq();
    let out = '';
    for (const line of split(input)) {
      const step = uniqLine(state, line, options);
      state = step.state;
      out += step.out;
    }
    return { out: out + endUniq(state, options) };
  },
  wc(args, input, flavour) {
    const names: Record<string, WcColumn> = { l: 'lines', w: 'words', m: 'chars', c: 'bytes', L: 'widest' };
    const columns = getopt(args, '').options.map(([o]) => names[o]!);
    if (columns.length === 0) columns.push('lines', 'words', 'bytes');
    const counts = endWc(
      wcChunk(wcChunk(startWc(), input.slice(0, 5), { utf8: true, printable: flavour === 'busybox' }), input.slice(5), {
        utf8: true,
        printable: flavour === 'busybox',
      }),
    );
    const line = flavour === 'gnu' ? gnuWcLine(counts, columns, wcWidth([null], columns.length)) : busyboxWcLine(counts, columns);
    return { out: `${line}\n` };
  },
};

describe('filters', () => {
  it.each(rows as [Flavour, string[], string, string, string][])('%s %j', (flavour, [tool, ...args], input, out, message) => {
    const run = () => {
      try {
        const { out: text, error } = tools[tool!]!(args, input, flavour);
        return { out: text, message: error ?? '' };
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        return { out: '', message: error.message };
      }
    };
    expect(run()).toEqual({ out, message });
  });
});
