/**
 * A stage while its instructions are carried out on paper: environment, directory, user, image configuration.
 * BuildKit frontend/dockerfile/dockerfile2llb (dispatch state).
 */

import type { HistoryEntry, ImageConfig } from '../state';
import type { Of, Stage } from './instructions';
import type { Env } from './lex';
import type { Lines } from './parser';
import type { ImageDraft, Ref } from './plan';

export interface StageState {
  stage: Stage;
  /** As progress shows it; '' in a Dockerfile with one stage. */
  name: string;
  /** The stage it stands on, if that is one of this file. */
  base: StageState | null;
  /** Only a source of files: COPY --from=image. */
  unregistered: boolean;
  /** It stands for a directory given by --build-context. */
  named?: string;
  commands: Command[];
  /** Stages that its commands take files from, and where the first of these commands is. */
  deps: Map<StageState, Lines>;
  resolved: boolean;
  dispatched: boolean;
  onBuildDone: boolean;

  ref: Ref;
  /** The image's vertex that it begins with, and its name for it. */
  start?: number;
  from: string;
  /** Name → value, in the order they were last set. */
  env: Map<string, string>;
  cwd: string;
  user: string;
  image: ImageDraft;
  buildArgs: { key: string; value?: string }[];
  /** Numbers in "[build 2/5]". */
  index: number;
  total: number;
  workdirSet: boolean;
  /** Lines where the instruction was last given, for those of which only the last counts. */
  used: Partial<Record<'cmd' | 'entrypoint' | 'healthcheck', Of<'cmd'>['lines']>>;
}

export interface Command {
  instruction: Stage['commands'][number];
  /** Stages it takes files from: one for COPY --from, one a mount for RUN. */
  sources: StageState[];
  onBuild: boolean;
}

export const emptyImage = (): ImageDraft => ({ architecture: 'amd64', author: '', os: 'linux', config: { WorkingDir: '/' }, history: [] });

export function newStage(stage: Stage, name: string, unregistered = false): StageState {
  return {
    stage,
    name,
    base: null,
    unregistered,
    commands: [],
    deps: new Map(),
    resolved: false,
    dispatched: false,
    onBuildDone: false,
    ref: null,
    from: '',
    env: new Map(),
    cwd: '/',
    user: '',
    image: emptyImage(),
    buildArgs: [],
    index: 0,
    total: 0,
    workdirSet: false,
    used: {},
  };
}

/** What an image's config says, as the start of a stage: fields that a Dockerfile does not know are left behind. */
export function draftOf(config: ImageConfig): ImageDraft {
  const c = config.config;
  const history = config.history.map((h): HistoryEntry => ({ ...h }));
  return {
    architecture: config.architecture,
    author: config.author ?? '',
    os: config.os,
    ...(config.variant ? { variant: config.variant } : {}),
    config: {
      User: c.User,
      ExposedPorts: c.ExposedPorts && { ...c.ExposedPorts },
      Env: c.Env ? [...c.Env] : null,
      Entrypoint: c.Entrypoint ?? null,
      Cmd: c.Cmd ?? null,
      Volumes: c.Volumes ? { ...c.Volumes } : null,
      WorkingDir: c.WorkingDir,
      Labels: c.Labels ? { ...c.Labels } : null,
      StopSignal: c.StopSignal,
      ArgsEscaped: c.ArgsEscaped,
      Healthcheck: c.Healthcheck,
      OnBuild: c.OnBuild ?? null,
      Shell: c.Shell,
    },
    history,
  };
}

export const copyDraft = (d: ImageDraft): ImageDraft => ({
  ...d,
  config: {
    ...d.config,
    ExposedPorts: d.config.ExposedPorts && { ...d.config.ExposedPorts },
    Env: d.config.Env ? [...d.config.Env] : null,
    Volumes: d.config.Volumes ? { ...d.config.Volumes } : null,
    Labels: d.config.Labels ? { ...d.config.Labels } : null,
  },
  history: [...d.history],
});

export function setEnv(s: StageState, key: string, value: string) {
  s.env.delete(key);
  s.env.set(key, value);
}

export const envOf = (s: StageState): Env => Object.fromEntries(s.env);

/** A name is replaced where it stands, a new one comes last: the image's Env. */
export function withEnv(list: readonly string[] | null | undefined, key: string, value: string): string[] {
  const out = [...(list ?? [])];
  const at = out.findIndex((e) => e.split('=')[0] === key);
  if (at < 0) out.push(`${key}=${value}`);
  else out[at] = `${key}=${value}`;
  return out;
}

/** A stage that stands on another begins with what that one has at the end. */
export function inherit(s: StageState, from: StageState) {
  s.ref = from.ref;
  s.env = new Map(from.env);
  s.cwd = from.cwd;
  s.user = from.user;
  s.image = copyDraft(from.image);
  s.image.config.OnBuild = null;
  s.workdirSet = from.workdirSet;
  s.buildArgs = [...from.buildArgs];
}

/** "[build 2/5] RUN make": which step of which stage. */
export function prefixed(s: StageState, text: string, onBuild: boolean): string {
  if (s.total === 0) return text;
  s.index++;
  const width = Math.floor(1 + Math.log10(s.total));
  return `[${s.name === '' ? '' : `${s.name} `}${`${s.index}`.padStart(width)}/${s.total}] ${onBuild ? 'ONBUILD ' : ''}${text}`;
}
