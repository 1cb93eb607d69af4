/**
 * A swarm of one node: at the left the services, what is asked for; in the middle a slot each with the task that counts, what is wanted
 * of it and what it is; at the right the container that it has become. What went before in a slot is behind it, dashed. Twin: SwarmTable.tsx.
 */
import type { SwarmView } from '../../lib/machine/views/swarm';
import { ARROW, ARROW_NOW, Drawing, type Drawn, fit, Text } from './parts';
import { countOf, type PlacedService, type PlacedSlot, ROW, type SwarmPlan, statesOf, swarmPlan } from './swarm-plan';

const SMALL = 11;
const NAME = 11.5;

function Slot({ at, plan }: { at: PlacedSlot; plan: SwarmPlan }) {
  const { task: column, container: right } = plan.columns;
  const { task: t, slot, before, y } = at;
  const up = t.container !== null && t.container.pid !== 0;
  const over = !['running', 'ready', 'complete'].includes(t.desired);
  const pen = t.changed ? 'af' : over || t.state === 'pending' ? 'hid' : 'vf';
  const says = t.error && t.state !== 'running' ? t.error.replace(/^task: /, '') : statesOf(t);
  return (
    <g>
      {before > 0 && <rect className="hid" x={column.x + 5} y={y - 4} width={column.w} height={ROW} />}
      <rect className="vf" stroke="none" x={column.x} y={y} width={column.w} height={ROW} />
      <rect className={pen} pathLength={t.changed ? 1 : undefined} x={column.x} y={y} width={column.w} height={ROW} />
      <Text c="l b" x={column.x + 8} y={y + 16}>
        {fit(slot.name, column.w - (before > 0 ? 74 : 16), NAME)}
      </Text>
      {before > 0 && (
        <text className="s" x={column.x + column.w - 7} y={y + 16} textAnchor="end">
          {`${before} before`}
        </text>
      )}
      <Text c={t.changed ? 's ax' : 's'} x={column.x + 8} y={y + 32}>
        {fit(says, column.w - 14, SMALL)}
      </Text>
      {t.container && (
        <>
          <line
            className={`${t.changed ? 'at' : up ? 'v thin' : 'hid'} way`}
            x1={column.x + column.w}
            y1={y + ROW / 2}
            x2={right.x - 2}
            y2={y + ROW / 2}
            markerEnd={t.changed ? ARROW_NOW : ARROW}
          />
          <rect className={up ? 'vf' : 'hid'} x={right.x} y={y} width={right.w} height={ROW} />
          <Text c="l" x={right.x + 8} y={y + 16}>
            {fit(t.container.id, right.w - 14, NAME)}
          </Text>
          <Text c="s" x={right.x + 8} y={y + 32}>
            {fit(up ? `${t.container.status}, PID ${t.container.pid}` : t.container.status, right.w - 14, SMALL)}
          </Text>
        </>
      )}
    </g>
  );
}

function Service({ at, plan, narrow }: { at: PlacedService; plan: SwarmPlan; narrow: boolean }) {
  const { service: s, y, h, slots } = at;
  const { service: column, task } = plan.columns;
  const lines = [
    `${s.mode}, ${countOf(s)}`,
    [s.update && s.update !== 'completed' ? s.update.replaceAll('_', ' ') : s.image, ...(narrow ? [] : s.ports)].join(' '),
  ];
  const box = narrow ? h : Math.min(h, 56);
  // What has changed is drawn over what has not.
  const ways = [...slots].sort((a, b) => Number(a.task.changed) - Number(b.task.changed));
  return (
    <g>
      {!narrow &&
        ways.map((slot) => (
          <path
            key={slot.slot.name}
            className={slot.task.changed ? 'at way' : 't way'}
            d={`M${column.x + column.w} ${y + box / 2}H${column.x + column.w + 14}V${slot.y + ROW / 2}H${task.x}`}
          />
        ))}
      {narrow &&
        ways.map((slot) => (
          <path key={slot.slot.name} className={slot.task.changed ? 'at way' : 't way'} d={`M6 ${y + box}V${slot.y + ROW / 2}H${task.x}`} />
        ))}
      <rect className={s.changed ? 'af' : 'vf'} pathLength={s.changed ? 1 : undefined} x={column.x} y={y} width={column.w} height={box} />
      <Text c="l b" x={column.x + 8} y={y + 16}>
        {fit(s.name, column.w - 14, NAME)}
      </Text>
      <Text c={s.changed ? 's ax' : 's'} x={column.x + 8} y={y + 31}>
        {fit(narrow ? lines.join(', ') : (lines[0] ?? ''), column.w - 14, SMALL)}
      </Text>
      {!narrow && (
        <Text c="s" x={column.x + 8} y={y + 46}>
          {fit(lines[1] ?? '', column.w - 14, SMALL)}
        </Text>
      )}
      {slots.map((slot) => (
        <Slot key={slot.slot.name} at={slot} plan={plan} />
      ))}
    </g>
  );
}

const labelOf = (view: SwarmView): string =>
  `Swarm of one node, ${view.node.name}, ${view.node.availability}. ${
    view.services
      .map((s) => `${s.name}: ${countOf(s)}; ${s.slots.map((x) => `${x.name} ${x.tasks[0]?.state}`).join(', ') || 'no task'}`)
      .join('. ') || 'No service.'
  }`;

export function Swarm({ view, w, narrow = false }: Drawn<SwarmView>) {
  const plan = swarmPlan(view, w, narrow);
  const { service, task, container } = plan.columns;
  return (
    <Drawing w={w} h={Math.max(plan.h, 52)} label={labelOf(view)} className={narrow ? 'narrow' : 'wide'}>
      <Text c={view.node.changed ? 's ax' : 's'} x={1} y={12}>
        {fit(`node ${view.node.name}: manager, leader, ${view.node.availability}`, w - 4, SMALL)}
      </Text>
      <Text c="c" x={service.x} y={32}>
        {narrow ? 'SERVICES, THEIR TASKS' : 'SERVICES'}
      </Text>
      {!narrow && (
        <Text c="c" x={task.x} y={32}>
          TASKS, BY SLOT
        </Text>
      )}
      <Text c="c" x={container.x} y={32}>
        CONTAINERS
      </Text>
      {plan.services.map((s) => (
        <Service key={s.service.id} at={s} plan={plan} narrow={narrow} />
      ))}
      {plan.services.length === 0 && (
        <Text c="s" x={1} y={48}>
          no service yet
        </Text>
      )}
      {plan.more > 0 && (
        <Text c="s" x={task.x} y={plan.h - 4}>
          {`${plan.more} more in the table`}
        </Text>
      )}
    </Drawing>
  );
}
