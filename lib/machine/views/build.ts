/**
 * What a drawing of a build needs to know: its steps by stage, which of them the cache had, and why it had the others not; what a
 * file that changes makes new; and what checks and lint rules say of a Dockerfile.
 *
 *   stages ──> steps, one an instruction ──edges──> the result
 *
 * Everything comes from the record that the builder keeps (engine/build/record.ts) and from the Dockerfile's text; what broke the cache
 * is found by holding a step's key against that of the same step in the build before.
 */

import { decode } from '../../base';
import type { EngineState } from '../../engine';
import * as build from '../../engine/build/face';
import { readScript } from '../script';
import type { World } from './world';

const { language, lint } = build;
type Record_ = EngineState['buildRecords'][number];
type KeyPart = Record_['keys'][number][number];
type Lines = readonly [number, number];

/** Why the cache did not have a step. */
export type Miss =
  /** Nothing like it was built before. */
  | { kind: 'first' }
  /** --no-cache. */
  | { kind: 'asked' }
  /** It was there once and has been pruned. */
  | { kind: 'gone' }
  /** Its key differs: the first part that does. */
  | { kind: Exclude<KeyPart['what'], 'files'> }
  /** Files it takes have changed: their paths in the context, or none if they come from another stage. */
  | { kind: 'files'; paths: string[] };

export interface BuildStep {
  /** Place in `steps`. */
  id: number;
  /** Number of its stage. */
  stage: number;
  /** As it stands in the Dockerfile, in one line. */
  text: string;
  instruction: string;
  lines: Lines;
  /** `metadata`: it makes no files. `skipped`: the target does not need it. `waiting`: the build failed before. `canceled`: it failed beside it. */
  state: 'cached' | 'made' | 'failed' | 'canceled' | 'metadata' | 'skipped' | 'waiting';
  /** Only for a step that was made or failed. */
  miss: Miss | null;
  /** What its cache key is made of, in order; digests are shortened. */
  key: { what: KeyPart['what']; value: string }[];
  /** Bytes of the layer. */
  bytes: number;
  /** Milliseconds. */
  time: number;
}

export interface BuildEdge {
  from: number;
  to: number;
  /** `next`: the file system that it stands on. `files`: only files are taken. */
  kind: 'next' | 'files';
}

export interface BuildView {
  id: string;
  file: string;
  text: string;
  target: string;
  contextDir: string;
  names: string[];
  /** The image's id, if one came of it. */
  image: string | null;
  error: { message: string; lines: Lines | null } | null;
  /** Milliseconds from beginning to end. */
  time: number;
  stages: { name: string; base: string; needed: boolean }[];
  steps: BuildStep[];
  edges: BuildEdge[];
  /** Paths of the context that steps looked into. */
  files: string[];
}

// ——— what broke the cache

const pathsUnder = (paths: Iterable<string>, taken: (path: string) => boolean): string[] => [...paths].filter(taken).sort();

/** Whether a step takes a path of the context. */
function takes(r: Record_, vertex: number): (path: string) => boolean {
  const { op } = r.plan.vertices[vertex] as Record_['plan']['vertices'][number];
  const sources =
    op.kind === 'copy'
      ? op.steps.flatMap((s) => (s.from.kind === 'context' ? [s.path] : []))
      : op.kind === 'run'
        ? op.mounts.flatMap((m) => (m.type === 'bind' && m.ref === undefined ? [`/${m.source}`] : []))
        : [];
  const exclude = op.kind === 'copy' ? language.compilePatterns(op.exclude) : [];
  const ignore = language.compilePatterns(r.ignore ?? []);
  return (path) =>
    !language.excluded(ignore, path.slice(1)) &&
    sources.some((s) => {
      const covered = language.coveredBy(s, path);
      return covered !== null && (covered === '' || !language.excluded(exclude, covered));
    });
}

