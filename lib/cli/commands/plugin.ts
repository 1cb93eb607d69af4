/** docker plugin: docker/cli, cli/command/plugin. Installing, making, pushing and upgrading are not modelled: engine/plugins.ts. */

import { pluginContext, pluginFormat } from '../formats';
import { formatList } from '../formatter';
import { type Command, call, each, filtersOf, get, pathOf, post, print, say, segment } from './api';
import { formatted } from './output';

const ls: Command = function* (c) {
  const rows = yield* get<never[]>(c, pathOf('/plugins', { filters: filtersOf(c.list('filter')) }));
  const format = pluginFormat(c.text('format'), { quiet: c.on('quiet') });
  yield* print(yield* formatted(() => formatList(pluginContext, format, rows, { trunc: !c.on('no-trunc'), now: 0 })));
  return 0;
};

/** enable, disable: the name is said again. */
const told = (act: string): Command =>
  function* (c) {
    yield* post(c, `/plugins/${segment(c.args[0] ?? '')}/${act}`);
    yield* say(c.args[0] ?? '');
    return 0;
  };

const set: Command = function* (c) {
  yield* post(c, `/plugins/${segment(c.args[0] ?? '')}/set`, c.args.slice(1));
  return 0;
};

const rm: Command = (c) =>
  each(c.args, function* (name) {
    yield* call(c, 'DELETE', pathOf(`/plugins/${segment(name)}`, { force: c.on('force') }));
    yield* say(name);
  });

export const PLUGIN_COMMANDS: Readonly<Record<string, Command>> = {
  'docker plugin disable': told('disable'),
  'docker plugin enable': told('enable'),
  'docker plugin ls': ls,
  'docker plugin rm': rm,
  'docker plugin set': set,
};
