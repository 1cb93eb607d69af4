/**
 * awk's command line, and a run over a whole input.
 *
 * Source: mawk(1), BusyBox's `awk --help`; messages recorded from mawk 1.3.4 and BusyBox 1.38.
 * Simplified: mawk's -W options are left out.
 */
import {
  type AwkAnswer,
  type AwkDialect,
  AwkError,
  type AwkNeed,
  type AwkOutput,
  type AwkStart,
  type AwkState,
  type AwkStep,
  assignAwk,
  awkFile,
  awkRecord,
  cutRecord,
  endAwk,
  initAwk,
  parseAwk,
  readsInput,
  recordSeparator,
  startAwk,
  unescapeAwk,
} from './awk';

export interface AwkCommand {
  program: string;
  fs?: string;
  assigns: [string, string][];
  operands: string[];
}
/** The command line is wrong; `usage`: the program shows its usage text. */
export class AwkUsage extends Error {
  constructor(
    message: string,
    readonly usage: boolean,
    readonly status: number,
  ) {
    super(message);
  }
}

/** Reads argv without argv[0]. Throws AwkUsage. */
export function parseAwkArgs(
  args: readonly string[],
  dialect: AwkDialect,
  readFile: (path: string) => { text: string } | { error: string },
): AwkCommand {
  const mawk = dialect === 'mawk';
  const command: AwkCommand = { program: '', assigns: [], operands: [] };
  const files: string[] = [];
  let i = 0;
  for (; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      i++;
      break;
    }
    if (!arg.startsWith('-') || arg === '-') break;
    const letter = arg[1]!;
    if (!'Fvf'.includes(letter))
      throw mawk ? new AwkUsage(`not an option: ${arg}`, false, 2) : new AwkUsage(`invalid option -- '${letter}'`, true, 1);
    const value = arg.length > 2 ? arg.slice(2) : args[++i];
    if (value === undefined)
      throw mawk
        ? new AwkUsage(`option -${letter} lacks argument`, false, 2)
        : new AwkUsage(`option requires an argument -- '${letter}'`, true, 1);
    if (letter === 'F') command.fs = value;
    else if (letter === 'v') {
      const m = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(value);
      if (m === null) throw mawk ? new AwkUsage(`improper assignment: -v ${value}`, false, 2) : new AwkUsage('', true, 1);
      command.assigns.push([m[1]!, unescapeAwk(m[2]!, dialect)]);
    } else files.push(value);
  }
  const rest = args.slice(i);
  if (files.length === 0) {
    if (rest.length === 0) throw new AwkUsage('', true, mawk ? 0 : 1);
    command.program = rest.shift()!;
  } else
    command.program = files
      .map((path) => {
        const file = readFile(path);
        if ('error' in file)
          throw mawk
            ? new AwkUsage(`cannot open "${path}" (${file.error})`, false, 2)
            : new AwkUsage(`can't open '${path}': ${file.error}`, false, 1);
        return file.text;
      })
      .join('\n');
  command.operands = rest;
  return command;
}

export interface AwkWorld {
  env: Readonly<Record<string, string>>;
  now: number;
  stdin: string;
  readFile(path: string): { text: string } | { error: string };
  /** Runs a command with an input: what it wrote and its status. Absent: no commands. */
  command?(command: string, input: string): { output: string; status: number };
  write?(path: string, append: boolean, text: string): void;
}

