/** Area "users": --user and --group-add against the image's files, as moby/sys/user resolves them. */
import { additionalGroups, type ExecUser, execUser } from '../../engine/user';
import { NotModelled } from '../vectors';

type Input =
  | { fn: 'user'; user: string; passwd?: string; group?: string; default?: ExecUser }
  | { fn: 'groups'; groups: string[]; group?: string };

export function users(input: Input): unknown {
  if (input.fn === 'user') return execUser(input.user, input.passwd, input.group, input.default);
  if (input.fn === 'groups') return additionalGroups(input.groups, input.group);
  throw new NotModelled((input as { fn: string }).fn);
}
