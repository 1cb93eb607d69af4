/** The drawing of a build as a table, from the same view: every step, why it was made, what its key is made of. */
import type { BuildDrawing, BuildStep, Miss } from '../xrays/builds';
import { seconds, stageName } from './build-plan';
import { Heads } from './Heads';
import { humanSize } from './parts';

function because(miss: Miss): string {
  switch (miss.kind) {
    case 'first':
      return 'nothing like it was built before';
    case 'asked':
      return 'the cache was not to be used';
    case 'gone':
      return 'it was known, and has been pruned';
    case 'files':
      return miss.paths.length === 0
        ? 'files that it takes from another stage or image have changed'
        : `changed: ${miss.paths.map((p) => p.replace(/^\//, '')).join(', ')}`;
    case 'parent':
      return 'the step before it is another one';
    default:
      return `its key has another ${miss.kind}`;
  }
}

const STATE = {
  cached: 'from the cache',
  made: 'made',
  failed: 'failed',
  canceled: 'stopped when another step failed',
  metadata: 'a setting',
  skipped: 'not needed',
  waiting: 'not reached',
} as const satisfies Record<BuildStep['state'], string>;

function told(step: BuildStep): string {
  if (step.instruction === 'FROM' && step.state === 'cached') return 'the base image';
  return step.miss ? `${STATE[step.state]}: ${because(step.miss)}` : STATE[step.state];
}

export function BuildTable({ view, fresh }: BuildDrawing) {
  return (
    <div className="wide-table">
      <table>
        <Heads of={['step', 'stage', 'what came of it', 'time', 'size']} />
        <tbody>
          {view.steps.map((step) => (
            <tr key={step.id} className={fresh && (step.state === 'made' || step.state === 'failed') ? 'now' : undefined}>
              <td>{step.text}</td>
              <td>{stageName(view, step.stage)}</td>
              <td>{told(step)}</td>
              <td>{step.state === 'made' ? seconds(step.time) : '—'}</td>
              <td>{step.state === 'made' || (step.state === 'cached' && step.instruction !== 'FROM') ? humanSize(step.bytes) : '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
