/**
 * uniq: runs of equal lines, one line at a time.
 *
 * Source: uniq(1) of coreutils 9.10, BusyBox 1.38's uniq.c.
 */
export interface UniqOptions {
  count?: boolean;
  /** -d: only lines that repeat. */
  repeated?: boolean;
  /** -u: only lines that do not. */
  unique?: boolean;
  /** -D and --group: every line, with an empty one `between` groups, or also before, after. */
  all?: 'none' | 'prepend' | 'separate';
  group?: 'prepend' | 'append' | 'separate' | 'both';
  icase?: boolean;
  skipFields?: number;
  skipChars?: number;
  checkChars?: number;
  separator?: string;
}
export interface UniqState {
  /** First line of the current run. */
  line: string | null;
  count: number;
  groups: number;
}
export const startUniq = (): UniqState => ({ line: null, count: 0, groups: 0 });

function keyOf(line: string, options: UniqOptions): string {
  let at = 0;
  for (let i = 0; i < (options.skipFields ?? 0); i++) at += /^[ \t]*[^ \t]*/.exec(line.slice(at))![0].length;
  const key = line.slice(at + (options.skipChars ?? 0)).slice(0, options.checkChars ?? undefined);
  return options.icase ? key.replace(/[a-z]+/g, (s) => s.toUpperCase()) : key;
}

function flush(state: UniqState, options: UniqOptions): string {
  if (state.line === null || options.all || options.group) return '';
  if (state.count === 1 ? options.repeated : options.unique) return '';
  return `${options.count ? `${String(state.count).padStart(7)} ` : ''}${state.line}${options.separator ?? '\n'}`;
}

/** Feeds one line without its separator. */
export function uniqLine(state: UniqState, line: string, options: UniqOptions): { state: UniqState; out: string } {
  const nl = options.separator ?? '\n';
  if (state.line !== null && keyOf(state.line, options) === keyOf(line, options)) {
    const grown = { ...state, count: state.count + 1 };
    if (options.group) return { state: grown, out: line + nl };
    if (!options.all) return { state: grown, out: '' };
    const opening =
      state.count > 1 ? '' : (options.all === 'prepend' || (options.all === 'separate' && state.groups > 0) ? nl : '') + state.line + nl;
    return { state: { ...grown, groups: state.groups + (state.count === 1 ? 1 : 0) }, out: opening + line + nl };
  }
  const before =
    options.group && (options.group === 'prepend' || options.group === 'both' || (state.line !== null && options.group !== 'append'))
      ? nl
      : '';
  const close = options.group === 'append' && state.line !== null ? nl : '';
  const out = flush(state, options) + (options.group ? close + before + line + nl : '');
  return { state: { ...state, line, count: 1 }, out };
}

/** The input has ended. */
export const endUniq = (state: UniqState, options: UniqOptions): string =>
  flush(state, options) +
  (state.line !== null && (options.group === 'append' || options.group === 'both') ? (options.separator ?? '\n') : '');