function missOf(r: Record_, n: number, before: Record_ | undefined, twin: number | undefined): Miss {
  if (r.plan.vertices[n]?.ignoreCache) return { kind: 'asked' };
  const own = r.keys[n] ?? [];
  const old = before && twin !== undefined ? before.keys[twin] : undefined;
  if (!before || !old) return { kind: 'first' };
  // What is said in the step itself tells more than that something before it changed.
  const differing = own.filter((p, at) => old[at]?.what !== p.what || old[at]?.value !== p.value);
  const told = differing.find((p) => p.what !== 'parent') ?? differing[0];
  if (!told) return { kind: 'gone' };
  if (told.what !== 'files' && told.what !== 'mounts') return { kind: told.what };
  const mine = takes(r, n);
  const paths = pathsUnder(
    new Set([...Object.keys(r.files), ...Object.keys(before.files)]),
    (p) => mine(p) && r.files[p] !== before.files[p],
  );
  return told.what === 'mounts' && paths.length === 0 ? { kind: 'mounts' } : { kind: 'files', paths: paths.map(decode) };
}

/** Which step of the build before is the same one: by its stage and text, else by its place there. */
function twinsOf(r: Record_, before: Record_ | undefined): Map<number, number> {
  const out = new Map<number, number>();
  if (!before) return out;
  const placed = (x: Record_) => {
    const counts = new Map<number, number>();
    return x.plan.vertices.map((v) => {
      const at = counts.get(v.stage) ?? 0;
      counts.set(v.stage, at + 1);
      return { stage: v.stage, at, name: v.name.replace(/^\[[^\]]*\] /, '') };
    });
  };
  const [mine, theirs] = [placed(r), placed(before)];
  for (const [n, v] of mine.entries()) {
    const same = theirs.findIndex((t, m) => t.stage === v.stage && t.name === v.name && ![...out.values()].includes(m));
    const found = same >= 0 ? same : theirs.findIndex((t) => t.stage === v.stage && t.at === v.at);
    if (found >= 0) out.set(n, found);
  }
  return out;
}

// ——— the graph

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
const short = (value: string): string => value.replace(/\b([0-9a-f]{12})[0-9a-f]{20,}\b/g, '$1').slice(0, 200);

