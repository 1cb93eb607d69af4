/**
 * Lists as --format shapes them (docker/cli, cli/command/formatter).
 *
 *   table {{.Names}}\t{{.Status}}     a heading from the columns' titles, cells in columns
 *   json                             a line of JSON a row
 *   {{.Names}} …                     the template's text, a line a row
 *
 * In Go a row is a context whose methods are the columns; here a context is a record of them.
 */
import { tabulate } from './tabwriter';
import {
  dockerFunctions,
  dockerTemplate,
  executeTemplate,
  type Func,
  type Functions,
  headerFunctions,
  type Methods,
  ofString,
  pointerTo,
  type StructType,
  string,
  TemplateError,
  toJson,
  type Value,
} from './template';

/** What every row knows of how it is asked for. */
export interface RowOptions {
  /** Ids and texts cut short. */
  trunc: boolean;
  /** Seconds since the epoch, for ages. */
  now: number;
}

export interface Column<T> {
  /** Its title; a column without one is shown by JSON alone. */
  title?: string;
  value(item: T, options: RowOptions): string | Value | undefined;
}

export interface Context<T> {
  /** The Go type that errors name: "formatter.ContainerContext". */
  type: string;
  columns: Record<string, Column<T>>;
  /** Methods with arguments: Label "key". */
  methods?: (item: T, options: RowOptions) => Record<string, Func>;
}

const asValue = (given: string | Value | undefined): Value | undefined => (typeof given === 'string' ? ofString(given) : given);

/** Go's json.Marshal also hides what HTML would read as markup. */
const htmlSafe = (json: string) => json.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);

/** The Go type of a row; its methods are of the item. `example` is any item. */
function rowType<T>(context: Context<T>, options: RowOptions, example: T | undefined): StructType {
  const names = Object.keys(context.columns).sort();
  const value = (item: T, name: string) => asValue(context.columns[name]?.value(item, options));
  const columns = names.map((name) => [name, (item: never) => ({ params: [], call: () => value(item, name) })] as const);
  const more = example === undefined ? [] : Object.keys(context.methods?.(example, options) ?? {});
  const methods: Methods = {
    ...Object.fromEntries(columns),
    ...Object.fromEntries(more.map((name) => [name, (item: never) => context.methods?.(item, options)[name] as Func])),
  };
  return {
    kind: 'struct',
    name: context.type,
    fields: [],
    methods,
    json: (item: never) => htmlSafe(`{${names.map((name) => `${JSON.stringify(name)}:${toJson(value(item, name))}`).join(',')}}`),
  };
}

/** Rows as a Go slice of contexts, for a template that ranges over them itself. */
export const listOf = <T>(context: Context<T>, items: readonly T[], options: RowOptions): Value => ({
  type: { kind: 'slice', elem: rowType(context, options, items[0]) },
  data: items,
});

/** The titles by column: a map that also answers Label "com.docker.x-y" with "x y". */
function titles<T>(context: Context<T>): Value {
  const known = Object.entries(context.columns).flatMap(([name, { title }]) => (title === undefined ? [] : [[name, title]]));
  const label: Func = { params: [string], call: (key) => ofString((String(key?.data).split('.').at(-1) ?? '').replace(/[-_]/g, ' ')) };
  return {
    type: { kind: 'map', key: string, elem: string, name: 'formatter.SubHeaderContext', methods: { Label: () => label } },
    data: Object.fromEntries(known),
  };
}

/**
 * The columns that a template asks for, found by running it on one row: what `docker ps` does with the format as typed, and
 * with an empty container, before it asks the engine. Throws TemplateError.
 */
export function columnsUsed<T>(context: Context<T>, format: string, item: T): Set<string> {
  const used = new Set<string>();
  const watched = Object.entries(context.columns).map(([name, column]): [string, Column<T>] => [
    name,
    {
      ...column,
      value(...given) {
        used.add(name);
        return column.value(...given);
      },
    },
  ]);
  const step = <R>(what: string, run: () => R): R => {
    try {
      return run();
    } catch (error) {
      throw error instanceof TemplateError ? new TemplateError(`failed to ${what} template: ${error.message}`) : error;
    }
  };
  const template = step('parse', () => dockerTemplate(format));
  const type = pointerTo(rowType({ ...context, columns: Object.fromEntries(watched) }, { trunc: false, now: 0 }, item));
  step('execute', () => executeTemplate(template, dockerFunctions, { type, data: item }));
  return used;
}

/** The list as text, lines ended. Throws TemplateError. */
export function formatList<T>(context: Context<T>, format: string, items: readonly T[], options: RowOptions): string {
  const table = format.startsWith('table');
  const body = format === 'json' ? '{{json .}}' : table ? format.slice('table'.length) : format;
  const source = body
    .replace(/^ +| +$/g, '')
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n');
  const run = (functions: Functions, value: Value) => executeTemplate(template, functions, value);
  let template: ReturnType<typeof dockerTemplate>;
  try {
    template = dockerTemplate(source);
    const type = pointerTo(rowType(context, options, items[0]));
    const rows = items.map((item) => `${run(dockerFunctions, { type, data: item })}\n`).join('');
    if (!table) return rows;
    return tabulate(`${run(headerFunctions, titles(context))}\n${rows}`, { minWidth: 10, tabWidth: 1, padding: 3, padChar: ' ' });
  } catch (error) {
    throw error instanceof TemplateError ? new TemplateError(`template parsing error: ${error.message}`) : error;
  }
}
