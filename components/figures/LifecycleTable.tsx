/** A container's life as a table, from the view that the drawing is made of: every event that touched it. */
import type { LifecycleView, Taken } from '../../lib/machine/views/lifecycle';

const place = (p: Taken['to']) => (p === 'none' ? 'not there' : p);
const clock = (ms: number) => new Date(ms).toISOString().slice(11, 19);
const detail = (t: Taken) => (t.exitCode !== null ? `, exit code ${t.exitCode}` : t.signal !== null ? `, signal ${t.signal}` : '');

export function LifecycleTable({ view }: { view: LifecycleView }) {
  return (
    <div className="wide-table">
      <table>
        <thead>
          <tr>
            <th scope="col">time</th>
            <th scope="col">what happened to {view.name}</th>
            <th scope="col">state then</th>
          </tr>
        </thead>
        <tbody>
          {view.taken.map((t) => (
            <tr key={`${t.time} ${t.action} ${t.signal}`} className={t.changed ? 'now' : undefined}>
              <td>{clock(t.time)}</td>
              <td>
                {t.action}
                {detail(t)}
              </td>
              <td>{place(t.to)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="m dim">
        Restart policy: {view.policy}. Restarted by the engine: {view.restartCount}. Health: {view.health ?? 'no check'}.
      </p>
    </div>
  );
}
