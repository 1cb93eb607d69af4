/**
 * Progress for programs: BuildKit's own records, one JSON object a line (client/graph.go, SolveStatus).
 *
 *   {"vertexes":[{"digest":"sha256:…","name":"[2/2] RUN make","started":"…"}]}
 *   {"logs":[{"vertex":"sha256:…","stream":1,"data":"<base64>","timestamp":"…"}]}
 *
 * Simplified: a step's digest is made of its number and name, not of its definition; both outputs of a command count as the first; a
 * warning comes without its source.
 */

import { encode64, sha256 } from '../../base';
import { rfc3339 } from '../daemon';
import { goJson } from '../images';
import type { BuildEvent } from './progress';

/** What is known of the steps by number: digest, and when each began. */
export type Known = Readonly<Record<number, { digest: string; started: number }>>;

/** One event as a line; '' for what such a record does not hold. */
export function rawJson(known: Known, e: BuildEvent): { known: Known; text: string } {
  const line = (value: unknown) => `${goJson(value)}\n`;
  const at = (ms: number | undefined) => (ms === undefined ? undefined : rfc3339(ms));
  const digestOf = (n: number) => known[n]?.digest ?? '';
  if ('vertex' in e) {
    const { n, name, started, completed, cached, error } = e.vertex;
    const digest = known[n]?.digest ?? `sha256:${sha256(`${n} ${name}`)}`;
    const record = { digest, name, started: at(started), completed: at(completed), cached, error };
    return { known: { ...known, [n]: { digest, started } }, text: line({ vertexes: [record] }) };
  }
  if ('status' in e) {
    const { n, id, current = 0, started, completed } = e.status;
    const name = id.startsWith('transferring') ? 'transferring' : undefined;
    const record = {
      id,
      vertex: digestOf(n),
      name,
      current,
      timestamp: at(completed ?? started),
      started: at(started),
      completed: at(completed),
    };
    return { known, text: line({ statuses: [record] }) };
  }
  if ('log' in e) {
    const { n, at: after, data } = e.log;
    const timestamp = at((known[n]?.started ?? 0) + after);
    return { known, text: line({ logs: [{ vertex: digestOf(n), stream: 1, data: encode64(data), timestamp }] }) };
  }
  if ('warning' in e) {
    const { n, rule, url, message, description, lines } = e.warning;
    const short = encode64(`${rule}: ${message} (line ${lines[0]})`);
    const record = { vertex: digestOf(n), level: 1, short, detail: [encode64(description)], url: url ?? undefined };
    return { known, text: line({ warnings: [record] }) };
  }
  return { known, text: '' };
}
