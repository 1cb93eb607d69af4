/**
 * Who a container runs as: --user, USER and --group-add against the image's /etc/passwd and /etc/group
 * (github.com/moby/sys/user).
 *
 *   "" | user | uid | user:group | uid:gid | user:gid | uid:group
 *
 * A number is an id, never looked up as a name first; it need not be in the file. Supplementary groups come from
 * /etc/group only when no group is given.
 */
import { memo, strconv } from '../base';

export interface ExecUser {
  uid: number;
  gid: number;
  /** Supplementary group ids. */
  groups: number[];
  home: string;
}

interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

interface GroupEntry {
  name: string;
  gid: number;
  members: string[];
}

const largest = 2 ** 31 - 1;
const outOfRange = `uids and gids must be in range 0-${largest}`;

/** Atoi of a field of a file: what is not a number counts as 0, what is too large as the largest there is. */
function fieldId(text: string | undefined): number {
  try {
    return strconv.atoi(text ?? '');
  } catch (error) {
    if (error instanceof strconv.NumError && error.why === 'value out of range') return text!.startsWith('-') ? -(2 ** 63) : 2 ** 63;
    return 0;
  }
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** passwd(5): name:password:UID:GID:GECOS:directory:shell */
const parsePasswd = memo((text): readonly PasswdEntry[] =>
  lines(text).map((line) => {
    const [name = '', , uid, gid, , home = ''] = line.split(':');
    return { name, uid: fieldId(uid), gid: fieldId(gid), home };
  }),
);

/** group(5): name:password:GID:members */
const parseGroup = memo((text): readonly GroupEntry[] =>
  lines(text)
    .filter((line) => !line.startsWith('#'))
    .map((line) => {
      const [name = '', , gid, members = ''] = line.split(':');
      return { name, gid: fieldId(gid), members: members === '' ? [] : members.split(',') };
    }),
);

/** A number given as an id; undefined when it is a name. Throws when it is no valid id. */
function numeric(text: string): number | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const id = fieldId(text);
  if (id >= 0 && id <= largest) return id;
  throw new Error(outOfRange);
}

/** The id of a group given by name or number. */
function groupId(text: string, file: readonly GroupEntry[]): number {
  const id = numeric(text);
  const entry = file.find((group) => (id === undefined ? group.name === text : group.gid === id));
  if (entry) return entry.gid;
  if (id === undefined) throw new Error(`unable to find group ${text}: no matching entries in group file`);
  return id;
}

/**
 * The user of a process. `passwd` and `group` are the texts of the files, undefined when there is no such file;
 * what is not given is taken from `start`.
 */
export function execUser(
  spec: string,
  passwd: string | undefined,
  group: string | undefined,
  start: ExecUser = { uid: 0, gid: 0, groups: [], home: '' },
): ExecUser {
  const [user = '', ...rest] = spec.split(':');
  const wanted = rest.join(':');
  const id = numeric(user);
  numeric(wanted);

  const entry = parsePasswd(passwd ?? '').find((line) =>
    user === '' ? line.uid === start.uid : id === undefined ? line.name === user : line.uid === id,
  );
  if (!entry && user !== '' && id === undefined) throw new Error(`unable to find user ${user}: no matching entries in passwd file`);
  const found = entry ? { ...start, uid: entry.uid, gid: entry.gid, home: entry.home } : { ...start, uid: id ?? start.uid };

  const file = parseGroup(group ?? '');
  if (wanted !== '') return { ...found, gid: groupId(wanted, file) };
  const member = entry && entry.name !== '' ? file.filter((line) => line.members.includes(entry.name)) : [];
  return member.length > 0 ? { ...found, groups: member.map((line) => line.gid) } : found;
}

/** The ids of --group-add, sorted, each once. */
export function additionalGroups(wanted: string[], group: string | undefined): number[] {
  const file = parseGroup(group ?? '');
  for (const text of wanted) numeric(text);
  const ids = wanted.map((text) => groupId(text, file));
  if (ids.some((id) => id < 0 || id > largest)) throw new Error(outOfRange);
  return [...new Set(ids)].sort((a, b) => a - b);
}
