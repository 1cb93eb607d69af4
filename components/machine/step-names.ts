/** What a step of a timeline is called. */
import type { Input, Timeline } from './engine';
import { KEYS } from './inputs';
import { lastChange } from './path';

const KEY_NAMES = Object.fromEntries(Object.entries(KEYS).map(([shown, key]) => [key, shown]));

/** What a terminal shows of an input after the prompt. */
export function typed(input: Input): string {
  if (input.kind === 'line') return input.text;
  if (input.kind === 'key') return KEY_NAMES[input.key] ?? '';
  if (input.kind === 'file') return `# the editor saved ${input.path}`;
  return `# ${input.seconds} s pass`;
}

/** One word for a step: docker's verb, else the program's name. */
export function verb(input: Input | null): string {
  if (input === null) return 'boot';
  if (input.kind === 'file') return 'edit';
  if (input.kind === 'wait') return 'wait';
  if (input.kind === 'key') return KEY_NAMES[input.key] ?? '';
  const words = input.text.trim().split(/\s+/);
  const word = words[0] === 'docker' ? (words.slice(1).find((w) => !w.startsWith('-')) ?? 'docker') : (words[0] ?? '');
  const name = word.replace(/^.*\/(?=[^/])/, '');
  return name.length > 8 ? `${name.slice(0, 7)}…` : name || '↵';
}

/** "step 1: docker run", for the last step that changed the machine. */
export function changeName(timeline: Timeline): string {
  const change = lastChange(timeline);
  if (!change) return 'nothing yet';
  const docker = change.node.input?.kind === 'line' && change.node.input.text.startsWith('docker ');
  return `step ${change.step}: ${docker ? 'docker ' : ''}${verb(change.node.input)}`;
}
