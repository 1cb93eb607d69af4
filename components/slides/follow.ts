/** Two windows on one set of slides: the wall says where it is, the speaker's view says what shall happen. Same origin, no server. */

/** What may happen on the wall. */
export const ACTS = ['next', 'back', 'step', 'undo', 'start', 'black'] as const;
export type Act = (typeof ACTS)[number];

/** Where the wall is. */
export interface Place {
  /** The slide shown, from 0. */
  at: number;
  /** Steps of this slide that have run. */
  done: number;
  black: boolean;
  /** The machine is there and waits. */
  ready: boolean;
}

type Message = { act: Act } | { go: number } | { place: Place } | { asks: true };

export function channel(chapter: string, on: (message: Message) => void): { say: (message: Message) => void; close: () => void } {
  const wire = new BroadcastChannel(`drydock:slides:${chapter}`);
  wire.onmessage = ({ data }) => on(data as Message);
  return { say: (message) => wire.postMessage(message), close: () => wire.close() };
}

/** What a key does, or undefined. */
export function actOf({ key, ctrlKey, metaKey, altKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): Act | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  const acts: Record<string, Act> = {
    ArrowRight: 'next',
    PageDown: 'next',
    ArrowLeft: 'back',
    PageUp: 'back',
    Enter: 'step',
    ' ': 'step',
    u: 'undo',
    s: 'start',
    b: 'black',
    '.': 'black',
  };
  return acts[key];
}
