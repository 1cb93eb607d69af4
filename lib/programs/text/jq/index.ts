/**
 * jq(1): options, inputs, output.
 *
 * Source: jq 1.8's manual and main.c; messages and exit statuses recorded from jq 1.8.2 as Debian ships it.
 * Simplified: no modules (-L), no --seq and --stream-errors; -C's colours are the defaults.
 */
import { decode, encode } from '../../../base/bytes';
import { compileJq, JqHalt, type JqIo, type JqProgram } from './eval';
import { FUNCTIONS } from './functions';
import { JQ_HELP } from './help';
import { JsonError, parseOne, parseValues } from './parse-json';
import { CompileError } from './syntax';
import { JqError, type Json, print } from './value';

export { CompileError } from './syntax';

export interface JqOptions {
  filter: string;
  files: string[];
  nullInput: boolean;
  rawInput: boolean;
  slurp: boolean;
  stream: boolean;
  raw: boolean;
  /** After each output. */
  end: string;
  indent: string | null;
  sortKeys: boolean;
  ascii: boolean;
  colour: boolean;
  exitStatus: boolean;
  named: Record<string, Json>;
  positional: Json[];
  show?: 'help' | 'version';
}

/** A command line jq refuses: status 2, and a hint on help. */
export class JqUsage extends Error {
  constructor(
    message: string,
    /** Whether "Use jq --help for help with command-line options," follows. */
    readonly hint = true,
  ) {
    super(message);
  }
}
const HINT = 'Use jq --help for help with command-line options,\nor see the jq manpage, or online docs at https://jqlang.org\n';

const FLAGS: Readonly<Record<string, (o: JqOptions) => void>> = {
  'n null-input': (o) => void (o.nullInput = true),
  'R raw-input': (o) => void (o.rawInput = true),
  's slurp': (o) => void (o.slurp = true),
  'c compact-output': (o) => void (o.indent = null),
  'r raw-output': (o) => void (o.raw = true),
  ' raw-output0': (o) => ((o.raw = true), void (o.end = '\0')),
  'j join-output': (o) => ((o.raw = true), void (o.end = '')),
  'a ascii-output': (o) => void (o.ascii = true),
  'S sort-keys': (o) => void (o.sortKeys = true),
  'C color-output': (o) => void (o.colour = true),
  'M monochrome-output': (o) => void (o.colour = false),
  ' tab': (o) => void (o.indent = '\t'),
  ' unbuffered': () => {},
  ' stream': (o) => void (o.stream = true),
  'e exit-status': (o) => void (o.exitStatus = true),
  'h help': (o) => void (o.show = 'help'),
  'V version': (o) => void (o.show = 'version'),
};
const SHORT = new Map(Object.entries(FLAGS).map(([names, set]) => [names[0]!, set]));
const LONG = new Map(Object.entries(FLAGS).map(([names, set]) => [names.slice(names.indexOf(' ') + 1), set]));

