/**
 * What a Compose file will come to: services in the order of their start, each below what it waits for, with its image, the
 * ports of the host (an arrow), its networks (a bus) and its volumes (cut material). Dashed: the model does not know its image. Twin: PlanTable.tsx.
 */
import type { ComposeFilesView } from '../../lib/machine/views/compose-files';
import { ARROW, Drawing, type Drawn, fit, Hatch, Line, Text } from './parts';
import { BOX, type Fitting, type Need, type PlacedService, planServices } from './plan-layout';

const TOP = 4;
/** Before the text of a fitting: what it is. */
function Sign({ kind, x, y }: { kind: Fitting['kind']; x: number; y: number }) {
  if (kind === 'port') return <Line c="t" x1={x} y1={y - 4} x2={x + 9} y2={y - 4} end={ARROW} />;
  if (kind === 'volume')
    return (
      <>
        <Hatch x={x} y={y - 8} w={9} h={8} />
        <rect className="t" x={x} y={y - 8} width={9} height={8} fill="none" />
      </>
    );
  return (
    <>
      <Line c="t" x1={x} y1={y - 4} x2={x + 10} y2={y - 4} />
      <circle className="i" cx={x + 5} cy={y - 4} r={2.2} />
    </>
  );
}

function Box({ at: { service, fittings, x, y, h }, unknown, changed }: { at: PlacedService; unknown: boolean; changed: boolean }) {
  const line = (n: number) => y + TOP + 17 + n * BOX.line;
  return (
    <g>
      <rect className={unknown ? 'hid' : changed ? 'af' : 'vf'} x={x + 1} y={y + TOP} width={BOX.w - 2} height={h} />
      <Text c="l b" x={x + 9} y={line(0)}>
        {fit(service.containers.length > 1 ? `${service.name} × ${service.containers.length}` : service.name, BOX.w - 16, 12)}
      </Text>
      <Text c="s" x={x + 9} y={line(1)}>
        {fit(service.built ? 'built here' : service.image, BOX.w - 16, 11.5)}
      </Text>
      {fittings.map(({ kind, text }, i) => (
        <g key={`${kind} ${text}`}>
          <Sign kind={kind} x={x + 9} y={line(2 + i)} />
          <Text c="s" x={x + 24} y={line(2 + i)}>
            {fit(text, BOX.w - 31, 11.5)}
          </Text>
        </g>
      ))}
    </g>
  );
}

function Leader({ need: { from, to, until, required, x1, x2 } }: { need: Need }) {
  const [top, end] = [from.y + TOP + from.h, to.y + TOP];
  const turn = end - 20;
  return (
    <g>
      <path className={required ? 't' : 'hid'} d={`M${x1} ${top}V${turn}H${x2}`} fill="none" />
      <Line c={required ? 't' : 'hid'} x1={x2} y1={turn} x2={x2} y2={end - 2} end={ARROW} />
      <circle className="i" cx={x1} cy={top} r={1.8} />
      {until !== 'started' && (
        <Text c="s" x={x2 + 5} y={end - 7}>
          {until}
        </Text>
      )}
    </g>
  );
}

export function Plan({ view, w, narrow = false }: Drawn<ComposeFilesView>) {
  const { placed, needs, height } = planServices(view.view.services, w);
  const order = placed.map(({ service }) => service.name).join(', ');
  const className = narrow ? 'narrow' : 'wide';
  if (placed.length === 0)
    return (
      <Drawing w={w} h={28} label={`${view.path} cannot be run.`} className={className}>
        <Text c="s" x={4} y={18}>
          This file cannot be run as it is.
        </Text>
      </Drawing>
    );
  return (
    <Drawing w={w} h={height + TOP * 2} label={`${view.path}: services in the order of their start: ${order}.`} className={className}>
      {needs.map((need) => (
        <Leader key={`${need.from.service.name} ${need.to.service.name}`} need={need} />
      ))}
      {placed.map((at) => (
        <Box key={at.service.name} at={at} unknown={view.unknown.includes(at.service.image) && !at.service.built} changed={view.changed} />
      ))}
    </Drawing>
  );
}
