/**
 * The chapter's machine as the page holds it: a timeline, where it came from, and what there is to say about it.
 *
 * The engine itself is loaded on demand; until then this is all of the machine that the page carries. A session is
 * written to localStorage after each step and read back by replaying it; a link (#s=…) is replayed the same way and
 * leaves the reader's own machine alone until they keep it.
 */
import { keep, kept, PREFIX } from '../ask/kept';
import type * as Engine from './engine';
import type { Input, Timeline } from './engine';
import type * as Sessions from './sessions';

export interface MachineState {
  phase: 'idle' | 'loading' | 'ready' | 'failed';
  timeline: Timeline | null;
  engine: typeof Engine | null;
  /** 'link' while a shared session is open that is not the reader's own. */
  source: 'own' | 'link';
  /** The container that the reader asked to see in the X-ray; another object each time they ask. */
  asked: { container: string } | null;
  /** The step that the head is compared with, or null. */
  comparing: number | null;
  /** Commands of a console block that are still to run. */
  queued: number;
  /** What went wrong or deserves a word, for a status line. */
  notice: string | null;
}
export interface MachineStore {
  /** Its name in this browser's storage. */
  key: string;
  get: () => MachineState;
  subscribe: (listener: () => void) => () => void;
  /** Loads the engine and the session, once. */
  load: () => Promise<void>;
  submit: (input: Input) => void;
  /** Submits several inputs, a frame apart. */
  run: (inputs: Input[]) => Promise<void>;
  undo: () => void;
  redo: () => void;
  jump: (node: number) => void;
  reset: () => void;
  /** The address that carries this session: of this page, or of another that opens it. */
  link: (page?: string) => string | null;
  openAddress: () => Promise<void>;
  /** Something that this browser keeps was changed by another tab. */
  elsewhere: (event: StorageEvent) => void;
  keepLinked: () => void;
  leaveLinked: () => Promise<void>;
  say: (notice: string | null) => void;
  show: (container: string) => void;
  /** Compares the head with another step; null: with none any more. */
  compare: (node: number | null) => void;
}

export const LINK_PREFIX = '#s=';

const frame = () => new Promise<void>((go) => requestAnimationFrame(() => go()));

/** Where a new machine begins: a scenario, a seed, and what has been typed already. */
export interface Beginning {
  scenario: string;
  seed: number;
  inputs: Input[];
}

export function createStore(beginning: Beginning, key: string): MachineStore {
  const listeners = new Set<() => void>();
  let loading: Promise<void> | null = null;
  let sessions: typeof Sessions | null = null;
  let state: MachineState = {
    phase: 'idle',
    timeline: null,
    engine: null,
    source: 'own',
    asked: null,
    comparing: null,
    queued: 0,
    notice: null,
  };

  const set = (change: Partial<MachineState>) => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };

  function save(timeline: Timeline) {
    if (state.source === 'link' || !sessions) return;
    if (!keep('session', key, sessions.toText(timeline))) set({ notice: sessions.SAID.noRoom });
  }

  async function load() {
    set({ phase: 'loading' });
    try {
      const [engine, loaded] = await Promise.all([import('./engine'), import('./sessions')]);
      sessions = loaded;
      const own = await engine.withParts(() => loaded.openOwn(engine, kept('session', key), beginning));
      set({ phase: 'ready', engine, ...own, source: 'own' });
      await openAddress();
    } catch {
      loading = null;
      set({ phase: 'failed', notice: 'The machine could not be loaded. The text is complete without it; reload the page to try again.' });
    }
  }

  /** Another tab has gone on with the reader's machine. */
  function elsewhere({ key: name }: StorageEvent) {
    if (sessions && name === PREFIX.session + key && state.source === 'own') set({ notice: sessions.SAID.elsewhere });
  }

  /** The session that the page's address carries, if it does. */
  async function openAddress() {
    const { hash } = location;
    const { engine } = state;
    const opener = sessions;
    if (!hash.startsWith(LINK_PREFIX) || !engine || !opener) return;
    const { decode } = await import('../../lib/machine/link');
    const linked = await engine.withParts(() => opener.openLink(engine, decode, hash.slice(LINK_PREFIX.length), beginning));
    if ('timeline' in linked) set({ ...linked, source: 'link', notice: null });
    else set({ notice: `The link could not be opened: ${linked.error} This is your own machine.` });
  }

  /** A change that waits for code to come; those after it wait, too. */
  let waiting: Promise<void> | null = null;

  /** Replaces the timeline and keeps it. A change that throws leaves everything as it was. */
  function change(next: (engine: typeof Engine, timeline: Timeline) => Timeline): void | Promise<void> {
    const run = waiting ? waiting.then(() => attempt(next)) : attempt(next);
    if (!(run instanceof Promise)) return;
    const mine: Promise<void> = run.finally(() => {
      if (waiting === mine) waiting = null;
    });
    waiting = mine;
    return mine;
  }

  function attempt(next: (engine: typeof Engine, timeline: Timeline) => Timeline): void | Promise<void> {
    const { engine, timeline } = state;
    if (!engine || !timeline) return;
    const done = (after: Timeline) => {
      set({ timeline: after, notice: null });
      save(after);
    };
    const failed = (error: unknown) => set({ notice: sessions?.faultOf(error) ?? null });
    try {
      const after = engine.withParts(() => next(engine, timeline));
      if (!(after instanceof Promise)) return done(after);
      return after.then(done, failed);
    } catch (error) {
      failed(error);
    }
  }

  const dropLink = () => history.replaceState(null, '', location.pathname + location.search);

  return {
    key,
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    load: () => {
      loading ??= load();
      return loading;
    },
    submit: (input) => void change((engine, timeline) => engine.push(timeline, input)),
    async run(inputs) {
      await this.load();
      for (const [done, input] of inputs.entries()) {
        set({ queued: inputs.length - done });
        await change((engine, timeline) => engine.push(timeline, input));
        await frame();
      }
      set({ queued: 0 });
    },
    undo: () => void change((engine, timeline) => engine.undo(timeline)),
    redo: () => void change((engine, timeline) => engine.redo(timeline)),
    jump: (node) => void change((engine, timeline) => engine.jump(timeline, node)),
    reset() {
      set({ comparing: null });
      void change((engine) => engine.open({ v: 1, ...beginning }));
    },
    link(page = location.pathname) {
      const { engine, timeline } = state;
      if (!engine || !timeline) return null;
      const text = engine.encode(engine.session(timeline));
      const tooLong = sessions?.tooLongForLink(text) ?? null;
      if (tooLong) {
        set({ notice: tooLong });
        return null;
      }
      return location.origin + page + LINK_PREFIX + text;
    },
    openAddress,
    elsewhere,
    keepLinked() {
      set({ source: 'own' });
      dropLink();
      if (state.timeline) save(state.timeline);
    },
    async leaveLinked() {
      dropLink();
      const { engine } = state;
      const opener = sessions;
      if (engine && opener)
        set({ ...(await engine.withParts(() => opener.openOwn(engine, kept('session', key), beginning))), source: 'own' });
    },
    say: (notice) => set({ notice }),
    show: (container) => set({ asked: { container } }),
    compare: (node) => set({ comparing: node }),
  };
}
