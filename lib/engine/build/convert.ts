/**
 * From a Dockerfile to a plan: stages that the target needs, each instruction as a vertex or a line of configuration.
 * BuildKit frontend/dockerfile/dockerfile2llb.
 *
 *   stages ──reachable from the target──> base images ──instructions, in order──> vertices + image draft
 *
 * Text in; the plan that comes out is bytes.
 * Past 400 lines because it is one pass, whose steps share the plan that it makes.
 */

import { encode, strconv } from '../../base';
import { reference } from '../../oci';
import type { ImageConfig } from '../state';
import { type CheckOptions, Linter, parseCheckOptions, type RuleName, type Warning } from './checks';
import { findDirective } from './directives';
import { dispatch, envFromImage } from './dispatch';
import type { Pattern } from './ignore';
import { type Instruction, instructionOf, type Of, type Stage } from './instructions';
import { expand } from './lex';
import { mountFrom } from './mounts';
import { DockerfileError, type Lines, located, parseDockerfile } from './parser';
import type { Plan, Vertex } from './plan';
import { type Command, draftOf, inherit, newStage, prefixed, type StageState } from './stage';
import { casing, defaultBases, metaArgs, parsed, stageNames } from './stage-checks';
import { nearest, suggest } from './suggest';

/** An image as the start of a stage. */
export interface BaseImage {
  /** Text, not bytes. */
  config: ImageConfig;
  /** Chain ids, bottom first. */
  layers: string[];
}

export interface ConvertOptions {
  target: string;
  buildArgs: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  noCache: boolean;
  /** Stages that are made without the cache. */
  noCacheFilter?: readonly string[];
  /** --build-context: name → a directory that came along, or an image. */
  contexts?: Readonly<Record<string, { kind: 'local' } | { kind: 'image'; ref: string }>>;
  networkMode: string;
  /** Entitlements that the client grants; none given: nothing is looked at. */
  allow?: readonly string[];
  ignore: readonly Pattern[] | null;
  /** Rules on trial that count like the others. */
  settled?: readonly RuleName[];
  /** Looks at every stage, as --check does. */
  allStages?: boolean;
  /** Gives the image of a full name: docker.io/library/busybox:1.36. */
  base(full: string, shown: string): BaseImage;
  /** Called when the base images are known and instructions come next. */
  resolved?(): void;
}

/** What every part of the conversion works on. */
export interface Context {
  options: ConvertOptions;
  escape: string;
  lint: Linter;
  globalArgs: Record<string, string>;
  vertices: Vertex[];
  images: Map<string, number>;
  stages: StageState[];
}

/** Where linting got to is told even when the rest fails. */
export interface Progress {
  warnings: Warning[];
  lintError: string | null;
}

const PLATFORM = 'linux/amd64';

const predefined = (target: string): Record<string, string> => ({
  BUILDPLATFORM: PLATFORM,
  BUILDOS: 'linux',
  BUILDOSVERSION: '',
  BUILDARCH: 'amd64',
  BUILDVARIANT: '',
  TARGETPLATFORM: PLATFORM,
  TARGETOS: 'linux',
  TARGETOSVERSION: '',
  TARGETARCH: 'amd64',
  TARGETVARIANT: '',
  TARGETSTAGE: target,
});

export function checkOptionsOf(text: string, buildArgs: Readonly<Record<string, string>>): CheckOptions {
  const own = Object.hasOwn(buildArgs, 'BUILDKIT_DOCKERFILE_CHECK') ? buildArgs.BUILDKIT_DOCKERFILE_CHECK : undefined;
  return parseCheckOptions(own ?? findDirective('check', text)?.text ?? '');
}

