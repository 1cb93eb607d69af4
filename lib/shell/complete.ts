/**
 * Completion: what could stand at the cursor. A pure function over a line and a read-only view of the machine.
 *
 *   ec|           commands: builtins, functions, aliases, programs in PATH
 *   cat /etc/pa|  paths          echo $HO|  variables          docker ru|  the program's own completer
 *
 * Source: bash(1) READLINE, Completing. Text, not bytes: the page's side of the machine.
 */

export interface CompletionView {
  /** Entries of a directory, or null if it cannot be read. Absolute paths. */
  readdir(path: string): readonly { name: string; type: string }[] | null;
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** Further command names: builtins, functions, aliases. */
  commands?: readonly string[];
  /** A program's own completer: its words so far and which of them is being completed; null leaves it to files. */
  complete?(words: readonly string[], index: number): readonly string[] | null;
}

export interface Completion {
  /** The part of the line that a candidate takes the place of. */
  start: number;
  end: number;
  /** Sorted, each as it would be inserted. */
  candidates: readonly string[];
  /** What all candidates begin with: put in at the first Tab. */
  common: string;
  /** The only candidate, with what comes behind it: a blank, or nothing after a directory. */
  only: string | null;
}

interface Token {
  text: string;
  start: number;
  /** The quote that is open at its end. */
  quote: '' | "'" | '"';
}

/** Words of the command that the cursor is in; the last is the one being completed. */
function tokens(line: string): Token[] {
  let all: Token[] = [];
  let now: Token | null = null;
  let quote: Token['quote'] = '';
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (quote !== '') {
      if (c === quote) quote = '';
      else if (c === '\\' && quote === '"' && i + 1 < line.length) now!.text += line[++i];
      else now!.text += c;
      continue;
    }
    if (c === ' ' || c === '\t' || c === '\n') {
      if (now !== null) all.push(now);
      if (c === '\n') all = [];
      now = null;
    } else if (';|&('.includes(c)) {
      all = [];
      now = null;
    } else if (c === '<' || c === '>') {
      if (now !== null) all.push(now);
      all.push({ text: c, start: i, quote: '' });
      now = null;
    } else {
      now ??= { text: '', start: i, quote: '' };
      if (c === "'" || c === '"') quote = c;
      else if (c === '\\' && i + 1 < line.length) now.text += line[++i];
      else now.text += c;
    }
  }
  all.push(now === null ? { text: '', start: line.length, quote: '' } : { ...now, quote });
  return all;
}

const SPECIAL = /[\s"'\\$`&|;<>()*?[\]{}#~!]/g;

function quoteFor(token: Token, text: string): string {
  if (token.quote !== '') return token.quote + text;
  return text.replace(SPECIAL, '\\$&');
}

export function complete(line: string, cursor: number, view: CompletionView): Completion {
  const words = tokens(line.slice(0, cursor));
  const token = words.at(-1)!;
  const variable = /\$\{?([A-Za-z_][A-Za-z0-9_]*)?$/.exec(token.text);
  if (variable !== null && token.quote !== "'") {
    const braced = variable[0].startsWith('${');
    const names = Object.keys(view.env).filter((n) => n.startsWith(variable[1] ?? ''));
    const start = cursor - variable[0].length;
    return answer(
      start,
      cursor,
      names.map((n) => (braced ? `\${${n}}` : `$${n}`)),
      () => ' ',
    );
  }
  const arrow = words.findLastIndex((w, i) => i < words.length - 1 && (w.text === '<' || w.text === '>'));
  const argument = words
    .slice(0, -1)
    .filter((w, i, all) => !/^[<>]$/.test(w.text) && !(i > 0 && /^[<>]$/.test(all[i - 1]!.text)) && !/^[A-Za-z_]\w*=/.test(w.text));
  const redirected = arrow === words.length - 2 && arrow >= 0;
  const first = argument.length === 0 && !redirected;
  if (first && !token.text.includes('/') && !/^[A-Za-z_]\w*=/.test(token.text)) {
    const names = commandNames(view).filter((n) => n.startsWith(token.text));
    return answer(
      token.start,
      cursor,
      names.map((n) => quoteFor(token, n)),
      () => (token.quote === '' ? ' ' : `${token.quote} `),
    );
  }
  if (!first && !redirected && view.complete) {
    const own = view.complete([...argument.map((w) => w.text), token.text], argument.length);
    if (own !== null)
      return answer(
        token.start,
        cursor,
        own.filter((c) => c.startsWith(token.text)).map((c) => quoteFor(token, c)),
        (c) => (/[=/:]$/.test(c) ? '' : ' '),
      );
  }
  const assigned = /^[A-Za-z_]\w*=/.exec(token.text)?.[0].length ?? 0;
  const files = paths(token.text.slice(assigned), view).map((f) => ({ ...f, path: token.text.slice(0, assigned) + f.path }));
  return answer(
    token.start,
    cursor,
    files.map((f) => quoteFor(token, f.path).replace(/^\\~/, '~')),
    (c) => (c.endsWith('/') ? '' : token.quote === '' ? ' ' : `${token.quote} `),
  );
}

function answer(start: number, end: number, found: readonly string[], behind: (c: string) => string): Completion {
  const candidates = [...new Set(found)].sort((a, b) => (a < b ? -1 : 1));
  let common = candidates[0] ?? '';
  for (const c of candidates) while (!c.startsWith(common)) common = common.slice(0, -1);
  return { start, end, candidates, common, only: candidates.length === 1 ? candidates[0]! + behind(candidates[0]!) : null };
}

function commandNames(view: CompletionView): string[] {
  const found = new Set(view.commands ?? []);
  for (const dir of (view.env.PATH ?? '').split(':')) {
    if (dir === '') continue;
    for (const entry of view.readdir(dir) ?? []) if (entry.type !== 'dir') found.add(entry.name);
  }
  return [...found];
}

/** Files whose path begins with `text`; directories end in a slash. */
function paths(text: string, view: CompletionView): { path: string }[] {
  const slash = text.lastIndexOf('/');
  const shown = text.slice(0, slash + 1);
  const name = text.slice(slash + 1);
  const home = view.env.HOME ?? '/';
  const dir = shown.startsWith('~/') ? home + shown.slice(1) : shown.startsWith('/') ? shown : `${view.cwd}/${shown}`;
  if (text === '~') return [{ path: '~/' }];
  return (view.readdir(dir) ?? [])
    .filter((e) => e.name !== '.' && e.name !== '..' && e.name.startsWith(name) && (name.startsWith('.') || !e.name.startsWith('.')))
    .map((e) => ({
      path: `${shown}${e.name}${e.type === 'dir' || (e.type === 'symlink' && view.readdir(`${dir}${dir.endsWith('/') ? '' : '/'}${e.name}`) !== null) ? '/' : ''}`,
    }));
}
