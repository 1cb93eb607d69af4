/**
 * The chapter's machine as the page holds it: a timeline, where it came from, and what there is to say about it.
 *
 * The engine itself is loaded on demand; until then this is all of the machine that the page carries. A session is
 * written to localStorage after each step and read back by replaying it; a link (#s=…) is replayed the same way and
 * leaves the reader's own machine alone until they keep it.
 */
import type * as Engine from './engine';
import type { Input, Timeline } from './engine';

export interface MachineState {
  phase: 'idle' | 'loading' | 'ready' | 'failed';
  timeline: Timeline | null;
  engine: typeof Engine | null;
  /** 'link' while a shared session is open that is not the reader's own. */
  source: 'own' | 'link';
  /** Commands of a console block that are still to run. */
  queued: number;
  /** What went wrong or deserves a word, for a status line. */
  notice: string | null;
}
export interface MachineStore {
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
  /** The address that carries this session. */
  link: () => string | null;
  keepLinked: () => void;
  leaveLinked: () => void;
  say: (notice: string | null) => void;
}

export const LINK_PREFIX = '#s=';
/** Browsers and chat programs cut longer addresses; also a bound on what is replayed for a stranger. */
export const LINK_LIMIT = 64_000;
const STORED_LIMIT = 2_000_000;

const frame = () => new Promise<void>((go) => requestAnimationFrame(() => go()));

/** Where a new machine begins: a scenario, a seed, and what has been typed already. */
export interface Beginning {
  scenario: string;
  seed: number;
  inputs: Input[];
}

/** `key` names the machine in this browser's storage. */
export function createStore(beginning: Beginning, key: string): MachineStore {
  const fresh = { v: 1 as const, ...beginning };
  const storageKey = `drydock:session:${key}`;
  const listeners = new Set<() => void>();
  let loading: Promise<void> | null = null;
  let state: MachineState = { phase: 'idle', timeline: null, engine: null, source: 'own', queued: 0, notice: null };

  const set = (change: Partial<MachineState>) => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };

  function save(timeline: Timeline) {
    if (state.source === 'link' || !state.engine) return;
    try {
      localStorage.setItem(storageKey, state.engine.encode(state.engine.session(timeline)));
    } catch {
      set({ notice: 'This browser has no room left to keep the machine: it will be gone after a reload. A link still carries it.' });
    }
  }

  function stored(): string | null {
    try {
      return localStorage.getItem(storageKey);
    } catch {
      return null;
    }
  }

  /** Opens an encoded session; on failure a new machine, and the reason. */
  function openText(
    engine: typeof Engine,
    text: string | null,
    limit: number,
    what: string,
  ): { timeline: Timeline; notice: string | null } {
    const otherwise = (reason: string) => ({
      timeline: engine.open(fresh),
      notice: `${what} could not be opened: ${reason} This is a new machine.`,
    });
    if (text === null) return { timeline: engine.open(fresh), notice: null };
    if (text.length > limit)
      return otherwise(`it is ${Math.ceil(text.length / 1000)} kB long, more than the ${limit / 1000} kB that are read.`);
    const decoded = engine.decode(text);
    if ('error' in decoded) return otherwise(decoded.error);
    if (decoded.session.scenario !== beginning.scenario) return otherwise('it belongs to another chapter.');
    try {
      return { timeline: engine.open(decoded.session), notice: null };
    } catch (error) {
      return otherwise(`its replay stopped (${error instanceof Error ? error.message : 'unknown reason'}).`);
    }
  }

  async function load() {
    set({ phase: 'loading' });
    try {
      const engine = await import('./engine');
      const hash = location.hash;
      if (hash.startsWith(LINK_PREFIX)) {
        const { timeline, notice } = openText(engine, hash.slice(LINK_PREFIX.length), LINK_LIMIT, 'The link');
        set(notice === null ? { phase: 'ready', engine, timeline, source: 'link' } : { phase: 'ready', engine, ...own(engine), notice });
      } else set({ phase: 'ready', engine, ...own(engine) });
    } catch {
      loading = null;
      set({ phase: 'failed', notice: 'The machine could not be loaded. The text is complete without it; reload the page to try again.' });
    }
  }

  const own = (engine: typeof Engine) => ({ ...openText(engine, stored(), STORED_LIMIT, 'The stored machine'), source: 'own' as const });

  /** Replaces the timeline and keeps it. A change that throws leaves everything as it was. */
  function change(next: (engine: typeof Engine, timeline: Timeline) => Timeline) {
    const { engine, timeline } = state;
    if (!engine || !timeline) return;
    try {
      const after = next(engine, timeline);
      set({ timeline: after, notice: null });
      save(after);
    } catch (error) {
      set({
        notice: `The model stopped at this step, which is a fault in it: ${error instanceof Error ? error.message : error}. Nothing was changed.`,
      });
    }
  }

  const dropLink = () => history.replaceState(null, '', location.pathname + location.search);

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    load: () => {
      loading ??= load();
      return loading;
    },
    submit: (input) => change((engine, timeline) => engine.push(timeline, input)),
    async run(inputs) {
      await this.load();
      for (const [done, input] of inputs.entries()) {
        set({ queued: inputs.length - done });
        this.submit(input);
        await frame();
      }
      set({ queued: 0 });
    },
    undo: () => change((engine, timeline) => engine.undo(timeline)),
    redo: () => change((engine, timeline) => engine.redo(timeline)),
    jump: (node) => change((engine, timeline) => engine.jump(timeline, node)),
    reset: () => change((engine) => engine.open(fresh)),
    link() {
      const { engine, timeline } = state;
      if (!engine || !timeline) return null;
      const text = engine.encode(engine.session(timeline));
      if (text.length > LINK_LIMIT) {
        set({
          notice: `This session is too long for a link: ${Math.ceil(text.length / 1000)} kB, and a link holds ${LINK_LIMIT / 1000} kB.`,
        });
        return null;
      }
      return location.origin + location.pathname + LINK_PREFIX + text;
    },
    keepLinked() {
      set({ source: 'own' });
      dropLink();
      if (state.timeline) save(state.timeline);
    },
    leaveLinked() {
      dropLink();
      if (state.engine) set(own(state.engine));
    },
    say: (notice) => set({ notice }),
  };
}
