'use client';
/** The host drawn from the machine at the timeline's head. */
import { useMemo } from 'react';
import { Hull } from '../figures/Hull';
import { useMachine } from '../machine/context';
import { lastChange } from '../machine/path';

export default function LiveHull() {
  const timeline = useMachine((s) => s.timeline);
  const engine = useMachine((s) => s.engine);
  const view = useMemo(() => {
    const machine = timeline?.nodes[timeline.head]?.machine;
    return timeline && engine && machine ? engine.hostView(machine, lastChange(timeline)?.before ?? null) : null;
  }, [timeline, engine]);
  return view && <Hull view={view} />;
}