/** Reads a command line (text, not bytes). `readFile` serves -f, --slurpfile and --rawfile: text or an error's words. Throws JqUsage. */
export function parseJqArgs(args: readonly string[], readFile: (path: string) => { text: string } | { error: string }): JqOptions {
  const o: JqOptions = {
    filter: '',
    files: [],
    nullInput: false,
    rawInput: false,
    slurp: false,
    stream: false,
    raw: false,
    end: '\n',
    indent: '  ',
    sortKeys: false,
    ascii: false,
    colour: false,
    exitStatus: false,
    named: {},
    positional: [],
  };
  const operands: string[] = [];
  let rest: 'files' | 'args' | 'json' = 'files';
  let fromFile = false;
  let options = true;
  const json = (text: string, option: string): Json => {
    try {
      return parseOne(text);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      throw new JqUsage(`invalid JSON text passed to --${option}`);
    }
  };
  const operand = (arg: string) => {
    if (operands.length === 0) operands.push(arg);
    else if (rest === 'files') operands.push(arg);
    else o.positional.push(rest === 'args' ? arg : json(arg, 'jsonargs'));
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!options || !/^-[-a-zA-Z]/.test(arg)) {
      operand(arg);
      continue;
    }
    if (arg === '--') {
      options = false;
      continue;
    }
    const long = arg.startsWith('--') ? arg.slice(2) : null;
    const two = (example: string): [string, string] => {
      if (i + 2 >= args.length) throw new JqUsage(`--${long} takes two parameters (e.g. --${long} ${example})`);
      return [args[++i]!, args[++i]!];
    };
    if (long !== null) {
      if (LONG.has(long) && long !== '') LONG.get(long)!(o);
      else if (long === 'indent') {
        if (i + 1 >= args.length) throw new JqUsage('--indent takes one parameter');
        const n = Number(args[++i]);
        if (!Number.isInteger(n)) throw new JqUsage('--indent takes a number');
        if (n < -1 || n > 7) throw new JqUsage('--indent takes a number between -1 and 7');
        o.indent = n < 0 ? '\t' : ' '.repeat(n);
      } else if (long === 'arg') {
        const [name, value] = two('varname value');
        if (!Object.hasOwn(o.named, name)) o.named[name] = value;
      } else if (long === 'argjson') {
        const [name, value] = two('varname text');
        if (!Object.hasOwn(o.named, name)) o.named[name] = json(value, 'argjson');
      } else if (long === 'slurpfile' || long === 'rawfile') {
        const [name, path] = two('varname filename');
        const file = readFile(path);
        if ('error' in file) throw new JqUsage(`Bad JSON in --${long} ${name} ${path}: Could not open ${path}: ${file.error}`, false);
        try {
          o.named[name] = long === 'rawfile' ? file.text : [...parseValues(file.text)].map((v) => v.value);
        } catch (error) {
          if (!(error instanceof JsonError)) throw error;
          throw new JqUsage(`Bad JSON in --${long} ${name} ${path}: ${error.message}`, false);
        }
      } else if (long === 'args') rest = 'args';
      else if (long === 'jsonargs') rest = 'json';
      else if (long === 'from-file') fromFile = true;
      else if (['seq', 'stream-errors', 'library-path', 'build-configuration'].includes(long))
        throw new JqUsage(`drydock: --${long} is not modelled`, false);
      else throw new JqUsage(`Unknown option ${arg}`);
      continue;
    }
    for (const letter of arg.slice(1)) {
      if (letter === 'f') fromFile = true;
      else if (letter === 'L') throw new JqUsage('drydock: -L is not modelled', false);
      else if (SHORT.has(letter) && letter !== ' ') SHORT.get(letter)!(o);
      else throw new JqUsage(`Unknown option ${arg}`);
    }
  }
  const [first, ...files] = operands;
  if (fromFile && first !== undefined) {
    const file = readFile(first);
    if ('error' in file) throw new JqUsage(`Could not open ${first}: ${file.error}`, false);
    o.filter = file.text;
  } else o.filter = first ?? '.';
  o.files = files;
  return o;
}

export interface JqWorld {
  /** What the input is called: "<stdin>" or a file's name. */
  source: string;
  env: Readonly<Record<string, string>>;
  now: number;
}
export interface JqResult {
  out: string;
  err: string;
  status: number;
}