/** Throws DockerfileError. `progress` is filled on the way. */
export function convert(text: string, options: ConvertOptions, progress: Progress): Plan {
  if (text === '') throw new DockerfileError('the Dockerfile cannot be empty');
  let lint: Linter;
  try {
    lint = new Linter(checkOptionsOf(text, options.buildArgs), options.settled);
  } catch (e) {
    throw new DockerfileError((e as Error).message);
  }
  progress.warnings = lint.warnings;
  const file = parseDockerfile(text);
  for (const w of file.warnings) lint.report('NoEmptyContinuation', [w.line, w.line], []);
  const { stages, globalArgs } = parsed(file.nodes, lint);
  if (stages.length === 0) throw new DockerfileError('dockerfile contains no stages to build');
  stageNames(stages, lint);
  casing(stages, lint);

  const defaults = predefined(options.target || (stages.at(-1)?.from.stage ?? ''));
  defaultBases(stages, globalArgs, defaults, file.escape, lint);
  const c: Context = {
    options,
    escape: file.escape,
    lint,
    globalArgs: metaArgs(globalArgs, defaults, file.escape, options.buildArgs),
    vertices: [],
    images: new Map(),
    stages: [],
  };
  const declared = new Set([...Object.keys(c.globalArgs), ...globalArgs.flatMap((a) => a.args.map((x) => x.key))]);
  for (const [i, s] of stages.entries()) c.stages.push(stageState(c, s, i, declared));
  const target = targetOf(c);
  for (const s of [...c.stages]) s.commands = s.stage.commands.map((i) => commandOf(c, s, i, false));
  circular(c.stages);
  if (c.stages.length === 1) (c.stages[0] as StageState).name = '';

  // The names are read before any of them is asked for, also those of stages that nobody needs.
  for (const s of c.stages) {
    const { base } = s.stage.from;
    if (!s.base && base !== 'scratch' && !contextOf(c, base)) baseName(s, base);
  }
  for (let again = true; again; ) {
    again = false;
    for (const s of options.allStages ? [...c.stages] : inOrder(c, reachable(target))) {
      resolveBase(c, s);
      again = triggers(c, s) || again;
    }
  }
  options.resolved?.();
  const wanted = reachable(target);
  for (const s of c.stages) {
    if ((!options.allStages && !wanted.has(s)) || s.dispatched) continue;
    begin(s);
    for (const command of s.commands) located(command.instruction.lines, () => dispatch(c, s, command));
  }
  progress.lintError = lint.error();
  if (progress.lintError !== null) throw new DockerfileError(progress.lintError);
  if (Object.keys(options.labels).length > 0) target.image.config.Labels = { ...target.image.config.Labels, ...options.labels };
  nameBases(c, target);
  checkVertices(c);
  return encoded({ vertices: c.vertices, result: target.ref, image: target.image });
}

/** What is only found out when the steps are put together. */
function checkVertices(c: Context) {
  for (const { op } of c.vertices) {
    if (op.kind !== 'run') continue;
    if (op.args.length === 0) throw new DockerfileError('failed to marshal LLB definition: arguments are required');
    if (op.network === 'host' && c.options.allow && !c.options.allow.includes('network.host'))
      throw new DockerfileError('failed to load LLB: network.host is not allowed');
  }
}

/** An image that several stages begin with is shown by the name that the last of them gives it, seen from the target. */
function nameBases(c: Context, target: StageState) {
  const seen = new Set<StageState>();
  const visit = (s: StageState) => {
    if (seen.has(s)) return;
    seen.add(s);
    if (s.base) visit(s.base);
    const image = s.from === '' ? undefined : c.vertices[s.start ?? -1];
    if (image?.op.kind === 'image') image.name = s.from;
    for (const command of s.commands) for (const source of command.sources) visit(source);
  };
  visit(target);
}

/** Every string as bytes. */
function encoded<T>(value: T): T {
  if (typeof value === 'string') return encode(value) as T;
  if (Array.isArray(value)) return value.map(encoded) as T;
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [encode(k), encoded(v)])) as T;
  return value;
}

// ——— stages

function stageState(c: Context, s: Stage, i: number, declared: ReadonlySet<string>): StageState {
  const { from } = s;
  const undeclared = (names: Iterable<string>) => {
    for (const n of names) {
      if (declared.has(n)) continue;
      const near = nearest(n, declared);
      c.lint.report('UndefinedArgInFrom', from.lines, near === undefined ? [n] : [n, near], from.comments);
    }
  };
  const base = located(from.lines, () => expand(from.base, c.globalArgs, { escape: c.escape }));
  undeclared(base.unmatched);
  if (base.result === '') throw new DockerfileError(`base name (${from.base}) should not be blank`, from.lines);
  if (from.platform !== '') platform(c, from, undeclared);
  // A context of a stage's name stands for the whole stage.
  const replaced = from.stage !== '' && contextOf(c, from.stage) !== undefined;
  const state = newStage(
    replaced ? { from: { ...from, base: from.stage }, commands: [] } : { ...s, from: { ...from, base: base.result } },
    from.stage || `stage-${i}`,
  );
  addTo(c, state);
  return state;
}

