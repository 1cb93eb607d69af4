/**
 * Running jq programs. An expression gives any number of values; each is handed to `out`, so backtracking is a return.
 *
 * Where a path is wanted (`path(f)`, `f |= g`, `del(f)`) every value comes with the path that led to it; `null` means nobody
 * asks, `false` that the value was computed and has no path.
 * Source: jq 1.8's manual; builtin.jq for what is defined in jq itself (PRELUDE).
 * Simplified: repeat, while, until and recurse gather the outputs of one step before going on.
 * Past 400 lines because expressions, paths and the prelude call each other: one evaluator.
 */
import { add, divide, FUNCTIONS, format, modulo, multiply, subtract } from './functions';
import { deletePaths, get, getPath, type Path, setPath, sliceKey } from './paths';
import { type Arith, CompileError, type Definition, located, type Node, type Pattern, parseJq } from './syntax';
import { compare, dump, equal, fail, isLiteral, JqError, type Json, kindOf, num, print, shown, toText, truthy } from './value';

export type Tracked = Path | null | false;
type Out = (value: Json, path: Tracked) => void;

/** What a program may ask of its surroundings. */
export interface JqIo {
  /** The next input, or undefined when there is none. */
  input(): Json | undefined;
  /** Newlines read so far. */
  line(): number;
  filename(): string | null;
  stderr(text: string): void;
  env: Readonly<Record<string, string>>;
  /** Epoch seconds. */
  now: number;
}

/** halt and halt_error. */
export class JqHalt extends Error {
  constructor(
    readonly status: number,
    readonly value: Json | undefined,
  ) {
    super('halt');
  }
}
/** break: leaves the label whose token it carries. */
class Break {
  constructor(readonly token: object) {}
}

type Entry =
  | { kind: 'var'; name: string; value: Json; next: Env }
  | { kind: 'def'; name: string; def: Definition; next: Env }
  | { kind: 'closure'; name: string; node: Node; env: Env; next: Env }
  | { kind: 'label'; name: string; token: object; next: Env };
type Env = Entry | null;