function stepsOf(r: Record_, before: Record_ | undefined): { stages: BuildView['stages']; steps: BuildStep[]; edges: BuildEdge[] } {
  const text = decode(r.text);
  const { nodes } = language.parseDockerfile(text);
  const needed = new Set(r.needed);
  const twins = twinsOf(r, before);
  const stages: BuildView['stages'] = [];
  const steps: BuildStep[] = [];
  const edges: BuildEdge[] = [];
  /** Vertex → its step; a vertex of several (one per COPY's document) has one. */
  const stepOf = new Map<number, number>();
  const add = (step: Omit<BuildStep, 'id'>) => {
    steps.push({ ...step, id: steps.length });
    return steps.length - 1;
  };
  const vertexStep = (n: number, line: string, instruction: string, lines: Lines, stage: number): BuildStep => {
    const v = r.plan.vertices[n] as Record_['plan']['vertices'][number];
    const outcome = r.done[n];
    const image = v.op.kind === 'image';
    const state = !needed.has(n) ? 'skipped' : image ? 'cached' : (outcome?.state ?? 'waiting');
    const id = add({
      stage,
      text: line,
      instruction,
      lines,
      state,
      miss: state === 'made' || state === 'failed' ? missOf(r, n, before, twins.get(n)) : null,
      key: (r.keys[n] ?? []).map((p) => ({ what: p.what, value: short(decode(p.value)) })),
      bytes: outcome?.bytes ?? 0,
      time: outcome ? outcome.completed - outcome.started : 0,
    });
    stepOf.set(n, id);
    return steps[id] as BuildStep;
  };
  const used = new Set<number>();
  /** Vertices of a stage that stand at some lines and have no step yet. */
  const at = (stage: number, lines: Lines): number[] =>
    r.plan.vertices.flatMap((v, n) =>
      !used.has(n) && v.stage === stage && v.lines !== null && v.lines[0] === lines[0] && v.op.kind !== 'document' && v.op.kind !== 'remote'
        ? [n]
        : [],
    );
  let last = -1;
  for (const node of nodes) {
    const name = node.command.toUpperCase();
    const lines: Lines = [node.startLine, node.endLine];
    const line = oneLine(node.original);
    if (name === 'FROM') {
      stages.push({ name: /^as$/i.test(node.args[1] ?? '') ? (node.args[2] ?? '') : '', base: node.args[0] ?? '', needed: false });
      last = -1;
    }
    const stage = stages.length - 1;
    if (stage < 0) continue;
    const own = at(stage, lines);
    const from: number[] = [];
    for (const n of own) {
      used.add(n);
      // ONBUILD instructions of the base stand at the lines of FROM.
      const v = r.plan.vertices[n] as Record_['plan']['vertices'][number];
      const trigger = name === 'FROM' && v.op.kind !== 'image';
      const shown = trigger ? decode(v.name.replace(/^\[[^\]]*\] /, '')) : line;
      from.push(vertexStep(n, shown, trigger ? 'ONBUILD' : name, lines, stage).id);
    }
    if (own.length === 0)
      from.push(add({ stage, text: line, instruction: name, lines, state: 'metadata', miss: null, key: [], bytes: 0, time: 0 }));
    for (const id of from) {
      if (last >= 0) edges.push({ from: last, to: id, kind: 'next' });
      last = id;
    }
  }
  // A stage that begins with another, and what takes files from elsewhere.
  const lastOf = (stage: number) => steps.findLast((s) => s.stage === stage)?.id;
  for (const [n, s] of stages.entries()) {
    const base = stages.slice(0, n).findLastIndex((b) => b.name !== '' && b.name.toLowerCase() === s.base.toLowerCase());
    const first = steps.find((x) => x.stage === n);
    const end = base < 0 ? undefined : lastOf(base);
    if (first && end !== undefined) edges.push({ from: end, to: first.id, kind: 'next' });
  }
  for (const [n, id] of stepOf)
    for (const ref of build.sourcesOf((r.plan.vertices[n] as Record_['plan']['vertices'][number]).op)) {
      const from = ref === null ? undefined : stepOf.get(ref);
      if (from !== undefined) edges.push({ from, to: id, kind: 'files' });
    }
  const wanted = new Set<number>();
  const reach = (stage: number) => {
    if (stage < 0 || wanted.has(stage)) return;
    wanted.add(stage);
    for (const e of edges) if (steps[e.to]?.stage === stage) reach(steps[e.from]?.stage ?? -1);
  };
  const target = r.target === '' ? stages.length - 1 : stages.findLastIndex((s) => s.name.toLowerCase() === decode(r.target).toLowerCase());
  reach(target);
  return {
    stages: stages.map((s, n) => ({ ...s, needed: wanted.has(n) })),
    steps: steps.map((s) => (s.state === 'metadata' && !wanted.has(s.stage) ? { ...s, state: 'skipped' } : s)),
    edges,
  };
}

const sameBuild = (a: Record_, b: Record_): boolean => a.contextDir === b.contextDir && a.file === b.file;

/** A record as it is drawn. */
export function viewOf(records: readonly Record_[], index: number): BuildView {
  const r = records[index] as Record_;
  const before = records.slice(0, index).findLast((x) => sameBuild(x, r));
  return {
    id: r.id,
    file: decode(r.file),
    text: decode(r.text),
    target: decode(r.target),
    contextDir: decode(r.contextDir),
    names: r.names.map(decode),
    image: r.image,
    error: r.error && { message: decode(r.error.message), lines: r.error.lines },
    time: r.ended - r.began,
    ...stepsOf(r, before),
    files: Object.keys(r.files)
      .map((p) => decode(p.slice(1)))
      .sort(),
  };
}

/** The last builds of a machine, newest first. */
export function buildViews({ engine }: World): BuildView[] {
  const records = engine?.buildRecords ?? [];
  return records.map((_, n) => viewOf(records, n)).reverse();
}

