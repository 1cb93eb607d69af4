/** A Compose file before it is started: what it comes to, in which order, and what is wrong with it. */
import { dirname } from '../../lib/compose/paths';
import { startInputs } from '../../lib/machine/placeholder';
import { type ComposeFilesView, composeFiles, composeFilesView } from '../../lib/machine/views/compose-files';
import { Plan } from '../figures/Plan';
import { PlanTable } from '../figures/PlanTable';
import { world, worldOrNull, type XrayKind } from './kind';

const placeOf = (origin: { file: string; line: number } | null) => (origin ? `${origin.file}, line ${origin.line}: ` : '');

function says({ files, view, unknown }: ComposeFilesView): string {
  const merged = files.length > 1 ? `${files.join(' and ')} together. ` : '';
  const wrong = view.mistakes.map((m) => `${placeOf(m.origin)}${m.words}${/[.!?]$/.test(m.words) ? '' : '.'}`).join(' ');
  const missing =
    unknown.length > 0 ? `The model does not know ${unknown.join(', ')}; small placeholders can stand in, by the same names.` : '';
  const idle = view.idle.length > 0 ? `Left out, since no profile asks for them: ${view.idle.join(', ')}.` : '';
  return [merged + wrong, missing, idle].filter(Boolean).join(' ');
}

export const kind: XrayKind<ComposeFilesView> = {
  among: { what: 'file', names: ({ machine }) => composeFiles(world(machine)) },
  view: ({ machine, before }, of) => (of === null ? null : composeFilesView(world(machine), of, worldOrNull(before))),
  changed: (view) => view.changed,
  none: 'No compose.yaml below /root. Write one in the editor: what it comes to is drawn here, before anything is started.',
  says,
  act: ({ path, view, unknown }) =>
    view.yaml === null
      ? null
      : {
          words: unknown.length > 0 ? 'Start it with placeholders' : 'Start it',
          inputs: startInputs(dirname(path), view.services, unknown),
        },
  Draw: Plan,
  Table: PlanTable,
};