const PRELUDE = `
def map(f): [.[] | f];
def map_values(f): .[] |= f;
def select(f): if f then . else empty end;
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type | . == "array" or . == "object");
def scalars: select(type | . != "array" and . != "object");
def finites: select(isinfinite or isnan | not);
def normals: select(isnormal);
def sort_by(f): _sort_by(map([f]));
def group_by(f): _group_by(map([f]));
def unique_by(f): _unique_by(map([f]));
def min_by(f): _min_by(map([f]));
def max_by(f): _max_by(map([f]));
def recurse: recurse(.[]?);
def recurse(f; cond): def r: ., (f | select(cond) | r); r;
def with_entries(f): to_entries | map(f) | from_entries;
def from_entries: reduce .[] as $x ({}; . + { ($x | if .key == null then if .Key != null then .Key elif .name != null then .name elif .Name != null then .Name else .key end else .key end
  | if type == "null" then error("Cannot use null (null) as object key") elif type == "string" then . else tojson end): ($x | if has("value") then .value elif has("Value") then .Value else null end) });
def del(f): delpaths([path(f)]);
def paths: path(..) | select(length > 0);
def paths(f): path(.. | select(f)) | select(length > 0);
def add(f): reduce f as $x (null; . + $x);
def any: any(.[]; .);
def all: all(.[]; .);
def any(f): any(.[]; f);
def all(f): all(.[]; f);
def any(g; cond): isempty(first(g | cond | select(.))) | not;
def all(g; cond): isempty(first(g | cond | select(. | not)));
def isempty(g): label $go | (g | false, break $go), true;
def in(xs): . as $x | xs | has($x);
def first: .[0];
def last: .[-1];
def nth($n): .[$n];
def nth($n; f): if $n < 0 then error("nth doesn't support negative indices") else first(skip($n; f)) end;
def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w end;
def combinations(n): . as $dot | [range(n)] | map($dot) | combinations;
def walk(f): def w: if type == "object" then map_values(w) elif type == "array" then map(w) else . end | f; w;
def env: $ENV;
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;
def fromdate: fromdateiso8601;
def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ");
def date: todate;
def dateadd(u; n): . + n;
def datesub(u; n): . - n;
def match(re; mode): _match(re; mode; false) | .[];
def match($val): ($val | type) as $vt | if $vt == "string" then match($val; null) elif $vt == "array" and ($val | length) > 1 then match($val[0]; $val[1]) elif $vt == "array" and ($val | length) > 0 then match($val[0]; null) else error($vt + " not a string or array") end;
def test(re; mode): _match(re; mode; true);
def test($val): ($val | type) as $vt | if $vt == "string" then test($val; null) elif $vt == "array" and ($val | length) > 1 then test($val[0]; $val[1]) elif $vt == "array" and ($val | length) > 0 then test($val[0]; null) else _match($val; null; true) end;
def _named: [.captures[] | select(.name != null) | { key: .name, value: .string }] | from_entries;
def capture(re; mods): match(re; mods) | _named;
def capture($val): match($val) | _named;
def scan($re; $flags): match($re; "g" + $flags) | if (.captures | length) > 0 then [.captures[] | .string] else .string end;
def scan($re): scan($re; null);
def split($re; flags): . as $s | [foreach ((match($re; flags + "g") | [.offset, .length]), null) as $m ([0, null]; if $m == null then [.[0], $s[.[0]:]] else [$m[0] + $m[1], $s[.[0]:$m[0]]] end; .[1])];
def splits($re): splits($re; null);
def splits($re; flags): split($re; flags) | .[];
def sub($re; str; $flags): . as $in | (reduce (match($re; $flags)) as $edit ([[], 0]; .[1] as $previous | ($edit | _named) as $c | [.[0] + [[$in[$previous:$edit.offset], $c]], $edit.offset + $edit.length])) as $edits
  | def build($i): if $i == ($edits[0] | length) then "" else ($edits[0][$i][1] | str) as $s | (if ($s | type) == "string" then $edits[0][$i][0] + $s else error(($edits[0][$i][1] | tojson) + " cannot be added to a string") end) as $head | build($i + 1) | $head + . end;
  build(0) | . + $in[$edits[1]:];
def sub($re; str): sub($re; str; "");
def gsub($re; str; $flags): sub($re; str; $flags + "g");
def gsub($re; str): sub($re; str; "g");
def tostream: tostream_[];
def fromstream(f): { x: null, e: false } as $init | foreach f as $i ($init; if .e then $init else . end | if $i | length == 2 then setpath(["e"]; $i[0] | length == 0) | setpath(["x"] + $i[0]; $i[1]) else setpath(["e"]; $i[0] | length == 1) end; if .e then .x else empty end);
def truncate_stream(stream): . as $n | null | stream | . as $input | if (.[0] | length) > $n then setpath([0]; .[0][$n:]) else empty end;
def pick(pathexps): . as $top | reduce path(pathexps) as $p (null; setpath($p; $top | getpath($p)));
def debug(msg): (msg | debug | empty), .;
def IN(s): any(s == .; .);
def IN(src; s): any(src == s; .);
def INDEX(stream; idx_expr): reduce stream as $row ({}; .[$row | idx_expr | tostring] |= $row);
def INDEX(idx_expr): INDEX(.[]; idx_expr);
def halt_error: halt_error(5);
`;

/** name/arity → definition in jq itself, parsed when first needed. */
const prelude: { defs?: Map<string, Definition> } = {};
function preludeDefs(): Map<string, Definition> {
  if (prelude.defs === undefined) {
    const defs = new Map<string, Definition>();
    for (let node = parseJq(`${PRELUDE} .`); node.kind === 'def'; node = node.body) {
      defs.set(`${node.def.name}/${node.def.params.length}`, node.def);
    }
    prelude.defs = defs;
  }
  return prelude.defs;
}

/** Functions that deal with paths, closures or the outside, and so are part of the evaluator. */
const SPECIAL = new Set([
  'empty/0',
  'path/1',
  'getpath/1',
  'range/1',
  'range/2',
  'range/3',
  'limit/2',
  'skip/2',
  'first/1',
  'last/1',
  'until/2',
  'while/2',
  'repeat/1',
  'recurse/1',
  'input/0',
  'inputs/0',
  'debug/0',
  'stderr/0',
  'input_line_number/0',
  'input_filename/0',
  'now/0',
  'halt/0',
  'halt_error/1',
  'builtins/0',
]);