// ——— touch this file

export interface Touched {
  /** Steps that would be made again, by id. */
  steps: number[];
  /** What they cost last time: milliseconds, bytes. */
  time: number;
  bytes: number;
}

/** What a build makes again when a file of its context changes. The path is relative to the context. */
export function touched({ engine }: World, id: string, path: string): Touched {
  const records = engine?.buildRecords ?? [];
  const index = records.findIndex((r) => r.id === id);
  const r = records[index];
  if (!r) return { steps: [], time: 0, bytes: 0 };
  const view = viewOf(records, index);
  const hit = new Set<number>();
  for (const n of r.needed) {
    const v = r.plan.vertices[n] as Record_['plan']['vertices'][number];
    const below = [v.parent, ...build.sourcesOf(v.op)].some((ref) => ref !== null && hit.has(ref));
    if (below || takes(r, n)(language.clean(`/${path}`))) hit.add(n);
  }
  const lines = new Map([...hit].map((n) => [`${r.plan.vertices[n]?.stage} ${r.plan.vertices[n]?.lines?.[0]}`, n]));
  const steps = view.steps.filter(
    (s) => s.state !== 'metadata' && s.state !== 'skipped' && s.instruction !== 'FROM' && lines.has(`${s.stage} ${s.lines[0]}`),
  );
  const cost = costOf(records, r, [...hit]);
  return { steps: steps.map((s) => s.id), ...cost };
}

/** Times and bytes of steps: of the newest build that made them, since one from the cache says nothing. */
function costOf(records: readonly Record_[], r: Record_, vertices: readonly number[]): { time: number; bytes: number } {
  let time = 0;
  let bytes = 0;
  for (const n of vertices) {
    bytes += r.done[n]?.bytes ?? 0;
    const name = r.plan.vertices[n]?.name;
    const made = [...records].reverse().flatMap((x) => {
      const m = sameBuild(x, r) ? x.plan.vertices.findIndex((v) => v.name === name) : -1;
      const outcome = m < 0 ? undefined : x.done[m];
      return outcome?.state === 'made' ? [outcome.completed - outcome.started] : [];
    });
    time += made[0] ?? 0;
  }
  return { time, bytes };
}

// ——— what can be said of a text

export interface Diagnosis {
  /** BuildKit's own checks, rules beyond them, or why it cannot be built at all. */
  source: 'error' | 'check' | 'lint';
  rule: string;
  severity: 'error' | 'warning' | 'info' | 'style';
  message: string;
  why: string;
  /** A page about it, or null. */
  url: string | null;
  /** A Dockerfile that does it better; '' if there is none to show. */
  mend: string;
  lines: Lines;
}

/** Checks, lint rules and faults of a Dockerfile, by line. Nothing is built. `ignore` is the text of .dockerignore. */
export function diagnose(text: string, ignore: string | null = null): Diagnosis[] {
  const { warnings, error } = build.checkText(text, ignore);
  const out: Diagnosis[] = warnings.map((w) => ({
    source: 'check',
    rule: w.rule,
    severity: 'warning',
    message: w.message,
    why: build.RULES[w.rule].description,
    url: build.ruleUrl(w.rule),
    mend: '',
    lines: w.lines,
  }));
  if (error)
    out.push({
      source: 'error',
      rule: '',
      severity: 'error',
      message: error.message,
      why: '',
      url: null,
      mend: '',
      lines: error.lines ?? [1, 1],
    });
  for (const f of lint.lint(text, readScript)) {
    const rule = lint.LINT_RULES[f.rule];
    out.push({
      source: 'lint',
      rule: f.rule,
      severity: f.severity,
      message: f.title,
      why: rule.why,
      url: null,
      mend: rule.mend,
      lines: f.lines,
    });
  }
  return out.sort((a, b) => a.lines[0] - b.lines[0] || (a.source < b.source ? -1 : a.source > b.source ? 1 : a.rule < b.rule ? -1 : 1));
}
