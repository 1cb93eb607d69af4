'use client';
/** One machine a page: the store, given to whatever runs commands on it or draws it. */
import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from 'react';
import { inputOf } from './inputs';
import { createStore, type MachineState, type MachineStore } from './store';

const Store = createContext<MachineStore | null>(null);

interface Props {
  scenario: string;
  seed: number;
  /** Names the machine in this browser's storage. */
  name: string;
  /** Commands that a new machine has already run. */
  commands?: string[];
  children: ReactNode;
}

export function MachineProvider({ scenario, seed, name, commands = [], children }: Props) {
  const [store] = useState(() => createStore({ scenario, seed, inputs: commands.map(inputOf) }, name));
  return <Store value={store}>{children}</Store>;
}

export function useStore(): MachineStore {
  const store = useContext(Store);
  if (!store) throw new Error('There is no machine around this component.');
  return store;
}

/** A part of the machine's state; `select` must return the same value while nothing it looks at has changed. */
export function useMachine<T>(select: (state: MachineState) => T): T {
  const store = useStore();
  return useSyncExternalStore(
    store.subscribe,
    () => select(store.get()),
    () => select(store.get()),
  );
}