/** Runs a program over input that is there in full. */
export function runAwk(args: readonly string[], dialect: AwkDialect, world: AwkWorld): { out: string; err: string; status: number } {
  const result = { out: '', err: '', status: 0 };
  let command: AwkCommand;
  let state: AwkState;
  try {
    command = parseAwkArgs(args, dialect, world.readFile);
    const start: AwkStart = {
      fs: command.fs,
      assigns: command.assigns,
      args: ['awk', ...command.operands],
      env: world.env,
      now: world.now,
    };
    state = initAwk(parseAwk(command.program, dialect), start);
  } catch (error) {
    if (!(error instanceof AwkUsage) && !(error instanceof AwkError)) throw error;
    return { out: '', err: `awk: ${error.message}\n`, status: error.status };
  }
  const pipes = new Map<string, string>();
  const take = (outputs: readonly AwkOutput[]) => {
    for (const item of outputs) {
      if (item.to === 'stdout') result.out += item.text;
      else if (item.to === 'stderr') result.err += item.text;
      else if (item.to === 'file') world.write?.(item.path, item.append, item.text);
      else if (item.to === 'pipe') pipes.set(item.command, (pipes.get(item.command) ?? '') + item.text);
      else if (item.to === 'close') closePipe(item.name);
    }
  };
  const closePipe = (name: string) => {
    const input = pipes.get(name);
    if (input === undefined) return;
    pipes.delete(name);
    result.out += world.command?.(name, input).output ?? '';
  };
  const source = makeSource(command.operands);
  const answerTo = (need: AwkNeed): AwkAnswer => {
    if (need.kind === 'record') return { record: source.next() };
    const ran = world.command?.(need.command, '') ?? { output: '', status: 127 };
    if (need.kind === 'command') return { output: ran.output };
    result.out += ran.output;
    return { status: ran.status };
  };
  /** Runs a step until it needs nothing more; outputs are taken as far as they are new. */
  const perform = (step: (answers: readonly AwkAnswer[]) => AwkStep): AwkStep => {
    const answers: AwkAnswer[] = [];
    let taken: AwkOutput[] = [];
    for (;;) {
      const made = step(answers);
      take(freshOutputs(taken, made.out));
      taken = made.out;
      if (made.need === undefined) return made;
      answers.push(answerTo(made.need));
    }
  };
  const settle = (step: AwkStep): boolean => {
    state = step.state;
    if (step.error === undefined) return state.exit === null;
    result.err += `awk: ${step.error.message}\n`;
    result.status = step.error.status;
    return false;
  };
  const io = (answers: readonly AwkAnswer[]) => ({
    answers,
    readFile: (path: string) => {
      const file = world.readFile(path);
      return 'error' in file ? null : file.text;
    },
  });

  let going = settle(perform((answers) => startAwk(state, io(answers))));
  if (going && readsInput(state.program)) {
    for (let record = source.next(); going && record !== null; record = source.next()) {
      const current = record;
      const step = perform((answers) => awkRecord(state, current, io(answers)));
      going = settle(step);
      if (step.nextFile) source.skip();
      if (!going) break;
    }
  }
  if (result.status === 0) settle(perform((answers) => endAwk(state, io(answers))));
  for (const name of [...pipes.keys()]) closePipe(name);
  if (result.status === 0) result.status = state.exit ?? 0;
  return result;

  /** Records of the operands in order: files, assignments, "-". */
  function makeSource(operands: readonly string[]) {
    let at = 0;
    let rest: string | null = null;
    let anyFile = false;
    const open = (): boolean => {
      for (; at < operands.length; ) {
        const operand = operands[at++]!;
        const m = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(operand);
        if (m !== null) {
          state = assignAwk(state, m[1]!, m[2]!);
          continue;
        }
        if (operand === '') continue;
        anyFile = true;
        const file = operand === '-' ? { text: world.stdin } : world.readFile(operand);
        if ('error' in file) {
          result.err += dialect === 'mawk' ? `awk: cannot open "${operand}" (${file.error})\n` : `awk: ${operand}: ${file.error}\n`;
          result.status = dialect === 'mawk' ? 2 : 1;
          if (dialect === 'mawk') at = operands.length;
          return false;
        }
        state = awkFile(state, operand);
        rest = file.text;
        return true;
      }
      if (anyFile) return false;
      anyFile = true;
      state = awkFile(state, '-');
      rest = world.stdin;
      return true;
    };
    return {
      next(): string | null {
        for (;;) {
          if (rest === null && !open()) return null;
          const cut = cutRecord(rest!, recordSeparator(state), true);
          if (cut === null) {
            rest = null;
            continue;
          }
          rest = cut.rest;
          return cut.record;
        }
      },
      skip() {
        rest = null;
      },
    };
  }
}

/** What of `now` was not in `before`: a step that is run again begins with the same outputs. */
export function freshOutputs(before: readonly AwkOutput[], now: readonly AwkOutput[]): AwkOutput[] {
  return now.flatMap((item, i) => {
    const old = before[i];
    if (old === undefined) return [item];
    if (!('text' in item) || !('text' in old) || item.text.length <= old.text.length) return [];
    return [{ ...item, text: item.text.slice(old.text.length) }];
  });
}
