/**
 * What each instruction does to its stage: a vertex, or a line of the image's configuration, and its entry in the history.
 * BuildKit frontend/dockerfile/dockerfile2llb (dispatch…).
 * Past 400 lines because it is the one table of instructions.
 */

import { formatDuration, strconv } from '../../base';
import { parseSignal } from '../../kernel';
import type { Healthcheck } from '../state';
import type { Context } from './convert';
import { chomped, heredocOf } from './heredoc';
import { clean, excluded } from './ignore';
import type { CommandLine, CopySpec, InstructionKind, Of, Pair } from './instructions';
import { expand, type LexOptions } from './lex';
import { parseMount } from './mounts';
import { DockerfileError } from './parser';
import type { CopyStep, Op, PlannedMount, Ref } from './plan';
import { trim } from './split';
import { type Command, envOf, prefixed, type StageState, setEnv, withEnv } from './stage';
import { nearest } from './suggest';

const COMMENT = 'buildkit.dockerfile.v0';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const PROXIES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'all_proxy'];

/** The environment, directory and user that an image's config gives; PATH is always set. */
export function envFromImage(s: StageState) {
  const own = s.image.config.Env ?? [];
  if (!own.some((e) => e.startsWith('PATH='))) s.image.config.Env = [...own, `PATH=${PATH}`];
  for (const e of s.image.config.Env ?? []) {
    const eq = e.indexOf('=');
    setEnv(s, eq < 0 ? e : e.slice(0, eq), eq < 0 ? '' : e.slice(eq + 1));
  }
  if (s.image.config.WorkingDir) s.cwd = join('/', s.image.config.WorkingDir);
  if (s.image.config.User) s.user = s.image.config.User;
}

const join = (dir: string, path: string): string => clean(path.startsWith('/') ? path : `${dir}/${path}`);
const goList = (list: readonly string[]) => `[${list.join(' ')}]`;
const quotedList = (list: readonly string[]) => `[${list.map((x) => strconv.quote(x)).join(' ')}]`;

interface Doing {
  c: Context;
  s: StageState;
  command: Command;
}

/** Words of an instruction with variables replaced; names that are not set are reported. */
function words(d: Doing, options: Partial<LexOptions> = {}) {
  return (word: string): string => {
    const env = envOf(d.s);
    const out = expand(word, env, { escape: d.c.escape, ...options });
    unmatched(d, out.unmatched, env);
    return out.result;
  };
}

function unmatched(d: Doing, names: ReadonlySet<string>, env: Readonly<Record<string, string>>) {
  const { instruction: i } = d.command;
  for (const n of names) {
    if (d.s.buildArgs.some((a) => a.key === n)) continue;
    const near = nearest(n, Object.keys(env));
    d.c.lint.report('UndefinedVar', i.lines, near === undefined ? [n] : [n, near], i.comments);
  }
}

const history = (s: StageState, created_by: string, vertex?: number) => {
  s.image.history = [...s.image.history, { created_by, comment: COMMENT, ...(vertex === undefined ? { empty_layer: true } : { vertex }) }];
};

const stageNumber = (c: Context, s: StageState): number => (s.unregistered ? -1 : c.stages.indexOf(s));

const withoutCache = (c: Context, s: StageState): boolean =>
  c.options.noCacheFilter?.some((n) => n.toLowerCase() === s.stage.from.stage) ?? false;

/** Adds a vertex on top of the stage. */
function add(d: Doing, name: string, op: Op): number {
  const { c, s, command } = d;
  // The cache is good enough for a directory, whatever is asked for.
  const ignoreCache = op.kind !== 'mkdir' && (c.options.noCache || withoutCache(c, s));
  const what = JSON.stringify(op);
  const known = c.vertices.findIndex(
    (v) => v.op.kind === op.kind && v.parent === s.ref && v.ignoreCache === ignoreCache && JSON.stringify(v.op) === what,
  );
  // Two stages that do the same to the same have one vertex, by the first one's name.
  if (known < 0) c.vertices.push({ name, stage: stageNumber(c, s), lines: command.instruction.lines, op, parent: s.ref, ignoreCache });
  s.ref = known < 0 ? c.vertices.length - 1 : known;
  return s.ref;
}

