/**
 * A build as a graph: a band a stage, a box a step, arrows from what is needed to what needs it. A hatched foot: found in the cache.
 * Dashed: not needed. A heavy line: made, in the accent if the last step of the machine did it. Its twin: BuildTable.tsx.
 */
import type { BuildDrawing } from '../xrays/builds';
import { type PlanBox, planBuild, summary, titleOf, wordsOf } from './build-plan';
import { ARROW, ARROW_NOW, Drawing, fit, Hatch, Line, Text } from './parts';

interface Props extends BuildDrawing {
  w: number;
  narrow?: boolean;
}

type Look = 'now' | 'made' | 'there' | 'hidden';
const lookOf = (state: PlanBox['step']['state'], fresh: boolean): Look =>
  state === 'made' || state === 'failed' ? (fresh ? 'now' : 'made') : state === 'skipped' || state === 'waiting' ? 'hidden' : 'there';
const GROUND = { now: 'af', made: 'vf heavy', there: 'vf', hidden: 'hid' } as const satisfies Record<Look, string>;

function Box({ at: { step, x, y }, w, h, fresh }: { at: PlanBox; w: number; h: number; fresh: boolean }) {
  const look = lookOf(step.state, fresh);
  const [state, reason] = wordsOf(step);
  const pale = look === 'hidden' ? ' dim' : '';
  return (
    <g>
      <rect className={GROUND[look]} pathLength={look === 'now' ? 1 : undefined} x={x} y={y} width={w} height={h} />
      {step.state === 'cached' && step.instruction !== 'FROM' && <Hatch x={x} y={y + h - 7} w={w} h={7} turn={step.id % 2 === 1} />}
      {step.state === 'failed' && <path className={fresh ? 'at' : 't'} d={`M${x + w - 14} ${y + h - 12}l8 8m0-8l-8 8`} />}
      <Text c={`l${pale}`} x={x + 7} y={y + 15}>
        {fit(titleOf(step), w - 12, 11.5)}
      </Text>
      <Text c={look === 'now' ? 's ax' : 's'} x={x + 7} y={y + 29}>
        {fit(state, w - 12, 11)}
      </Text>
      {reason && (
        <Text c={look === 'now' ? 's ax' : 's'} x={x + 7} y={y + 42}>
          {fit(reason, w - 12, 11)}
        </Text>
      )}
    </g>
  );
}

export function Build({ view, fresh, w, narrow = false }: Props) {
  const plan = planBuild(view, w, narrow);
  return (
    <Drawing
      w={w}
      h={plan.h + (plan.more > 0 ? 16 : 0)}
      label={`Build of ${view.names[0] ?? view.file}: ${view.stages.length} ${view.stages.length === 1 ? 'stage' : 'stages'}, ${summary(view)}`}
      className={narrow ? 'narrow' : 'wide'}
    >
      {plan.stages.map(({ name, says, y }, i) => (
        <g key={`${name} ${y}`}>
          {i > 0 && <Line c="cl" x1={0} y1={y - 16} x2={w} y2={y - 16} />}
          <text className="l" x={10} y={y}>
            <tspan className="b">{fit(name, w / 2, 11.5)}</tspan>
            <tspan className="s" dx={10}>
              {fit(says, w / 2, 11)}
            </tspan>
          </text>
        </g>
      ))}
      {plan.edges.map(({ key, path, from, to, files }) => {
        const look = lookOf(to.state, fresh);
        const hidden = look === 'hidden' || from.state === 'skipped';
        const pen = look === 'now' ? 'at' : hidden ? 'hid' : files ? 't' : 'v thin';
        return <path key={key} className={`${pen} way`} d={path} markerEnd={look === 'now' ? ARROW_NOW : hidden ? undefined : ARROW} />;
      })}
      {plan.boxes.map((at) => (
        <Box key={at.step.id} at={at} w={plan.box.w} h={plan.box.h} fresh={fresh} />
      ))}
      {plan.more > 0 && (
        <Text c="s" x={10} y={plan.h + 10}>
          {`${plan.more} more in the table`}
        </Text>
      )}
    </Drawing>
  );
}
