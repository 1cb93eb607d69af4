/** A Compose file before it is started: what it comes to, in which order, and what is wrong with it. */
import { type ComposeFilesView, composeFiles, composeFilesView } from '../../lib/machine/views/compose-files';
import { Plan } from '../figures/Plan';
import { PlanTable } from '../figures/PlanTable';
import { world, worldOrNull, type XrayKind } from './kind';

const placeOf = (origin: { file: string; line: number } | null) => (origin ? `${origin.file}, line ${origin.line}: ` : '');

function says({ files, view, absent }: ComposeFilesView): string {
  const merged = files.length > 1 ? `${files.join(' and ')} together. ` : '';
  const wrong = view.mistakes.map((m) => `${placeOf(m.origin)}${m.words}${/[.!?]$/.test(m.words) ? '' : '.'}`).join(' ');
  const missing = absent
    .map((image) => `${image} is not on this machine; docker tag busybox ${image} puts something in its place.`)
    .join(' ');
  const idle = view.idle.length > 0 ? `Left out, since no profile asks for them: ${view.idle.join(', ')}.` : '';
  return [merged + wrong, missing, idle].filter(Boolean).join(' ');
}

export const kind: XrayKind<ComposeFilesView> = {
  among: { what: 'file', names: ({ machine }) => composeFiles(world(machine)) },
  view: ({ machine, before }, of) => (of === null ? null : composeFilesView(world(machine), of, worldOrNull(before))),
  changed: (view) => view.changed,
  none: 'No compose.yaml below /root. Write one in the editor: what it comes to is drawn here, before anything is started.',
  says,
  Draw: Plan,
  Table: PlanTable,
};