/** The line as progress shows it: variables replaced, the instruction in capitals. */
function shown(d: Doing, text: string, options: Partial<LexOptions> = {}, env = envOf(d.s)): string {
  let out = text;
  try {
    out = expand(text, env, { escape: d.c.escape, ...options }).result;
  } catch {
    // What cannot be expanded is shown as it is written.
  }
  const space = out.indexOf(' ');
  const first = space < 0 ? out : out.slice(0, space);
  return prefixed(d.s, first.toUpperCase() + out.slice(first.length), d.command.onBuild);
}

function usedOnce(d: Doing, kind: 'cmd' | 'entrypoint' | 'healthcheck') {
  const { instruction: i } = d.command;
  const before = d.s.used[kind];
  if (before) d.c.lint.report('MultipleInstructionsDisallowed', before, [i.name], i.comments);
  d.s.used = { ...d.s.used, [kind]: i.lines };
}

function shellArgs(d: Doing, i: CommandLine, args = i.args): string[] {
  return i.shell ? [...(d.s.image.config.Shell?.length ? d.s.image.config.Shell : ['/bin/sh', '-c']), args.join(' ')] : args;
}

function pairs(d: Doing, kind: 'ENV' | 'LABEL', list: readonly Pair[], each: (key: string, value: string) => void): string {
  const { instruction: i } = d.command;
  const word = words(d);
  const expanded = list.map((p) => ({ key: word(p.key), value: word(p.value), legacy: p.legacy }));
  for (const p of expanded) {
    if (p.legacy) d.c.lint.report('LegacyKeyValueFormat', i.lines, [i.name, i.name], i.comments);
    if (kind === 'ENV') secretName(d, 'ENV', p.key);
    each(p.key, p.value);
  }
  return `${kind}${expanded.map((p) => ` ${p.key}=${p.value}`).join('')}`;
}

// Whole value, or first or last word: api_key, DATABASE_PASSWORD, secret_message.
const SECRET = /(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)/i;
const PUBLIC = /(?:_|^)(?:public)(?:_|$)/i;

function secretName(d: Doing, instruction: 'ARG' | 'ENV', name: string) {
  const { instruction: i } = d.command;
  if (SECRET.test(name) && !PUBLIC.test(name)) d.c.lint.report('SecretsUsedInArgOrEnv', i.lines, [instruction, name], i.comments);
}

type Handler<K extends InstructionKind> = (d: Doing, i: Of<K>) => void;