const known = (key: string): boolean => Object.hasOwn(FUNCTIONS, key) || SPECIAL.has(key) || preludeDefs().has(key);

/** Finds names that are not defined: they are compile errors, all told at once. */
function check(program: string, root: Node, globals: ReadonlySet<string>): void {
  const errors: string[] = [];
  type Scope = ReadonlySet<string>;
  const missing = (what: string, node: { at: number; length: number }) =>
    void errors.push(`jq: error: ${what} is not defined ${located(program, node.at, node.length)}`);
  const variables = (pattern: Pattern): string[] =>
    pattern.kind === 'var'
      ? [`$${pattern.name}`]
      : pattern.kind === 'array'
        ? pattern.items.flatMap(variables)
        : pattern.entries.flatMap((e) => [
            ...(e.name === undefined ? [] : [`$${e.name}`]),
            ...(e.pattern === undefined ? [] : variables(e.pattern)),
          ]);
  const keys = (pattern: Pattern, scope: Scope): void => {
    if (pattern.kind === 'array') for (const item of pattern.items) keys(item, scope);
    if (pattern.kind === 'object')
      for (const entry of pattern.entries) {
        walk(entry.key, scope);
        if (entry.pattern !== undefined) keys(entry.pattern, scope);
      }
  };
  const walk = (node: Node | null, scope: Scope): void => {
    if (node === null) return;
    switch (node.kind) {
      case 'variable':
        if (!scope.has(`$${node.name}`)) missing(`$${node.name}`, node);
        return;
      case 'break':
        if (!scope.has(`*${node.name}`)) missing(`$*label-${node.name}`, node);
        return;
      case 'call':
        if (!scope.has(`${node.name}/${node.args.length}`) && !known(`${node.name}/${node.args.length}`))
          missing(`${node.name}/${node.args.length}`, node);
        for (const arg of node.args) walk(arg, scope);
        return;
      case 'label':
        return walk(node.body, new Set([...scope, `*${node.name}`]));
      case 'def': {
        const key = `${node.def.name}/${node.def.params.length}`;
        const inner = new Set([...scope, key]);
        walk(
          node.def.body,
          new Set([...inner, ...node.def.params.flatMap((p) => (p.startsWith('$') ? [p, `${p.slice(1)}/0`] : [`${p}/0`]))]),
        );
        return walk(node.body, inner);
      }
      case 'bind':
      case 'reduce':
      case 'foreach': {
        walk(node.source, scope);
        const inner = new Set([...scope, ...node.patterns.flatMap(variables)]);
        for (const pattern of node.patterns) keys(pattern, inner);
        if (node.kind === 'bind') return walk(node.body, inner);
        walk(node.start, scope);
        walk(node.update, inner);
        if (node.kind === 'foreach') walk(node.extract, inner);
        return;
      }
      case 'index':
        walk(node.of, scope);
        return walk(node.key, scope);
      case 'slice':
        walk(node.of, scope);
        walk(node.from, scope);
        return walk(node.to, scope);
      case 'iterate':
      case 'negate':
        return walk(node.of, scope);
      case 'string':
        for (const part of node.parts) if (typeof part !== 'string') walk(part, scope);
        return;
      case 'array':
        return walk(node.body, scope);
      case 'object':
        for (const entry of node.entries) {
          walk(entry.key, scope);
          walk(entry.value, scope);
        }
        return;
      case 'if':
        for (const branch of node.branches) {
          walk(branch.test, scope);
          walk(branch.then, scope);
        }
        return walk(node.otherwise, scope);
      case 'try':
        walk(node.body, scope);
        return walk(node.handler, scope);
      case 'pipe':
      case 'comma':
      case 'and':
      case 'or':
      case 'alternative':
      case 'arith':
      case 'compare':
      case 'assign':
        walk(node.left, scope);
        walk(node.right, scope);
    }
  };
  walk(root, globals);
  if (errors.length > 0) throw new CompileError(errors);
}

const ARITH: Readonly<Record<Arith, (a: Json, b: Json) => Json>> = { '+': add, '-': subtract, '*': multiply, '/': divide, '%': modulo };
const COMPARE: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (o) => o < 0,
  '<=': (o) => o <= 0,
  '>': (o) => o > 0,
  '>=': (o) => o >= 0,
};
const MAX_STEPS = 20_000_000;
const isNumber = (v: Json): boolean => typeof v === 'number' || isLiteral(v);

