/** docker compose, command by command: a part of its own (lib/cli/parts.ts). */

import type { ComposeCommand } from '..';
import { type Command, CommandError, notModelled } from '../api';
import { build } from './build';
import { config } from './config';
import * as down from './down';
import { isDryRun, rehearsed, UNPLAYED } from './dry-run';
import { attach, logs } from './logs';
import * as misc from './misc';
import { MODES, shownAs } from './progress';
import * as list from './ps';
import * as registry from './registry';
import { cp, exec, run } from './run';
import { createCommand, scale, up } from './up';
import { watch } from './watch';

const ALL: Partial<Record<ComposeCommand, Command>> = {
  attach,
  build,
  config,
  cp,
  create: createCommand,
  down: down.down,
  events: misc.events,
  exec,
  export: misc.exportCommand,
  images: list.images,
  kill: down.kill,
  logs,
  ls: list.ls,
  pause: down.pause,
  port: misc.port,
  ps: list.ps,
  pull: registry.pull,
  push: registry.push,
  restart: down.restart,
  rm: down.rm,
  run,
  scale,
  start: down.start,
  stats: misc.stats,
  stop: down.stop,
  top: misc.top,
  unpause: down.unpause,
  up,
  version: misc.version,
  volumes: list.volumes,
  wait: misc.wait,
  watch,
};

/** --dry-run and --progress are every command's. */
export const COMMANDS: Partial<Record<ComposeCommand, Command>> = Object.fromEntries(
  Object.entries(ALL).map(([name, command]): [string, Command] => [
    name,
    (c) => {
      const mode = c.outer.text('progress');
      if (mode !== '' && !MODES.includes(mode)) throw new CommandError(`unsupported --progress value "${mode}"`);
      if (isDryRun(c) && UNPLAYED.includes(name)) throw notModelled(`docker compose --dry-run ${name}`);
      const script = isDryRun(c) ? rehearsed(command(c)) : command(c);
      return mode === 'json' || mode === 'quiet' ? shownAs(mode, script) : script;
    },
  ]),
);
