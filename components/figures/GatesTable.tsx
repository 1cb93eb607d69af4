/** The refusals of the last step as a table, from the view that the drawing is made of. */
import type { GatesView } from '../../lib/machine/views/gates';
import { NAMES } from './Gates';
import { Heads } from './Heads';

export function GatesTable({ view }: { view: GatesView }) {
  return (
    <div className="wide-table">
      <table>
        <Heads of={['call', 'by whom', 'refused by', 'error', 'why']} />
        <tbody>
          {view.attempts.map((a) => (
            <tr key={`${a.call} ${a.errno} ${a.pid}`} className="now">
              <td className="path">{a.call}</td>
              <td>{`${a.container ?? 'the host'}, process ${a.pid}`}</td>
              <td>{a.gate === 'rest' ? a.by : NAMES[a.gate]}</td>
              <td>{a.errno}</td>
              <td>{a.reason}</td>
            </tr>
          ))}
          {view.attempts.length === 0 && (
            <tr>
              <td colSpan={5}>Nothing was refused by the last step.</td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