const HANDLERS: { [K in Exclude<InstructionKind, 'from'>]: Handler<K> } = {
  arg(d, i) {
    const { s, c } = d;
    const told = i.args.map((a) => {
      secretName(d, 'ARG', a.key);
      const given = Object.hasOwn(c.options.buildArgs, a.key) ? c.options.buildArgs[a.key] : undefined;
      const global = Object.hasOwn(c.globalArgs, a.key) ? c.globalArgs[a.key] : undefined;
      const value = given ?? (a.value === undefined ? global : words(d)(a.value));
      if (value !== undefined) setEnv(s, a.key, value);
      s.buildArgs = [...s.buildArgs, { key: a.key, value }];
      return value === undefined ? a.key : `${a.key}=${value}`;
    });
    history(s, `ARG ${told.join(' ')}`);
  },
  env(d, i) {
    const text = pairs(d, 'ENV', i.pairs, (key, value) => {
      setEnv(d.s, key, value);
      d.s.image.config.Env = withEnv(d.s.image.config.Env, key, value);
    });
    history(d.s, text);
  },
  label(d, i) {
    const text = pairs(d, 'LABEL', i.pairs, (key, value) => {
      d.s.image.config.Labels = { ...d.s.image.config.Labels, [key]: value };
    });
    history(d.s, text);
  },
  maintainer(d, i) {
    d.s.image.author = i.text;
    history(d.s, `MAINTAINER ${i.text}`);
  },
  add: (d, i) => copy(d, i, 'ADD'),
  copy: (d, i) => copy(d, i, 'COPY'),
  run,
  cmd(d, i) {
    usedOnce(d, 'cmd');
    if (i.shell && !d.s.image.config.Shell?.length) d.c.lint.report('JSONArgsRecommended', i.lines, [i.name], i.comments);
    const args = shellArgs(d, i);
    d.s.image.config.Cmd = args;
    d.s.image.config.ArgsEscaped = true;
    history(d.s, `CMD ${quotedList(args)}`);
  },
  entrypoint(d, i) {
    const hasCmd = d.s.used.cmd !== undefined;
    usedOnce(d, 'entrypoint');
    if (i.shell && !d.s.image.config.Shell?.length) d.c.lint.report('JSONArgsRecommended', i.lines, [i.name], i.comments);
    const args = shellArgs(d, i);
    d.s.image.config.Entrypoint = args.length > 0 ? args : null;
    // The base image's command was meant for its own entrypoint.
    if (!hasCmd) d.s.image.config.Cmd = null;
    history(d.s, `ENTRYPOINT ${quotedList(args)}`);
  },
  healthcheck(d, i) {
    usedOnce(d, 'healthcheck');
    d.s.image.config.Healthcheck = i.health;
    history(d.s, `HEALTHCHECK ${healthText(i.health)}`);
  },
  expose(d, i) {
    const env = envOf(d.s);
    const ports = i.ports.flatMap((p) => {
      const out = expand(p, env, { escape: d.c.escape });
      unmatched(d, out.unmatched, env);
      return out.words;
    });
    const all = ports.flatMap((p) => portsOf(d, p));
    d.s.image.config.ExposedPorts = { ...d.s.image.config.ExposedPorts, ...Object.fromEntries(all.map((p) => [p, {}])) };
    history(d.s, `EXPOSE ${goList([...new Set(all)].sort())}`);
  },
  onbuild(d, i) {
    d.s.image.config.OnBuild = [...(d.s.image.config.OnBuild ?? []), i.expression];
  },
  shell(d, i) {
    d.s.image.config.Shell = i.shell;
    history(d.s, `SHELL ${goList(i.shell)}`);
  },
  stopsignal(d, i) {
    const signal = words(d)(i.signal);
    if (parseSignal(signal) === null) throw new DockerfileError(`invalid signal: ${signal}`);
    d.s.image.config.StopSignal = signal;
    history(d.s, `STOPSIGNAL ${signal}`);
  },
  user(d, i) {
    const user = words(d)(i.user);
    d.s.user = user;
    d.s.image.config.User = user;
    history(d.s, `USER ${user}`);
  },
  volume(d, i) {
    const volumes = i.volumes.map(words(d));
    if (volumes.includes('')) throw new DockerfileError('VOLUME specified can not be an empty string');
    d.s.image.config.Volumes = { ...d.s.image.config.Volumes, ...Object.fromEntries(volumes.map((v) => [v, {}])) };
    history(d.s, `VOLUME ${goList(volumes)}`);
  },
  workdir(d, i) {
    const path = words(d)(i.path);
    if (!d.s.workdirSet && !path.startsWith('/')) d.c.lint.report('WorkdirRelativePath', i.lines, [path], i.comments);
    d.s.workdirSet = true;
    const dir = join(d.s.image.config.WorkingDir || '/', path);
    d.s.image.config.WorkingDir = dir;
    d.s.cwd = dir;
    const vertex = dir === '/' ? undefined : add(d, shown(d, i.code), { kind: 'mkdir', path: dir, user: d.s.user });
    history(d.s, `WORKDIR ${dir}`, vertex);
  },
};

/** One instruction of a stage. */
export function dispatch(c: Context, s: StageState, command: Command) {
  const { instruction: i } = command;
  (HANDLERS[i.kind] as Handler<typeof i.kind>)({ c, s, command }, i as never);
}

/** Go's %q of a health check: strings and durations quoted, the number of retries as a character. */
function healthText(h: Healthcheck): string {
  const time = (ns: number | undefined) => strconv.quote(formatDuration(ns ?? 0));
  const retries = `'${strconv.escapeChar(String.fromCodePoint(h.Retries ?? 0), "'")}'`;
  return `&{${quotedList(h.Test ?? [])} ${time(h.Interval)} ${time(h.Timeout)} ${time(h.StartPeriod)} ${time(h.StartInterval)} ${retries}}`;
}