export interface JqProgram {
  run(input: Json, io: JqIo, out: (value: Json) => void): void;
}

/** Compiles a program; `variables` are its global variables ($ENV and $__prog_args are added by itself). Throws CompileError. */
export function compileJq(text: string, variables: Readonly<Record<string, Json>> = {}): JqProgram {
  const root = parseJq(text);
  check(text, root, new Set([...Object.keys(variables).map((name) => `$${name}`), '$ENV']));
  return { run: (input, io, out) => execute(root, input, variables, io, out) };
}

function execute(root: Node, input: Json, variables: Readonly<Record<string, Json>>, io: JqIo, emit: (value: Json) => void): void {
  const fuel = { left: MAX_STEPS };
  let globals: Env = { kind: 'var', name: 'ENV', value: new Map(Object.entries(io.env)), next: null };
  for (const [name, value] of Object.entries(variables)) globals = { kind: 'var', name, value, next: globals };
  const defs = preludeDefs();

  const extend = (path: Tracked, key: Json): Tracked => (path ? [...path, key] : path);
  const computed = (path: Tracked): Tracked => (path === null ? null : false);
  const access = (value: Json, key: Json, path: Tracked): Tracked => {
    if (path === false) return fail(`Invalid path expression with result ${dump(value)}`);
    return extend(path, key);
  };
  /** Outputs of an expression, without paths. */
  const each = (node: Node, env: Env, value: Json, f: (value: Json) => void) => evaluate(node, env, value, null, (v) => f(v));
  const gather = (node: Node, env: Env, value: Json): Json[] => {
    const all: Json[] = [];
    each(node, env, value, (v) => void all.push(v));
    return all;
  };
  const pathsOf = (node: Node, env: Env, value: Json, f: (path: Path, value: Json) => void) =>
    evaluate(node, env, value, [], (v, path) => (path ? f(path, v) : fail(`Invalid path expression with result ${dump(v)}`)));

  /** Cartesian product of arguments, the last one slowest. */
  const product = (args: readonly Node[], env: Env, value: Json, f: (values: Json[]) => void): void => {
    const chosen: Json[] = new Array(args.length).fill(null);
    const choose = (i: number): void => {
      if (i < 0) return f([...chosen]);
      each(args[i]!, env, value, (v) => {
        chosen[i] = v;
        choose(i - 1);
      });
    };
    choose(args.length - 1);
  };
  /** `def f($a; $b)`: the first one slowest. */
  const bindEach = (args: readonly Node[], env: Env, value: Json, f: (values: Json[]) => void, values: Json[] = []): void => {
    if (values.length === args.length) return f(values);
    each(args[values.length]!, env, value, (v) => bindEach(args, env, value, f, [...values, v]));
  };

  function destructure(pattern: Pattern, value: Json, env: Env, f: (env: Env) => void): void {
    if (pattern.kind === 'var') return f({ kind: 'var', name: pattern.name, value, next: env });
    if (pattern.kind === 'array') {
      const step = (i: number, inner: Env): void =>
        i < 0 ? f(inner) : destructure(pattern.items[i]!, get(value, i), inner, (e) => step(i - 1, e));
      return step(pattern.items.length - 1, env);
    }
    const step = (i: number, inner: Env): void => {
      const entry = pattern.entries[i];
      if (entry === undefined) return f(inner);
      each(entry.key, inner, value, (key) => {
        if (typeof key !== 'string') fail(`Cannot index ${kindOf(value)} with ${kindOf(key)} (${dump(key)})`);
        const item = get(value, key);
        const named: Env = entry.name === undefined ? inner : { kind: 'var', name: entry.name, value: item, next: inner };
        if (entry.pattern === undefined) step(i + 1, named);
        else destructure(entry.pattern, item, named, (e) => step(i + 1, e));
      });
    };
    step(0, env);
  }
  const patternVariables = (pattern: Pattern): string[] =>
    pattern.kind === 'var'
      ? [pattern.name]
      : pattern.kind === 'array'
        ? pattern.items.flatMap(patternVariables)
        : pattern.entries.flatMap((e) => [
            ...(e.name === undefined ? [] : [e.name]),
            ...(e.pattern === undefined ? [] : patternVariables(e.pattern)),
          ]);
  /** All alternatives of `?//`: an error under one goes on with the next. */
  function bindPatterns(patterns: readonly Pattern[], value: Json, env: Env, f: (env: Env) => void): void {
    if (patterns.length === 1) return destructure(patterns[0]!, value, env, f);
    let base = env;
    for (const name of patterns.flatMap(patternVariables)) base = { kind: 'var', name, value: null, next: base };
    for (let i = 0; ; i++) {
      try {
        return destructure(patterns[i]!, value, base, f);
      } catch (error) {
        if (!(error instanceof JqError) || i === patterns.length - 1) throw error;
      }
    }
  }

  /** Runs `body`, telling its own errors from those of whoever takes its outputs. */
  function guarded(body: (out: Out) => void, out: Out, handle: (error: JqError) => void): void {
    let outside = false;
    try {
      body((v, path) => {
        outside = true;
        out(v, path);
        outside = false;
      });
    } catch (error) {
      if (outside || !(error instanceof JqError)) throw error;
      handle(error);
    }
  }
  /** Runs `body` until it calls stop. */
  function stoppable(body: (stop: () => never) => void): void {
    const token = {};
    try {
      body(() => {
        throw new Break(token);
      });
    } catch (error) {
      if (!(error instanceof Break) || error.token !== token) throw error;
    }
  }

  function evaluate(node: Node, env: Env, value: Json, path: Tracked, out: Out): void {
    if (--fuel.left < 0) throw new JqError('drydock: the program takes too many steps');
    switch (node.kind) {
      case 'identity':
        return out(value, path);
      case 'literal':
        return out(node.value, computed(path));
      case 'everything':
        return recurse(value, path, out);
      case 'index':
        return evaluate(node.of, env, value, path, (v, p) => each(node.key, env, value, (key) => out(get(v, key), access(v, key, p))));
      case 'slice':
        return evaluate(node.of, env, value, path, (v, p) => {
          const ends = (n: Node | null, f: (v: Json) => void) => (n === null ? f(null) : each(n, env, value, f));
          ends(node.to, (to) =>
            ends(node.from, (from) => {
              if (v !== null && !Array.isArray(v) && typeof v !== 'string')
                fail(`Cannot index ${kindOf(v)} with object (${dump(sliceKey(from, to))})`);
              out(get(v, sliceKey(from, to)), access(v, sliceKey(from, to), p));
            }),
          );
        });
      case 'iterate':
        return evaluate(node.of, env, value, path, (v, p) => iterate(v, p, out));
      case 'string':
        return interpolate(node.parts, node.format ?? 'text', env, value, (text) => out(text, computed(path)));
      case 'format':
        return out(format(node.name, value), computed(path));
      case 'array':
        return out(node.body === null ? [] : gather(node.body, env, value), computed(path));
      case 'object':
        return construct(node.entries, 0, new Map(), env, value, (v) => out(v, computed(path)));
      case 'negate':
        return each(node.of, env, value, (v) => out(isNumber(v) ? 0 - num(v) : fail(`${shown(v)} cannot be negated`), computed(path)));
      case 'pipe':
        return evaluate(node.left, env, value, path, (v, p) => evaluate(node.right, env, v, p, out));
      case 'comma':
        evaluate(node.left, env, value, path, out);
        return evaluate(node.right, env, value, path, out);
      case 'and':
      case 'or':
        return each(node.left, env, value, (l) => {
          if (truthy(l) !== (node.kind === 'and')) return out(node.kind === 'or', computed(path));
          each(node.right, env, value, (r) => out(truthy(r), computed(path)));
        });
      case 'alternative': {
        let any = false;
        evaluate(node.left, env, value, path, (v, p) => {
          if (!truthy(v)) return;
          any = true;
          out(v, p);
        });
        if (!any) evaluate(node.right, env, value, path, out);
        return;
      }
      case 'arith':
        return each(node.right, env, value, (r) => each(node.left, env, value, (l) => out(ARITH[node.op](l, r), computed(path))));
      case 'compare':
        return each(node.right, env, value, (r) =>
          each(node.left, env, value, (l) =>
            out(node.op === '==' ? equal(l, r) : node.op === '!=' ? !equal(l, r) : COMPARE[node.op]!(compare(l, r)), computed(path)),
          ),
        );
      case 'assign':
        return assign(node, env, value, (v) => out(v, computed(path)));
      case 'if': {
        const branch = (i: number): void => {
          const b = node.branches[i];
          if (b === undefined) return node.otherwise === null ? out(value, path) : evaluate(node.otherwise, env, value, path, out);
          each(b.test, env, value, (test) => (truthy(test) ? evaluate(b.then, env, value, path, out) : branch(i + 1)));
        };
        return branch(0);
      }
      case 'try':
        return guarded(
          (o) => evaluate(node.body, env, value, path, o),
          out,
          (error) => {
            if (node.handler !== null) evaluate(node.handler, env, error.value, computed(path), out);
          },
        );
      case 'reduce':
        return evaluate(node.start, env, value, path, (start, startPath) => {
          let state = start;
          let statePath = startPath;
          each(node.source, env, value, (item) =>
            bindPatterns(node.patterns, item, env, (inner) => {
              let last: Json = null;
              let lastPath: Tracked = computed(path);
              evaluate(node.update, inner, state, statePath, (v, p) => {
                last = v;
                lastPath = p;
              });
              state = last;
              statePath = lastPath;
            }),
          );
          out(state, statePath);
        });
      case 'foreach':
        return evaluate(node.start, env, value, path, (start, startPath) => {
          let state = start;
          let statePath = startPath;
          each(node.source, env, value, (item) =>
            bindPatterns(node.patterns, item, env, (inner) =>
              evaluate(node.update, inner, state, statePath, (v, p) => {
                state = v;
                statePath = p;
                if (node.extract === null) out(v, p);
                else evaluate(node.extract, inner, v, p, out);
              }),
            ),
          );
        });
      case 'bind':
        return each(node.source, env, value, (item) =>
          bindPatterns(node.patterns, item, env, (inner) => evaluate(node.body, inner, value, path, out)),
        );
      case 'def':
        return evaluate(
          node.body,
          { kind: 'def', name: `${node.def.name}/${node.def.params.length}`, def: node.def, next: env },
          value,
          path,
          out,
        );
      case 'variable':
        for (let e = env; e !== null; e = e.next) if (e.kind === 'var' && e.name === node.name) return out(e.value, computed(path));
        return;
      case 'location':
        return out(
          new Map<string, Json>([
            ['file', '<top-level>'],
            ['line', node.line],
          ]),
          computed(path),
        );
      case 'label': {
        const token = {};
        try {
          evaluate(node.body, { kind: 'label', name: node.name, token, next: env }, value, path, out);
        } catch (error) {
          if (!(error instanceof Break) || error.token !== token) throw error;
        }
        return;
      }
      case 'break':
        for (let e = env; e !== null; e = e.next) if (e.kind === 'label' && e.name === node.name) throw new Break(e.token);
        return;
      case 'call':
        return call(node, env, value, path, out);
    }
  }

  function iterate(v: Json, path: Tracked, out: Out): void {
    if (path === false) fail(`Invalid path expression with result ${dump(v)}`);
    if (Array.isArray(v)) v.forEach((item, i) => out(item, extend(path, i)));
    else if (v instanceof Map) for (const [key, item] of [...v]) out(item, extend(path, key));
    else fail(`Cannot iterate over ${shown(v)}`);
  }
  function recurse(v: Json, path: Tracked, out: Out): void {
    out(v, path);
    if (Array.isArray(v)) v.forEach((item, i) => recurse(item, extend(path, i), out));
    else if (v instanceof Map) for (const [key, item] of [...v]) recurse(item, extend(path, key), out);
  }
  function interpolate(parts: readonly (string | Node)[], name: string, env: Env, value: Json, f: (text: string) => void): void {
    const step = (i: number, tail: string): void => {
      if (i < 0) return f(tail);
      const part = parts[i]!;
      if (typeof part === 'string') return step(i - 1, part + tail);
      each(part, env, value, (v) => step(i - 1, (name === 'text' ? toText(v) : format(name, v)) + tail));
    };
    step(parts.length - 1, '');
  }
  function construct(
    entries: readonly { key: Node; value: Node }[],
    i: number,
    made: Map<string, Json>,
    env: Env,
    value: Json,
    f: (v: Json) => void,
  ): void {
    const entry = entries[i];
    if (entry === undefined) return f(new Map(made));
    each(entry.key, env, value, (key) => {
      if (typeof key !== 'string') fail(`Object keys must be strings`);
      each(entry.value, env, value, (v) => construct(entries, i + 1, new Map(made).set(key as string, v), env, value, f));
    });
  }

  function assign(node: Node & { kind: 'assign' }, env: Env, value: Json, f: (v: Json) => void): void {
    const { op, left, right } = node;
    const update = (change: (old: Json, done: (v: Json) => void) => void): Json => {
      let result = value;
      const gone: Json[] = [];
      pathsOf(left, env, value, (path) => {
        let set = false;
        stoppable((stop) =>
          change(getPath(result, path), (v) => {
            result = setPath(result, path, v);
            set = true;
            stop();
          }),
        );
        if (!set) gone.push([...path]);
      });
      return gone.length === 0 ? result : deletePaths(result, gone);
    };
    if (op === '|=') return f(update((old, done) => each(right, env, old, done)));
    each(right, env, value, (r) =>
      f(update((old, done) => done(op === '=' ? r : op === '//=' ? (truthy(old) ? old : r) : ARITH[op](old, r)))),
    );
  }

  /** Depth first from a start: outputs of `next` are visited each with theirs before its sibling. */
  function explore(
    start: Json,
    path: Tracked,
    visit: (v: Json, p: Tracked) => boolean,
    next: (v: Json, p: Tracked, push: Out) => void,
  ): void {
    const stack: { v: Json; p: Tracked }[] = [{ v: start, p: path }];
    while (stack.length > 0) {
      const { v, p } = stack.pop()!;
      if (!visit(v, p)) continue;
      const found: { v: Json; p: Tracked }[] = [];
      next(v, p, (nv, np) => void found.push({ v: nv, p: np }));
      for (let i = found.length - 1; i >= 0; i--) stack.push(found[i]!);
    }
  }

  function call(node: Node & { kind: 'call' }, env: Env, value: Json, path: Tracked, out: Out): void {
    const { name, args } = node;
    const key = `${name}/${args.length}`;
    for (let e = env; e !== null; e = e.next) {
      if (e.kind === 'closure' && e.name === key) return evaluate(e.node, e.env, value, path, out);
      if (e.kind === 'def' && e.name === key) return apply(e.def, e, args, env, value, path, out);
    }
    if (SPECIAL.has(key)) return special(key, args, env, value, path, out);
    const builtin = FUNCTIONS[key];
    if (builtin !== undefined) {
      if (args.length === 0) return out(builtin(value), computed(path));
      return product(args, env, value, (values) => out(builtin(value, ...values), computed(path)));
    }
    const def = defs.get(key);
    if (def !== undefined) return apply(def, globals, args, env, value, path, out);
    return fail(`${key} is not defined`);
  }

  function apply(def: Definition, home: Env, args: readonly Node[], env: Env, value: Json, path: Tracked, out: Out): void {
    let inner = home;
    const bound: { name: string; node: Node }[] = [];
    def.params.forEach((param, i) => {
      if (param.startsWith('$')) bound.push({ name: param.slice(1), node: args[i]! });
      else inner = { kind: 'closure', name: `${param}/0`, node: args[i]!, env, next: inner };
    });
    if (bound.length === 0) return evaluate(def.body, inner, value, path, out);
    bindEach(
      bound.map((b) => b.node),
      env,
      value,
      (values) => {
        let scope = inner;
        bound.forEach((b, i) => {
          scope = { kind: 'var', name: b.name, value: values[i]!, next: scope };
          scope = { kind: 'closure', name: `${b.name}/0`, node: { kind: 'literal', value: values[i]! }, env: null, next: scope };
        });
        evaluate(def.body, scope, value, path, out);
      },
    );
  }

  function special(key: string, args: readonly Node[], env: Env, value: Json, path: Tracked, out: Out): void {
    const a = args[0]!;
    const plain = (v: Json) => out(v, computed(path));
    switch (key) {
      case 'empty/0':
        return;
      case 'path/1':
        return pathsOf(a, env, value, (p) => plain([...p]));
      case 'getpath/1':
        return each(a, env, value, (p) => {
          if (!Array.isArray(p)) return fail('Path must be specified as an array');
          if (path === false) fail(`Invalid path expression with result ${dump(value)}`);
          out(getPath(value, p), path ? [...path, ...p] : path);
        });
      case 'range/1':
      case 'range/2':
      case 'range/3':
        return bindEach(args, env, value, (values) => {
          if (!values.every(isNumber)) fail('Range bounds must be numeric');
          const [x, y, z] = values.map(num);
          const [from, to, by] = args.length === 1 ? [0, x!, 1] : [x!, y!, z ?? 1];
          if (by > 0) for (let n = from; n < to; n += by) step(n);
          else if (by < 0) for (let n = from; n > to; n += by) step(n);
        });
      case 'limit/2':
        return each(a, env, value, (n) => {
          let left = num(n);
          if (left < 0) fail("limit doesn't support negative count");
          if (left === 0) return;
          stoppable((stop) =>
            evaluate(args[1]!, env, value, path, (v, p) => {
              left--;
              out(v, p);
              if (left <= 0) stop();
            }),
          );
        });
      case 'skip/2':
        return each(a, env, value, (n) => {
          let left = num(n);
          if (left < 0) fail("skip doesn't support negative count");
          evaluate(args[1]!, env, value, path, (v, p) => (left-- > 0 ? undefined : out(v, p)));
        });
      case 'first/1':
        return stoppable((stop) =>
          evaluate(a, env, value, path, (v, p) => {
            out(v, p);
            stop();
          }),
        );
      case 'last/1': {
        let last: { v: Json; p: Tracked } | null = null;
        evaluate(a, env, value, path, (v, p) => {
          last = { v, p };
        });
        const found = last as { v: Json; p: Tracked } | null;
        if (found !== null) out(found.v, found.p);
        return;
      }
      case 'until/2':
        return explore(
          value,
          path,
          (v, p) => {
            const done = gather(a, env, v).some(truthy);
            if (done) out(v, p);
            return !done;
          },
          (v, p, push) => evaluate(args[1]!, env, v, p, push),
        );
      case 'while/2':
        return explore(
          value,
          path,
          (v, p) => {
            const go = gather(a, env, v).some(truthy);
            if (go) out(v, p);
            return go;
          },
          (v, p, push) => evaluate(args[1]!, env, v, p, push),
        );
      case 'repeat/1':
        for (;;) {
          if (--fuel.left < 0) throw new JqError('drydock: the program takes too many steps');
          evaluate(a, env, value, path, out);
        }
      case 'recurse/1':
        return explore(
          value,
          path,
          (v, p) => {
            out(v, p);
            return true;
          },
          (v, p, push) => evaluate(a, env, v, p, push),
        );
      case 'input/0': {
        const next = io.input();
        return plain(next === undefined ? fail('break') : next);
      }
      case 'inputs/0':
        for (let next = io.input(); next !== undefined; next = io.input()) plain(next);
        return;
      case 'debug/0':
        io.stderr(`${print(['DEBUG:', value])}\n`);
        return out(value, path);
      case 'stderr/0':
        io.stderr(typeof value === 'string' ? value : print(value));
        return out(value, path);
      case 'input_line_number/0':
        return plain(io.line());
      case 'input_filename/0':
        return plain(io.filename());
      case 'now/0':
        return plain(io.now);
      case 'halt/0':
        throw new JqHalt(0, undefined);
      case 'halt_error/1':
        return each(a, env, value, (status) => {
          throw new JqHalt(isNumber(status) ? num(status) : fail('halt_error/1: number required'), value);
        });
      case 'builtins/0':
        return plain([...Object.keys(FUNCTIONS), ...SPECIAL, ...defs.keys()].filter((k) => !k.startsWith('_')));
    }

    function step(n: number): void {
      if (--fuel.left < 0) throw new JqError('drydock: the program takes too many steps');
      plain(n);
    }
  }

  try {
    evaluate(root, globals, input, null, (v) => emit(v));
  } catch (error) {
    if (error instanceof RangeError) throw new JqError('drydock: the program recurses too deeply');
    throw error;
  }
}

/** Whether the program asks for inputs itself, so that all must have been read before it runs. */
export const usesInput = (text: string): boolean => /\binputs?\b/.test(text);
