'use client';
/** A list of parts to change, a day to ask about, and by whose versions they are matched. */
import { useId, useState } from 'react';
import type { By } from '../../lib/fleet';
import { Scan } from './ScanFigure';
import { dayOf, FIRST_SCAN, scanView } from './scan-plan';

export default function ScanLive() {
  const id = useId();
  const [shown, setShown] = useState(FIRST_SCAN);
  const [typed, setTyped] = useState(FIRST_SCAN);
  const view = scanView(shown);
  return (
    <>
      <form
        className="no-print"
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          const next = { ...typed, day: dayOf(typed.day, shown.day) };
          setTyped(next);
          setShown(next);
        }}
      >
        <p>
          <label className="m" htmlFor={`${id}parts`}>
            parts: packager, name, version
          </label>
          <textarea
            id={`${id}parts`}
            rows={5}
            spellCheck={false}
            value={typed.parts}
            onChange={(e) => setTyped({ ...typed, parts: e.target.value })}
          />
        </p>
        <div className="figures">
          <p>
            <label className="m" htmlFor={`${id}day`}>
              what is known on
            </label>
            <input id={`${id}day`} type="text" value={typed.day} onChange={(e) => setTyped({ ...typed, day: e.target.value })} />
            <span className="m dim">year-month-day</span>
          </p>
          <p>
            <label className="m" htmlFor={`${id}by`}>
              matched by the versions of
            </label>
            <select id={`${id}by`} value={typed.by} onChange={(e) => setTyped({ ...typed, by: e.target.value as By })}>
              <option value="distribution">the distribution</option>
              <option value="project">the project</option>
            </select>
          </p>
        </div>
        <p className="row">
          <button type="submit" className={typed === shown ? 'btn' : 'btn go'}>
            match
          </button>
        </p>
      </form>
      <div role="status">
        <p className="m said">
          {view.known} known on that day{view.unread > 0 ? `; ${view.unread} lines name no part that these lists know` : ''}
        </p>
        <Scan view={view} />
      </div>
    </>
  );
}
