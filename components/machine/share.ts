/** A machine handed on: by a link on the clipboard, in a playground of its own. Comes when first asked for. */
import type { MachineStore } from './store';

/** Puts a text on the clipboard and says so; where it cannot be written, `instead` says what else to do. */
export async function copy(store: MachineStore, make: () => string | null, said: string, instead: (text: string) => string): Promise<void> {
  await store.load();
  const text = make();
  if (text === null) return;
  try {
    await navigator.clipboard.writeText(text);
    store.say(said);
  } catch {
    store.say(instead(text));
  }
}

const SAID = 'A link to this machine, with all its steps, is on the clipboard.';

export const copyLink = (store: MachineStore): Promise<void> =>
  copy(store, store.link, SAID, (link) => {
    history.replaceState(null, '', link);
    return 'The address of this page now carries this machine: copy it from the address line.';
  });

/** The same machine in a playground of its own, from where it stands. */
export async function fork(store: MachineStore): Promise<void> {
  await store.load();
  const link = store.link('/playground');
  if (link !== null) window.open(link, '_blank', 'noopener');
}
