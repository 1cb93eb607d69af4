/**
 * The lines that tell what is done to what, where output is not a terminal (docker/compose, pkg/progress).
 *
 *   plain  ` Container lab-web-1  Created`
 *   json   `{"id":"Container lab-web-1","status":"Created"}`, an error at the end as well
 *   quiet  nothing
 *
 * Simplified: tty, which draws over its own lines, is plain.
 */

import type { Effect, Script } from '../../driver';
import { CommandError, warn } from '../api';

export function* tell(kind: 'Container' | 'Network' | 'Volume' | 'Image', name: string, what: string): Script<void> {
  yield* warn(` ${kind} ${name}  ${what}`);
}

/** What is done for a service: its image is pulled. */
export function* tellService(service: string, what: string): Script<void> {
  yield* warn(` ${service} ${what} `);
}

const TOLD = /^ (?:DRY-RUN MODE - {2})?((?:Container|Network|Volume|Image) \S+) {2}(.*)\n$/s;
const TOLD_OF_SERVICE = /^ (\S+) (Pulling|Pulled|Interrupted|Error|Warning)(?: (.*))? \n$/s;

export const MODES = ['auto', 'tty', 'plain', 'json', 'quiet'];

function inJson(text: string): string | null {
  const told = TOLD.exec(text);
  const dry = text.startsWith(' DRY-RUN MODE') ? { 'dry-run': true } : {};
  if (told) return `${JSON.stringify({ ...dry, id: told[1], status: told[2] })}\n`;
  const service = TOLD_OF_SERVICE.exec(text);
  return service && `${JSON.stringify({ ...dry, id: service[1], text: service[2], status: service[3] })}\n`;
}

/** A command with its lines in another way. */
export function* shownAs(mode: 'json' | 'quiet', script: Script): Script {
  const shown = (e: Effect): Effect | null => {
    if (e.do !== 'write' || e.fd !== 2) return e;
    const text = inJson(e.text);
    if (text === null) return e;
    return mode === 'quiet' ? null : { ...e, text };
  };
  try {
    let step = script.next();
    while (!step.done) {
      const e = shown(step.value);
      step = script.next(e ? yield e : undefined);
    }
    return step.value;
  } catch (e) {
    if (mode !== 'json' || !(e instanceof CommandError)) throw e;
    throw new CommandError(JSON.stringify({ error: true, message: e.message }), e.status);
  }
}
