/**
 * Console files: a terminal session as text, with what each command printed.
 *
 *   # comment (only before the first command)
 *   $ docker start nope
 *   Error response from daemon: No such container: nope
 *   [1]
 *
 * A command starts with "$ " and goes on over lines that start with "> ". Then comes its output, standard output and
 * standard error as they came, then "[N]" if the exit status N was not 0. An output line that would read as one of
 * these, or that starts with a backslash, is written behind a backslash.
 *
 * Two recordings of one session never agree in ids, times and ephemeral ports: `normalise` replaces what no two runs
 * share, so that what is left can be compared as text.
 */

export interface Step {
  /** The command, with newlines where it goes on. */
  command: string;
  /** What it printed, without the last newline. */
  output: string;
  /** Its exit status. */
  status: number;
}

export interface ConsoleFile {
  /** The comment lines before the first command. */
  head: string;
  steps: Step[];
}

const statusLine = /^\[(\d+)\]$/;
const ambiguous = /^(?:\\|\$ |\$$|> |>$|\[\d+\]$)/;

export function parse(text: string): ConsoleFile {
  const head: string[] = [];
  const steps: { command: string[]; output: string[]; status: number }[] = [];
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const step = steps.at(-1);
    const status = statusLine.exec(line);
    if (line.startsWith('$ ')) steps.push({ command: [line.slice(2)], output: [], status: 0 });
    else if (!step) head.push(line);
    else if ((line === '>' || line.startsWith('> ')) && step.output.length === 0) step.command.push(line.slice(2));
    else if (status) step.status = Number(status[1]);
    else step.output.push(line.startsWith('\\') ? line.slice(1) : line);
  }
  return {
    head: head.join('\n'),
    steps: steps.map(({ command, output, status }) => ({ command: command.join('\n'), output: output.join('\n'), status })),
  };
}

export function format({ head, steps }: ConsoleFile): string {
  const lines = head === '' ? [] : [head];
  for (const { command, output, status } of steps) {
    lines.push(`$ ${command.split('\n').join('\n> ')}`);
    if (output !== '') lines.push(...output.split('\n').map((line) => (ambiguous.test(line) ? `\\${line}` : line)));
    if (status !== 0) lines.push(`[${status}]`);
  }
  return `${lines.join('\n')}\n`;
}

/** Ids in the forms Docker prints them: full, short, the 25 characters of BuildKit's records and of a swarm, and the first 12 of these. */
const ids = [
  /\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g,
  /\b[0-9a-f]{64}\b/g,
  /\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12}\b/g,
  /\b(?=[a-z0-9]*\d)(?=[a-z0-9]*[g-z])[a-z0-9]{25}\b/g,
  /\b(?=[a-z]*\d)(?=[a-z0-9]*[g-z])[a-z0-9]{12}\b/g,
];

/** What else differs from run to run, in the order it is looked for. */
const volatile: [what: RegExp, mark: string][] = [
  [/\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b/g, '<mac>'],
  [/\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/g, '<time>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d))?( UTC)?/g, '<time>'],
  [/\b\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}/g, '<time>'],
  [/\b(Less than a second|About an? (minute|hour)|\d+ (second|minute|hour|day|week|month|year)s?)\b/g, '<age>'],
  [/\b(3276[89]|327[7-9]\d|32[89]\d\d|33\d{3})\b/g, '<port>'],
  [/\b\d+\.\d+s\b( done)?/g, '<s>'],
  [/^(#\d+ (DONE|extracting|transferring [a-z ]+:|exporting layers|writing image|naming to|pushing layer)).*$/gm, '$1'],
  [/^#\d+ (DONE|CACHED)$/gm, '# $1'],
  [/^#\d+ /gm, '# '],
  [/time=\d+(\.\d+)? ms/g, 'time=<ms>'],
  [/^round-trip .*$/gm, 'round-trip <ms>'],
];

/** What differs in the output of some commands only. */
const volatileIn: [command: RegExp, what: RegExp, mark: string][] = [
  // Layers come and go side by side; how small one is packed depends on who packs it.
  [/\bdocker (push|pull)\b/, /^<id\d+>: /gm, '<layer>: '],
  [/\bdocker (push|pull|create|run)\b/, /^.*: Verifying Checksum\n/gm, ''],
  [/\bdocker (create|run)\b/, /^<id\d+>: (?=(Pull|Download) complete$)/gm, '<layer>: '],
  [/\bimagetools create\b/, /^# \d+\.\d+ /gm, '# <s> '],
  [/\bdocker push\b/, /size: \d+/g, 'size: <size>'],
  [/\b(curl|imagetools|manifest)\b/, /"size": ?\d+|^Content-Length: \d{3,}|_state=\S+/gim, '<size>'],
  [
    /^docker (images|image ls|system df|buildx du|builder du|ps .*-s|builder prune|system prune|image prune)/,
    /\b\d+(\.\d+)?([kKMGT]i?)?B\b/g,
    '<size>',
  ],
  [/^docker (container )?top/, /(?<=\s)(\d+|\d\d:\d\d(:\d\d)?)(?=\s)/g, '<n>'],
];

/** Compose reports on containers in the order they happen to finish; what changed beside each other comes in the order of a Go map. */
const unordered =
  /\bdocker (push|pull)\b|^docker (compose\b.*\b(up|down|stop|start|restart|rm|create|kill|run|pause|unpause)\b|(container )?diff\b)/;

/** An id as the number of its first appearance; a short id is the same as the long one it begins. */
function numbered(hex: string, seen: string[]): string {
  const at = seen.findIndex((id) => id.startsWith(hex) || hex.startsWith(id));
  if (at < 0) return `<id${seen.push(hex) - 1}>`;
  if (hex.length > seen[at]!.length) seen[at] = hex;
  return `<id${at}>`;
}

/** The output of one step without what no two runs share. `seen` holds the ids of the session so far, and grows. */
export function normalise({ command, output }: Pick<Step, 'command' | 'output'>, seen: string[] = []): string {
  let text = output;
  for (const id of ids) text = text.replace(id, (hex) => numbered(hex, seen));
  for (const [what, mark] of volatile) text = text.replace(what, mark);
  for (const [where, what, mark] of volatileIn) if (where.test(command)) text = text.replace(what, mark);
  const lines = text
    .split('\n')
    .map((line) => line.replace(/[ \t]+/g, ' ').trim())
    .filter((line) => line !== '');
  return (unordered.test(command) ? lines.sort() : lines).join('\n');
}

export interface Comparison {
  command: string;
  wanted: string;
  given: string;
  /** Recorded and given exit status; -1 when there was no answer. */
  status: [number, number];
  same: boolean;
}

/** What was printed, held against a recording: one row a command. */
export function compare(recorded: Step[], printed: Step[]): Comparison[] {
  const seen: [string[], string[]] = [[], []];
  return recorded.map((want, i) => {
    const got = printed[i] ?? { output: '', status: -1 };
    const wanted = normalise(want, seen[0]);
    const given = normalise({ command: want.command, output: got.output }, seen[1]);
    return {
      command: want.command,
      wanted,
      given,
      status: [want.status, got.status],
      same: wanted === given && want.status === got.status,
    };
  });
}
