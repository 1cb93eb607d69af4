/**
 * docker images --tree: names, sizes and use of images. docker/cli, cli/command/image/tree.go, tree_table.go (28.5).
 *
 *   IMAGE            ID             DISK USAGE   CONTENT SIZE   EXTRA
 *   busybox:latest                                                        further names of the same image stand above it
 *   busybox:1.36     455a19d040eb       2.06MB             0B   U         in use
 *
 * The tree below an image is of its platforms, as the containerd image store keeps them; the engine's default store has one
 * image for each name, so there is none.
 */

import { humanSize, textWidth } from '../../../base';
import { truncateId } from '../../display';
import { type Script, sys } from '../../driver';
import { CommandError, type Ctx, filtersOf, get, pathOf, print } from '../api';
import { isTerminal } from '../streams';
import type { ImageSummary } from './list';

const RESET = '\x1b[0m';
const SPACING = '   ';

interface Cell {
  text: string;
  /** Sequences that switch its colour on; none where the output is no terminal. */
  color?: string;
}
interface Column {
  title: string;
  width: number;
  right?: boolean;
  value(i: ImageSummary): Cell;
}

const printed = (cell: Cell, width: number, right = false): string => {
  const chars = [...cell.text];
  const text = chars.length > width ? `${chars.slice(0, width - 3).join('')}...` : cell.text;
  const fill = ' '.repeat(Math.max(0, width - textWidth(text)));
  const shown = cell.color && text !== '' ? `${cell.color}${text}${RESET}` : text;
  return right ? fill + shown : shown + fill;
};

/** Image, and as many of the others as leave it twelve columns. */
function columnsFor(width: number, tty: boolean, used: ReadonlySet<string>, names: readonly string[]): Column[] {
  const color = tty ? '\x1b[39m' : undefined;
  const all: Column[] = [
    { title: 'Image', width: 0, value: () => ({ text: '' }) },
    { title: 'ID', width: 12, value: (i) => ({ text: truncateId(i.Id), color }) },
    { title: 'Disk usage', width: 10, right: true, value: (i) => ({ text: humanSize(i.Size, 3), color }) },
    { title: 'Content size', width: 12, right: true, value: () => ({ text: humanSize(0, 3), color }) },
    {
      title: 'Extra',
      width: 5,
      value: (i) => (!used.has(i.Id) ? { text: '' } : tty ? { text: ' U ', color: '\x1b[38;5;0m\x1b[48;5;14m' } : { text: 'U' }),
    },
  ];
  let room = width;
  let count = 1;
  for (const c of all.slice(1)) {
    if (room - c.width - SPACING.length < 12) break;
    room -= c.width + SPACING.length;
    count++;
  }
  const widest = Math.max('Image'.length, ...names.map((n) => n.length));
  return all.slice(0, count).map((c, n) => (n === 0 ? { ...c, width: Math.min(room, widest) } : c));
}

function legend(width: number, tty: boolean): string {
  const plain = 'Info ->  U In Use ';
  if (!tty) return `${plain.padStart(width)}\n`;
  const shown = `\x1b[1m\x1b[106m\x1b[30mi${RESET}${RESET} \x1b[96mInfo → ${RESET}${RESET} \x1b[38;5;0m\x1b[48;5;14m U ${RESET} In Use `;
  return `${' '.repeat(Math.max(0, width - 21))}${shown}\n`;
}

export function* tree(c: Ctx, filters: readonly string[]): Script {
  for (const [flag, name] of Object.entries({ quiet: 'quiet', 'no-trunc': 'no-trunc', digests: 'show-digest', format: 'format' }))
    if (flag === 'format' ? c.text(flag) !== '' : c.on(flag)) throw new CommandError(`--${name} is not yet supported with --tree`);
  const list = yield* get<ImageSummary[]>(c, pathOf('/images/json', { all: c.on('all'), filters: filtersOf(filters) }));
  const containers = yield* get<{ ImageID: string }[]>(c, pathOf('/containers/json', { all: true }));
  const tty = yield* isTerminal(1);
  const size = yield* sys((s) => s.winsize(1));
  const width = Math.max(20, (size && 'cols' in size && size.cols) || 80);
  const named = list
    .map((i) => ({ image: i, names: (i.RepoTags ?? []).filter((t) => t !== '<none>:<none>') }))
    .filter((n) => n.names.length > 0);
  named.sort((a, b) => b.image.Created - a.image.Created);
  const columns = columnsFor(
    width,
    tty,
    new Set(containers.map((x) => x.ImageID)),
    named.flatMap((n) => n.names),
  );
  const first = (columns[0] as Column).width;
  const warning = "WARNING: This is an experimental feature. The output may change and shouldn't be depended on.";
  let text = `${tty ? `\x1b[93m${warning}${RESET}` : warning}\n${legend(width, tty)}\n`;
  text += `${columns.map((x) => printed({ text: x.title.toUpperCase(), color: '\x1b[39m\x1b[1m' }, x.width, x.right)).join(SPACING)}\n`;
  for (const { image, names } of named) {
    const cells = names.map((n) => printed({ text: n, color: tty ? '\x1b[34m\x1b[1m' : undefined }, first));
    const rest = columns.slice(1).map((x) => SPACING + printed(x.value(image), x.width, x.right));
    text += `${cells.map((cell, n) => (n < cells.length - 1 ? cell.trimEnd() : cell)).join('\n')}${rest.join('')}\n`;
  }
  yield* print(text);
  return 0;
}
