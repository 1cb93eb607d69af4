/** What a build says before its first step, and how a refusal becomes the end of its stream. */

import { encode } from '../../base';
import { ApiError, type Daemon } from '../daemon';
import { DockerfileError, type Lines } from './parser';
import { type BuildEvent, formatEvent, type VertexEvent } from './progress';
import { BuildFault } from './solver';

/** Events of a build as text, and the numbers of its vertices. */
export class Log {
  text = '';
  count = 0;
  constructor(private readonly d: Daemon) {}
  emit(e: BuildEvent) {
    this.text += formatEvent(e);
  }
  /** A vertex that is done at once; `body` may say more in between. */
  vertex(name: string, body: (n: number, started: number) => void = () => {}, end: Partial<VertexEvent> = {}) {
    const n = ++this.count;
    const started = this.d.now();
    this.emit({ vertex: { n, name, started } });
    body(n, started);
    this.emit({ vertex: { n, name, started, completed: this.d.now(), ...end } });
  }
}

export interface Fault {
  message: string;
  lines: Lines | null;
}

export function faultOf(e: unknown): Fault | null {
  if (e instanceof DockerfileError) return { message: encode(e.message), lines: e.lines };
  if (e instanceof BuildFault) return { message: e.whole, lines: e.lines ?? null };
  if (e instanceof ApiError) return { message: e.message, lines: null };
  return null;
}

export const errorEvent = (f: Fault, source: { file: string; text: string }): BuildEvent => ({
  error: f.message,
  ...(f.lines ? { source: { ...source, lines: f.lines } } : {}),
});