/** "80", "80-82/udp": each port with its protocol. */
function portsOf(d: Doing, text: string): string[] {
  const { instruction: i } = d.command;
  const slash = text.indexOf('/');
  const proto = slash < 0 ? 'tcp' : text.slice(slash + 1);
  const spec = slash < 0 ? text : text.slice(0, slash);
  if (proto !== proto.toLowerCase()) d.c.lint.report('ExposeProtoCasing', i.lines, [text], i.comments);
  if (spec.includes(':')) d.c.lint.report('ExposeInvalidFormat', i.lines, [text], i.comments);
  const container = spec.slice(spec.lastIndexOf(':') + 1);
  if (container === '') throw new DockerfileError(`no port specified: ${text}<empty>`);
  const m = /^(\d+)(?:-(\d+))?$/.exec(container);
  const from = Number(m?.[1]);
  const to = Number(m?.[2] ?? m?.[1]);
  if (!m || from > 65535 || to > 65535 || to < from) throw new DockerfileError(`invalid containerPort: ${container}`);
  if (!['tcp', 'udp', 'sctp'].includes(proto.toLowerCase()))
    throw new DockerfileError(`invalid port: ${strconv.quote(text)}: invalid proto: ${proto}`);
  return Array.from({ length: to - from + 1 }, (_, n) => `${from + n}/${proto.toLowerCase()}`);
}

// ——— COPY and ADD

