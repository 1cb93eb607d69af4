'use client';
/**
 * The timeline as a surveyor's rule. Long tick: the machine changed; short: it was only read; hollow: undone; phantom
 * line: a branch; orange: now. Each tick is a button that goes there.
 */
import { typed, verb } from '../machine/step-names';
import { Drawing, Line, Text } from './parts';
import type { Rule as RuleData, RuleStep } from './rule';

const Y = 42;
const X0 = 22;
const BRANCH = 36;
/** More branches than these are reached by the buttons of their first steps only after going back to the fork. */
const BRANCHES = 3;

const letter = (i: number) => String.fromCharCode(98 + i);

function Mark({ step, x }: { step: RuleStep; x: number }) {
  const { node, at, state } = step;
  const word = verb(node.input);
  if (state === 'undone')
    return (
      <>
        <circle className="tf" cx={x} cy={Y} r={3.5} />
        <Text c="s mid" x={x} y={Y - 17}>
          {word}
        </Text>
        <Text c="s mid" x={x} y={Y + 17}>
          {at}
        </Text>
      </>
    );
  const now = state === 'now';
  const long = at === 0 || node.trace.changed;
  return (
    <>
      <Line c={now ? 'a' : 'v'} x1={x} y1={Y - (long ? 12 : 6)} x2={x} y2={Y + (now || at === 0 ? 6 : 0)} />
      <Text c={now ? 'b mid' : 's mid'} x={x} y={Y - 17}>
        {word}
      </Text>
      {at > 0 && (
        <Text c={now ? 'ax b mid' : 's mid'} x={x} y={Y + (now ? 19 : 17)}>
          {at}
        </Text>
      )}
    </>
  );
}

export function Rule({ rule, w, go }: { rule: RuleData; w: number; go: (node: number) => void }) {
  const branches = rule.branches.slice(-BRANCHES);
  const longest = Math.max(rule.main.length, ...branches.map((b) => b.from + b.steps.length + 2));
  const pitch = Math.max(44, Math.min(72, (w - 60) / Math.max(1, longest - 1)));
  const x = (at: number) => X0 + pitch * at;
  const width = Math.max(w, x(longest - 1) + 38, ...branches.map((b) => x(b.from + b.steps.length) + 150));
  const height = 64 + branches.length * BRANCH + (branches.length > 0 ? 2 : 0);
  const head = rule.main.findIndex((s) => s.state === 'now');
  const end = rule.main.length - 1;
  const button = (step: RuleStep, top: number, label: string) => (
    <button
      key={step.node.id}
      type="button"
      aria-current={step.state === 'now' ? 'step' : undefined}
      aria-label={label}
      style={{ left: x(step.at) - 20, top }}
      onClick={() => go(step.node.id)}
    />
  );
  const name = (step: RuleStep) => {
    const what = step.node.input ? typed(step.node.input).slice(0, 80) : 'boot';
    const how = step.state === 'undone' ? ', undone' : step.state === 'now' ? ', now' : '';
    return `${step.at === 0 ? 'Start' : `Step ${step.at}`}: ${what}${how}`;
  };

  return (
    <div className="rule" style={{ width, height }}>
      <Drawing w={width} h={height} label={`Timeline: step ${head} of ${end}`}>
        <Line c="rail-line" x1={x(0)} y1={Y} x2={x(head)} y2={Y} />
        {end > head && <Line c="hid" x1={x(head)} y1={Y} x2={x(end) - 4} y2={Y} />}
        {branches.map((branch, i) => {
          const y = Y + BRANCH * (i + 1);
          const last = x(branch.from + branch.steps.length) + 12;
          return (
            <g key={branch.steps[0]?.node.id}>
              <path className="ph" d={`M${x(branch.from)} ${Y}L${x(branch.from) + 26} ${y}H${last}`} />
              {branch.steps.map((step) => (
                <g key={step.node.id}>
                  <Line c="v" x1={x(step.at)} y1={y - 8} x2={x(step.at)} y2={y} />
                  <Text c="s mid" x={x(step.at)} y={y + 15}>
                    {verb(step.node.input)}
                  </Text>
                </g>
              ))}
              <Text c="s" x={last + 8} y={y + 4}>
                branch {letter(i)}, not taken
              </Text>
            </g>
          );
        })}
        {rule.main.map((step) => (
          <Mark key={step.node.id} step={step} x={x(step.at)} />
        ))}
        <path className="as" d={`M${x(head) - 6} 1h12l-6 9Z`} />
      </Drawing>
      {rule.main.map((step) => button(step, Y - 30, name(step)))}
      {branches.flatMap((branch, i) =>
        branch.steps.map((step) => button(step, Y + BRANCH * (i + 1) - 16, `Branch ${letter(i)}, ${name(step)}`)),
      )}
    </div>
  );
}