function platform(c: Context, from: Of<'from'>, undeclared: (names: Iterable<string>) => void) {
  const p = located(from.lines, () => expand(from.platform, c.globalArgs, { escape: c.escape }));
  undeclared(p.unmatched);
  if (p.matched.size === 1 && p.unmatched.size === 0 && p.matched.has('TARGETPLATFORM') && p.result === c.globalArgs.TARGETPLATFORM)
    c.lint.report('RedundantTargetPlatform', from.lines, [from.platform], from.comments);
  const [os = '', arch = ''] = p.result.split('/');
  if (p.matched.size === 0 && p.unmatched.size === 0 && !(from.stage.includes(os) || (arch !== '' && from.stage.includes(arch))))
    c.lint.report('FromPlatformFlagConstDisallowed', from.lines, [p.result], from.comments);
  const hint = (message: string) => {
    for (const n of p.unmatched) {
      const near = nearest(n, Object.keys(c.globalArgs));
      if (near !== undefined) return `${message} (did you mean ${near}?)`;
    }
    return message;
  };
  if (p.result === '') throw new DockerfileError(hint(`empty platform value from expression ${from.platform}`), from.lines);
  if (p.result.split('/').some((part) => !/^[A-Za-z0-9_.-]+(\([A-Za-z0-9_.-]*\))?$/.test(part)))
    throw new DockerfileError(
      `failed to parse platform ${from.platform}: ${hint(`${strconv.quote(p.result)} is an invalid component of ${strconv.quote(p.result)}: platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument`)}`,
      from.lines,
    );
}

/** The context given for a name, as it stands or as an image's name. */
function contextOf(c: Context, name: string): { key: string; context: { kind: 'local' } | { kind: 'image'; ref: string } } | undefined {
  const { contexts = {} } = c.options;
  const names = [name];
  try {
    names.push(reference.familiarString(reference.tagNameOnly(reference.parseNormalized(name))));
  } catch {
    // A stage's name need not be an image's.
  }
  const key = names.find((n) => Object.hasOwn(contexts, n));
  return key === undefined ? undefined : { key, context: contexts[key] as { kind: 'local' } };
}

/** Enters a stage; one of an earlier stage's name stands on that. */
function addTo(c: Context, s: StageState) {
  s.base = findStage(c, s.stage.from.base, s) ?? null;
  const steps = s.stage.commands.filter((i) => i.kind === 'add' || i.kind === 'copy' || i.kind === 'run' || i.kind === 'workdir').length;
  s.total = s.unregistered ? 0 : steps + (s.stage.from.base !== 'scratch' && s.base === null ? 1 : 0);
}

/** The last stage of a name, before `before` if given. A stage's name is in lower case. */
function findStage(c: Context, name: string, before?: StageState): StageState | undefined {
  const at = before ? c.stages.indexOf(before) : -1;
  const list = at < 0 ? c.stages : c.stages.slice(0, at);
  return list.findLast((s) => !s.unregistered && s.stage.from.stage !== '' && s.stage.from.stage === name);
}

function targetOf(c: Context): StageState {
  if (c.options.target === '') return c.stages.at(-1) as StageState;
  const found = findStage(c, c.options.target.toLowerCase());
  if (found) return found;
  const names = c.stages.map((s) => s.name);
  throw new DockerfileError(suggest(`target stage ${strconv.quote(c.options.target)} could not be found`, c.options.target, names));
}

/** A file system that only gives files: an image named in --from. */
function sourceOf(c: Context, name: string, at: Instruction): StageState {
  const from: Of<'from'> = {
    name: 'FROM',
    code: `FROM ${name}`,
    lines: at.lines,
    comments: [],
    kind: 'from',
    base: name,
    stage: '',
    as: null,
    platform: '',
  };
  const s = newStage({ from, commands: [] }, '', true);
  c.stages.push(s);
  addTo(c, s);
  return s;
}

function commandOf(c: Context, s: StageState, i: Command['instruction'], onBuild: boolean): Command {
  const sources: StageState[] = [];
  if (i.kind === 'copy' && i.from !== undefined && i.from !== '') {
    const from = i.from;
    if (located(i.lines, () => expand(from, {}, { escape: c.escape }).result) !== from)
      throw new DockerfileError(
        'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
      );
    if (/^[+-]?\d+$/.test(from)) {
      const index = Number(from);
      const stage = c.stages[index];
      if (index < 0 || !stage) throw new DockerfileError(`invalid stage index ${index}`);
      sources.push(stage);
    } else sources.push(findStage(c, from.toLowerCase()) ?? sourceOf(c, from, i));
  }
  if (i.kind === 'run')
    for (const m of i.mounts) {
      const name = located(i.lines, () => mountFrom(m)) || 'scratch';
      sources.push(findStage(c, name.toLowerCase()) ?? sourceOf(c, name, i));
    }
  for (const d of sources) if (!s.deps.has(d)) s.deps.set(d, i.lines);
  return { instruction: i, sources, onBuild };
}