const isUrl = (source: string) => /^https?:\/\//.test(source);
const isGit = (source: string) => /^(git@|git:\/\/|ssh:\/\/)/.test(source) || /^https?:\/\/[^#]*\.git(#.*)?$/.test(source);

function copy(d: Doing, i: CopySpec, kind: 'ADD' | 'COPY') {
  const { c, s, command } = d;
  const word = words(d);
  const raw = words(d, { escape: '\\', skipQuotes: true });
  const chown = word(i.chown);
  const chmod = word(i.chmod);
  const sources = i.sources.map(word);
  const contents = i.contents.map((x) => ({ path: word(x.path), data: x.expand && x.data.includes('$') ? raw(x.data) : x.data }));
  const dest = word(i.dest);
  const exclude = i.exclude.map(word);
  checkMode(chmod);
  if (i.checksum !== '') {
    if (sources.length !== 1) throw new DockerfileError("checksum can't be specified for multiple sources");
    if (!isUrl(sources[0] as string) && !isGit(sources[0] as string)) throw new DockerfileError('checksum requires HTTP(S) or Git sources');
  }
  const [source] = command.sources;
  if (source && !source.dispatched)
    throw new DockerfileError(
      `cannot copy from stage ${strconv.quote(i.from ?? '')}, it needs to be defined before current stage ${strconv.quote(s.name)}`,
    );
  const name = shown(d, command.instruction.code);

  const steps: CopyStep[] = [];
  for (const path of sources) {
    if (isGit(path) || isUrl(path)) {
      if (kind === 'COPY') throw new DockerfileError(isGit(path) ? "source can't be a git ref for COPY" : "source can't be a URL for COPY");
      c.vertices.push({ name, stage: -1, lines: null, op: { kind: 'remote', url: path }, parent: null, ignoreCache: false });
      steps.push({ from: { kind: 'vertex', ref: c.vertices.length - 1 }, path: '/', unpack: false });
      continue;
    }
    if (
      !source &&
      c.options.ignore &&
      clean(path) !== '.' &&
      clean(path) !== '/' &&
      excluded(c.options.ignore, clean(path).replace(/^\//, ''))
    )
      c.lint.report(
        'CopyIgnoredFile',
        command.instruction.lines,
        [kind === 'ADD' ? 'Add' : 'Copy', clean(path)],
        command.instruction.comments,
      );
    const from: CopyStep['from'] =
      source?.named !== undefined
        ? { kind: 'context', named: source.named }
        : source
          ? { kind: 'vertex', ref: source.ref }
          : { kind: 'context' };
    steps.push({
      from,
      path: join('/', path) + (/\/\.?$/.test(path) && join('/', path) !== '/' ? '/' : ''),
      unpack: i.unpack ?? kind === 'ADD',
    });
  }
  for (const x of contents) {
    c.vertices.push({
      name: '[internal] preparing inline document',
      stage: -1,
      lines: null,
      op: { kind: 'document', name: x.path, data: x.data },
      parent: null,
      ignoreCache: false,
    });
    steps.push({ from: { kind: 'inline', data: x.data }, path: x.path, unpack: false });
  }
  const slash = dest === '' || dest === '.' || /\/\.?$/.test(dest);
  const target = join(s.cwd, dest === '' ? '.' : dest);
  const vertex = add(d, name, { kind: 'copy', steps, dest: slash && target !== '/' ? `${target}/` : target, chown, chmod, exclude });
  const flags = `${chown ? ` --chown=${chown}` : ''}${chmod ? ` --chmod=${chmod}` : ''}`;
  history(s, `${kind}${flags}${[...sources, ...contents.map((x) => `<<${x.path}`), dest].map((x) => ` ${x}`).join('')} # buildkit`, vertex);
}

const SYMBOLIC = /^[ugoa]*[-+=][rwxXstugo]*([-+=][rwxXstugo]*)*(,[ugoa]*[-+=][rwxXstugo]*([-+=][rwxXstugo]*)*)*$/;

function checkMode(chmod: string) {
  if (chmod === '') return;
  const octal = /^[0-7]+$/.test(chmod);
  if (octal ? Number.parseInt(chmod, 8) > 0o7777 : /^\d/.test(chmod))
    throw new DockerfileError(`invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777`);
  if (!octal && !SYMBOLIC.test(chmod)) throw new DockerfileError('invalid syntax');
}

// ——— RUN

function run(d: Doing, i: Of<'run'>) {
  const { c, s } = d;
  let args = i.args;
  let script: { name: string; data: string } | null = null;
  let title = i.code;
  const [file] = i.files;
  if (file) {
    if (args.length !== 1 || !i.shell) throw new DockerfileError(`parsing produced an invalid run command: ${goList(args)}`);
    if (heredocOf(args[0] as string)) {
      const data = file.chomp ? chomped(file.data) : file.data;
      // With an interpreter of its own it is a file that is run, else the shell's command.
      if (data.startsWith('#!')) {
        script = { name: file.name, data };
        args = [`/dev/pipes/${file.name}`];
        c.vertices.push({
          name: '[internal] preparing inline document',
          stage: -1,
          lines: null,
          op: { kind: 'document', name: file.name, data },
          parent: null,
          ignoreCache: false,
        });
      } else args = [data];
      title += ` (${summary(file.data)})`;
    } else args = [[args[0], ...i.files.map((f) => `${f.data}${f.name}`)].join('\n')];
  }
  args = shellArgs(d, i, args);
  const mounts = i.mounts.map((text, n) => mount(d, text, n));
  const env = [...s.env].map(([k, v]) => `${k}=${v}`);
  const proxy = Object.entries(c.options.buildArgs)
    .filter(([k]) => PROXIES.includes(k.toLowerCase()))
    .flatMap(([k, v]) => [`${k.toUpperCase()}=${v}`, `${k.toLowerCase()}=${v}`]);
  // What a secret holds is not told.
  const hidden = mounts.flatMap((m): [string, string][] => (m.type === 'secret' && m.env ? [[m.env, '****']] : []));
  const name = shown(d, title, { rawQuotes: true, skipUnset: true }, { ...envOf(s), ...Object.fromEntries(hidden) });
  const vertex = add(d, name, {
    kind: 'run',
    args,
    env,
    proxy,
    cwd: s.cwd,
    user: s.user,
    mounts,
    network: i.network || c.options.networkMode,
    script,
  });
  history(s, `RUN ${runText(s, args)} # buildkit`, vertex);
}

/** Build arguments in scope, counted, before the command. */
function runText(s: StageState, args: readonly string[]): string {
  const seen = new Map<string, string>();
  for (const a of s.buildArgs) seen.set(a.key, `${a.key}=${s.env.get(a.key) ?? a.value ?? ''}`);
  const told = [...seen.values()];
  return [...(told.length > 0 ? [`|${told.length}`, ...told] : []), ...args].join(' ');
}

function summary(doc: string): string {
  const lines = trim(doc).replaceAll('\r\n', '\n').split('\n');
  return `${lines[0]}${lines.length > 1 ? '...' : ''}`;
}

function mount(d: Doing, text: string, n: number): PlannedMount {
  const m = parseMount(text, words(d));
  const source = d.command.sources[n] as StageState;
  if (m.from !== '' && !source.dispatched)
    throw new DockerfileError(
      `cannot mount from stage ${strconv.quote(m.from)} to ${strconv.quote(m.target)}, stage needs to be defined before current command`,
    );
  const file = m.type === 'secret' || m.type === 'ssh';
  const target = file && m.target === '' ? '' : join(d.s.cwd, m.target || '.');
  if (!file && target === '/') throw new DockerfileError(`invalid mount target ${strconv.quote(target)}`);
  if (m.from !== '' && source.named !== undefined) return { ...m, target, named: source.named };
  const ref: { ref?: Ref } = m.from !== '' ? { ref: source.ref } : m.type === 'cache' ? { ref: null } : {};
  return { ...m, target, ...ref };
}