/** Runs jq over the whole of its input (bytes in, bytes out). */
export function runJq(options: JqOptions, input: string, world: JqWorld): JqResult {
  const result: JqResult = { out: '', err: '', status: 0 };
  let program: JqProgram;
  const named = new Map(Object.entries(options.named));
  const variables: Record<string, Json> = {
    ...options.named,
    ARGS: new Map<string, Json>([
      ['positional', options.positional],
      ['named', named],
    ]),
  };
  try {
    program = compileJq(options.filter, variables);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return { out: '', err: encode(`${error.message}\n`), status: 3 };
  }

  const text = decode(input);
  const reader = makeReader(text, options);
  let started = false;
  const io: JqIo = {
    input: () => reader.next(),
    line: () => reader.line(),
    filename: () => (started ? world.source : null),
    stderr: (message) => void (result.err += encode(message)),
    env: world.env,
    now: world.now,
  };
  let last: Json | undefined;
  let errors = false;
  const emit = (value: Json) => {
    last = value;
    if (options.raw && typeof value === 'string')
      result.out += encode(options.ascii ? print(value, { indent: null, ascii: true }) : value) + options.end;
    else
      result.out +=
        encode(print(value, { indent: options.indent, sortKeys: options.sortKeys, ascii: options.ascii, colour: options.colour })) +
        options.end;
  };
  /** One input; false when the program halted. */
  const once = (value: Json): boolean => {
    try {
      program.run(value, io, emit);
      return true;
    } catch (error) {
      if (error instanceof JqHalt) {
        result.status = error.status;
        if (error.value !== undefined && error.value !== null)
          result.err += encode(typeof error.value === 'string' ? error.value : `${print(error.value)}\n`);
        return false;
      }
      if (!(error instanceof JqError)) throw error;
      errors = true;
      const where = started ? `${world.source}:${reader.line()}` : '<unknown>';
      const v = error.value;
      result.err += encode(
        typeof v === 'string' ? `jq: error (at ${where}): ${v.split('\0')[0]}\n` : `jq: error (at ${where}) (not a string): ${print(v)}\n`,
      );
      return true;
    }
  };
  try {
    if (options.nullInput) {
      if (!once(null)) return result;
    } else
      for (let value = reader.next(); value !== undefined; value = reader.next()) {
        started = true;
        last = undefined;
        if (!once(value)) return result;
      }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    result.err += encode(`jq: parse error: ${error.message}\n`);
    errors = true;
  }
  result.status = errors ? 5 : !options.exitStatus ? 0 : last === undefined ? 4 : last === null || last === false ? 1 : 0;
  return result;
}

/** Inputs one by one, as the options say. */
function makeReader(text: string, options: JqOptions): { next(): Json | undefined; line(): number } {
  let at = 0;
  const lines = () => {
    // jq reads by lines: the one that holds the end of the value has been read whole.
    const end = text.indexOf('\n', Math.max(0, at - 1));
    return text.slice(0, end < 0 ? text.length : end + 1).split('\n').length - 1;
  };
  function* inputs(): Generator<Json> {
    if (options.rawInput) {
      if (options.slurp) {
        at = text.length;
        yield text;
        return;
      }
      while (at < text.length) {
        const end = text.indexOf('\n', at);
        const line = text.slice(at, end < 0 ? undefined : end);
        at = end < 0 ? text.length : end + 1;
        yield line;
      }
      return;
    }
    function* values(): Generator<Json> {
      for (const { value, end } of parseValues(text)) {
        at = end;
        if (options.stream) yield* FUNCTIONS['tostream_/0']!(value) as Json[];
        else yield value;
      }
      at = text.length;
    }
    if (options.slurp) yield [...values()];
    else yield* values();
  }
  const generator = inputs();
  return {
    next: () => {
      const step = generator.next();
      return step.done ? undefined : step.value;
    },
    line: lines,
  };
}

/** Standard error of a refused command line. */
export const jqUsageText = (error: JqUsage): string => encode(`jq: ${error.message}\n${error.hint ? HINT : ''}`);

/** A whole run from a command line; files come from `readFile`. Bytes in and out. */
export function jq(
  args: readonly string[],
  stdin: string,
  readFile: (path: string) => { text: string } | { error: string },
  world: Omit<JqWorld, 'source'>,
): JqResult {
  try {
    const decoded = (path: string) => {
      const file = readFile(encode(path));
      return 'error' in file ? file : { text: decode(file.text) };
    };
    const options = parseJqArgs(args.map(decode), decoded);
    if (options.show === 'help') return { out: JQ_HELP, err: '', status: 0 };
    if (options.show === 'version') return { out: 'jq-1.8.2\n', err: '', status: 0 };
    let input = stdin;
    let err = '';
    if (options.files.length > 0) {
      input = '';
      for (const path of options.files) {
        const file = readFile(encode(path));
        if ('error' in file) err += encode(`jq: error: Could not open file ${path}: ${file.error}\n`);
        else input += file.text;
      }
    }
    const result = runJq(options, input, { ...world, source: options.files.at(-1) ?? '<stdin>' });
    return { ...result, err: err + result.err, status: err !== '' && result.status === 0 ? 2 : result.status };
  } catch (error) {
    if (!(error instanceof JqUsage)) throw error;
    return { out: '', err: jqUsageText(error), status: 2 };
  }
}