function circular(stages: readonly StageState[]) {
  const done = new Set<StageState>();
  const visit = (s: StageState, path: readonly StageState[], at: Lines, first: StageState) => {
    if (path.includes(s)) throw new DockerfileError(`circular dependency detected on stage: ${first.name}`, at);
    if (done.has(s)) return;
    for (const [d, lines] of s.deps) visit(d, [...path, s], lines, first);
    done.add(s);
  };
  for (const s of stages) visit(s, [], s.stage.from.lines, s);
}

function reachable(target: StageState): Set<StageState> {
  const out = new Set<StageState>();
  const visit = (s: StageState) => {
    if (out.has(s)) return;
    out.add(s);
    if (s.base) visit(s.base);
    for (const d of s.deps.keys()) visit(d);
  };
  visit(target);
  return out;
}

const inOrder = (c: Context, set: ReadonlySet<StageState>): StageState[] => c.stages.filter((s) => set.has(s));

function baseName({ stage: { from } }: StageState, text: string): string {
  try {
    return reference.format(reference.tagNameOnly(reference.parseNormalized(text)));
  } catch (e) {
    if (e instanceof Error) throw new DockerfileError(`failed to parse stage name ${strconv.quote(from.base)}: ${e.message}`, from.lines);
    throw e;
  }
}

/** The image that a stage begins with becomes a vertex of its own, shared by all stages that name it. */
function resolveBase(c: Context, s: StageState) {
  if (s.base || s.dispatched || s.resolved) return;
  s.resolved = true;
  const { from } = s.stage;
  if (s.unregistered) s.dispatched = true;
  if (from.base === 'scratch') return;
  const given = contextOf(c, from.base);
  if (given?.context.kind === 'local') {
    localBase(c, s, given.key);
    return;
  }
  const full = baseName(s, given?.context.kind === 'image' ? given.context.ref : from.base);
  let base: BaseImage;
  try {
    base = c.options.base(full, from.base);
  } catch (e) {
    if (e instanceof DockerfileError) {
      e.lines ??= from.lines;
      e.message = suggest(
        e.message,
        from.base,
        c.stages.filter((x) => !x.unregistered && x.name !== '').map((x) => x.name),
      );
    }
    throw e;
  }
  s.image = draftOf(base.config);
  if (base.layers.length === 0) return;
  const there = c.images.get(full);
  const name = prefixed(s, `FROM ${full}`, false);
  s.from = name;
  if (there !== undefined) s.ref = there;
  else {
    s.ref = c.vertices.length;
    c.images.set(full, s.ref);
    c.vertices.push({
      name,
      stage: s.unregistered ? -1 : c.stages.indexOf(s),
      lines: from.lines,
      op: { kind: 'image', ref: full, layers: base.layers },
      parent: null,
      ignoreCache: false,
    });
  }
  s.start = s.ref ?? undefined;
}

/** A directory as the start of a stage: its files, copied; or only a source of files. */
function localBase(c: Context, s: StageState, named: string) {
  if (s.unregistered) {
    s.named = named;
    return;
  }
  const name = prefixed(s, `FROM ${named}`, false);
  const steps = [{ from: { kind: 'context' as const, named }, path: '/', unpack: false }];
  s.ref = c.vertices.length;
  c.vertices.push({
    name,
    stage: c.stages.indexOf(s),
    lines: s.stage.from.lines,
    op: { kind: 'copy', steps, dest: '/', chown: '', chmod: '', exclude: [] },
    parent: null,
    ignoreCache: false,
  });
}

/** ONBUILD instructions of the base come first. True if they brought stages that are not resolved yet. */
function triggers(c: Context, s: StageState): boolean {
  if (s.onBuildDone || s.unregistered) return false;
  if (s.base && !s.base.onBuildDone) triggers(c, s.base);
  s.onBuildDone = true;
  const texts = s.base
    ? s.base.commands.flatMap((x) => (x.instruction.kind === 'onbuild' ? [x.instruction.expression] : []))
    : (s.image.config.OnBuild ?? []);
  s.image.config.OnBuild = null;
  if (texts.length === 0) return false;
  const { lines } = s.stage.from;
  const before = c.stages.length;
  const commands = located(lines, () =>
    texts.map((text) => {
      const { nodes } = parseDockerfile(text);
      if (nodes.length !== 1) throw new DockerfileError('onbuild trigger should be a single expression');
      const i = instructionOf({ ...(nodes[0] as (typeof nodes)[number]), startLine: lines[0], endLine: lines[1] });
      return commandOf(c, s, i as Command['instruction'], true);
    }),
  );
  s.commands = [...commands, ...s.commands];
  s.total += commands.length;
  return c.stages.length > before || commands.some((x) => x.sources.length > 0);
}

/** The state that a stage's first instruction finds. */
function begin(s: StageState) {
  if (s.base) inherit(s, s.base);
  s.dispatched = true;
  envFromImage(s);
}
