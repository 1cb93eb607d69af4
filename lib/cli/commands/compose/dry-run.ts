/**
 * --dry-run: a command runs as ever, but what it would change is answered here instead of by the engine
 * (docker/compose, pkg/dryrun/dryrunclient.go).
 *
 *   reads   go to the engine; of containers, those that would have been made come after them
 *   writes  succeed, and change nothing
 *   lines   ` Container lab-web-1  Created` is told as ` DRY-RUN MODE -  Container lab-web-1  Created`
 */

import { decode, encode } from '../../../base';
import type { ApiResponse, Effect, Script } from '../../driver';
import { CommandError, type Ctx, notModelled } from '../api';

const PROGRESS = /^ (?:Container|Network|Volume|Image) /;
/** A connection of a request that was never sent. */
const NO_CONNECTION = -1;

const answer = (status: number, body: unknown = ''): ApiResponse => ({
  status,
  headers: {},
  body: body === '' ? '' : encode(JSON.stringify(body)),
});

/** What the engine would list of a container that was asked for. */
function listed(id: string, path: string, body: string): unknown {
  const name = decodeURIComponent(/[?&]name=([^&]*)/.exec(path)?.[1] ?? '');
  const { Image, Labels } = JSON.parse(decode(body)) as { Image: string; Labels: Record<string, string> };
  return {
    Id: id,
    Names: [`/${name}`],
    Image,
    ImageID: '',
    Command: '',
    Created: 0,
    Ports: [],
    Labels,
    State: 'created',
    Status: 'Created',
  };
}

const RUNS = { State: { Status: 'running', Running: true, Paused: false, Restarting: false, ExitCode: 0, Health: { Status: 'healthy' } } };

class Rehearsal {
  private readonly made: unknown[] = [];

  /** The answer to a request that would change something. Throws what cannot be played. */
  write(e: Extract<Effect, { do: 'request' | 'open' | 'begin' }>): unknown {
    if (e.do === 'begin') return NO_CONNECTION;
    const path = e.path.replace(/\?.*/, '');
    if (path === '/containers/create') return this.create(e.path, e.body ?? '{}');
    if (path.endsWith('/exec')) throw new CommandError('interactive exec is not supported in dry-run mode');
    if (e.do === 'open' || path === '/build' || path === '/images/create') throw notModelled('this step of a dry run');
    if (path === '/networks/create') return answer(201, { Id: 'dryRunId' });
    return answer(204);
  }

  private create(path: string, body: string): ApiResponse {
    const id = `dryRunId${this.made.length}`;
    const row = listed(id, path, body) as { Labels: Record<string, string> };
    if (row.Labels['com.docker.compose.oneoff'] === 'True') throw new CommandError('interactive run is not supported in dry-run mode');
    this.made.push(row);
    return answer(201, { Id: id, Warnings: [] });
  }

  /** An answer that need not be asked for; undefined: the engine has it. */
  read(path: string): ApiResponse | undefined {
    return /^\/containers\/dryRunId\d+\/json/.test(path) ? answer(200, RUNS) : undefined;
  }

  /** What the engine answers, and what would be there beside it. */
  added(path: string, got: ApiResponse): ApiResponse {
    if (!path.startsWith('/containers/json') || this.made.length === 0 || got.status !== 200) return got;
    return { ...got, body: encode(JSON.stringify([...(JSON.parse(decode(got.body)) as unknown[]), ...this.made])) };
  }
}

/** Plays a command. */
export function* rehearsed(script: Script): Script {
  const play = new Rehearsal();
  let step = script.next();
  while (!step.done) {
    const e: Effect = step.value;
    try {
      step = script.next(yield* played(play, e));
    } catch (fault) {
      if (!(fault instanceof CommandError)) throw fault;
      step = script.throw(fault);
    }
  }
  return step.value;
}

function* played(play: Rehearsal, e: Effect): Script<unknown> {
  if (e.do === 'write') return yield e.fd === 2 && PROGRESS.test(e.text) ? { ...e, text: ` DRY-RUN MODE - ${e.text}` } : e;
  if (e.do === 'finish' && e.conn === NO_CONNECTION) return answer(204);
  if (e.do !== 'request' && e.do !== 'open' && e.do !== 'begin') return yield e;
  if (e.method !== 'GET') return play.write(e);
  const known = play.read(e.path);
  if (known) return known;
  const got = yield e;
  return e.do === 'request' && 'status' in got ? play.added(e.path, got) : got;
}

/** What these do beside requests would be done in earnest. */
export const UNPLAYED: readonly string[] = ['cp', 'export', 'pull', 'watch'];

/** Whether a command line asks for it, before the command's name or after it. */
export const isDryRun = (c: Ctx): boolean => c.on('dry-run') || c.outer.on('dry-run');
