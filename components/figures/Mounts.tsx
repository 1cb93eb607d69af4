/**
 * Where a container's data comes from: at the left what lies on the host, volumes and directories; at the right the containers
 * with the places where it is mounted; a pipe for each mount. Read-only is hatched; memory has no source. Twin: MountsTable.tsx.
 */
import type { MountRow, MountsView } from '../../lib/machine/views/mounts';
import { ARROW, ARROW_NOW, Drawing, type Drawn, fit, Hatch, humanSize, Text } from './parts';

const ROOM = 9;
const BOX = 36;
const ROW = 26;

interface Source {
  key: string;
  title: string;
  says: string;
  changed: boolean;
  used: boolean;
}

const keyOf = (m: MountRow): string => (m.type === 'volume' ? `v ${m.name}` : `b ${m.source}`);

export function sourcesOf(view: MountsView): Source[] {
  return [
    ...view.volumes.map((v) => ({
      key: `v ${v.name}`,
      title: v.anonymous ? `${v.name.slice(0, 10)}…` : v.name,
      says: `${v.anonymous ? 'anonymous volume' : 'volume'}, ${humanSize(v.size)}`,
      changed: v.changed,
      used: v.users.length > 0,
    })),
    ...view.binds.map((b) => ({
      key: `b ${b.path}`,
      title: b.path,
      says: b.exists ? 'on the host' : 'on the host, missing',
      changed: false,
      used: true,
    })),
  ];
}

export function Mounts({ view, w, narrow = false }: Drawn<MountsView>) {
  const all = sourcesOf(view);
  const sources = all.slice(0, ROOM);
  const holders = view.containers.filter((c) => c.mounts.length > 0);
  const left = narrow ? 124 : 190;
  const right = w - (narrow ? 164 : 250);
  const top = 22;
  const sourceY = new Map(sources.map((s, i) => [s.key, top + i * (BOX + 10)]));
  let y = top;
  const blocks = holders.slice(0, ROOM).flatMap((c) => {
    const rows = c.mounts.slice(0, ROOM);
    const at = y;
    const h = 20 + rows.length * ROW;
    if (at > top && at + h > 560) return [];
    y += h + 12;
    return [{ ...c, rows, y: at, h }];
  });
  const bottom = Math.max(y, top + sources.length * (BOX + 10));
  const lanes = blocks.flatMap((b) => b.rows).length;
  let lane = 0;
  const more = all.length - sources.length + holders.length - blocks.length;
  return (
    <Drawing
      w={w}
      h={bottom + (more > 0 ? 16 : 2)}
      label={`Mounts: ${holders.map((c) => `${c.name} has ${c.mounts.map((m) => `${m.type} at ${m.destination}`).join(', ')}`).join('; ') || 'none'}.`}
      className={narrow ? 'narrow' : 'wide'}
    >
      <Text c="c" x={1} y={12}>
        ON THE HOST
      </Text>
      <Text c="c" x={right} y={12}>
        IN THE CONTAINER
      </Text>
      {sources.map((s) => {
        const at = sourceY.get(s.key) ?? 0;
        return (
          <g key={s.key}>
            <rect
              className={s.changed ? 'af' : s.used ? 'vf' : 'hid'}
              pathLength={s.changed ? 1 : undefined}
              x={1}
              y={at}
              width={left}
              height={BOX}
            />
            <Text c="l b" x={8} y={at + 15}>
              {fit(s.title, left - 12, 11.5)}
            </Text>
            <Text c={s.changed ? 's ax' : 's'} x={8} y={at + 29}>
              {fit(s.used ? s.says : `${s.says}, unused`, left - 12, 11)}
            </Text>
          </g>
        );
      })}
      {blocks.map((c) => (
        <g key={c.id}>
          <rect className={c.running ? 'vf' : 'hid'} x={right} y={c.y} width={w - right - 1} height={c.h} />
          <Text c="l b" x={right + 8} y={c.y + 15}>
            {fit(c.running ? c.name : `${c.name}, not running`, w - right - 14, 11.5)}
          </Text>
          {c.rows.map((m, i) => {
            const at = c.y + 20 + i * ROW;
            const from = sourceY.get(keyOf(m));
            const x = left + 10 + ((right - left - 24) * (lane + 1)) / (lanes + 1);
            if (m.type !== 'tmpfs') lane++;
            const now = sources.some((s) => s.key === keyOf(m) && s.changed);
            const words = [m.type === 'tmpfs' ? 'memory' : '', m.readonly ? 'ro' : '', m.hides.length > 0 && !narrow ? 'hides files' : '']
              .filter(Boolean)
              .join(', ');
            return (
              <g key={m.destination}>
                {m.type !== 'tmpfs' && from !== undefined && (
                  <path
                    className={`${now ? 'at' : m.mounted ? 'v thin' : 'hid'} way`}
                    d={`M${left + 1} ${from + BOX / 2}H${x}V${at + 10}H${right - 1}`}
                    markerEnd={now ? ARROW_NOW : ARROW}
                  />
                )}
                {m.readonly && <Hatch x={right + 1} y={at} w={5} h={ROW - 6} />}
                <Text c="l" x={right + 10} y={at + 14}>
                  {fit(m.destination, w - right - 22 - words.length * 6, 11.5)}
                </Text>
                <text className="s" x={w - 7} y={at + 14} textAnchor="end">
                  {words}
                </text>
              </g>
            );
          })}
        </g>
      ))}
      {more > 0 && (
        <Text c="s" x={4} y={bottom + 10}>
          {`${more} more in the table`}
        </Text>
      )}
    </Drawing>
  );
}
