/**
 * The host as a ship on blocks, cut open: engine room with the daemons, a hold a container, the kernel in the double
 * bottom. Drawn for three widths; what is in the holds, and what is orange, comes from the machine.
 */
import type { HostContainer, HostView } from '../../lib/machine/views/host';
import { type HullLines, hullLines } from './hull-lines';
import { Drawing, fit, Hatch, humanSize, Line, Text } from './parts';

const KERNEL = ['namespaces', 'cgroup v2', 'overlayfs', 'netfilter', 'capabilities', 'seccomp'];

function Dock({ w, s, floor }: { w: number; s: HullLines; floor: number }) {
  const steps = (x: number, side: 1 | -1) => {
    let d = `M${x} ${s.keel - 190}`;
    for (let i = 0; i < 4; i++)
      d += `V${(s.keel - 190 + ((i + 1) * (floor - s.keel + 190)) / 4).toFixed(1)}${i < 3 ? `H${x + side * 11 * (i + 1)}` : ''}`;
    return d;
  };
  const blocks = Array.from({ length: Math.max(0, Math.ceil((s.stem - 90 - s.stern - 110) / 46)) }, (_, i) => s.stern + 110 + i * 46);
  return (
    <>
      <path className="h2" d={`${steps(18, 1)}H${w - 18 - 33}`} />
      <path className="h2" d={steps(w - 18, -1)} />
      <rect x={0} y={floor} width={w} height={9} fill="url(#hw)" />
      <rect x={6} y={s.keel - 190} width={12} height={190 + floor - s.keel} fill="url(#hw)" />
      <rect x={w - 18} y={s.keel - 190} width={12} height={190 + floor - s.keel} fill="url(#hw)" />
      <Line c="v" x1={0} y1={s.keel - 190} x2={18} y2={s.keel - 190} />
      <Line c="v" x1={w - 18} y1={s.keel - 190} x2={w} y2={s.keel - 190} />
      {blocks.map((x) => (
        <g key={x}>
          <path className="vf" d={`M${x - 11} ${floor}L${x - 7} ${s.keel + 3}H${x + 7}L${x + 11} ${floor}Z`} />
          <Line c="x" x1={x - 9} y1={(s.keel + floor) / 2 + 2} x2={x + 9} y2={(s.keel + floor) / 2 + 2} />
        </g>
      ))}
    </>
  );
}

function Stern({ s }: { s: HullLines }) {
  const x = s.stern + 84;
  const d = s.depth;
  return (
    <>
      <path className="vf" d={`M${x - 24} ${s.keel - d * 0.38}H${x - 50}L${x - 54} ${s.keel - 6}H${x - 24}Z`} />
      <Line c="x" x1={x - 24} y1={s.keel - d * 0.45} x2={x - 24} y2={s.keel} />
      <Line c="v" x1={x - 24} y1={s.keel} x2={x} y2={s.keel} />
      <path
        className="vf"
        d={`M${x - 10} ${s.keel - d * 0.18}q-5 ${-d * 0.07} 0 ${-d * 0.13}q5 ${d * 0.06} 0 ${d * 0.13}q-5 ${d * 0.06} 0 ${d * 0.13}q5 ${-d * 0.06} 0 ${-d * 0.13}`}
      />
      <Line c="v" x1={x - 10} y1={s.keel - d * 0.18} x2={x} y2={s.keel - d * 0.18} />
    </>
  );
}

/** Where the mast stands on a deckhouse at x, and its top. */
const MAST = { of: (x: number) => x + 44, top: 14 };
/** Where the forestay comes down. */
const bow = (s: HullLines) => ({ x: s.stem - 4, y: s.sheer(s.stem) - 2 });

/** Height of the forestay at x. */
function stay(s: HullLines, house: number, x: number): number {
  const end = bow(s);
  return MAST.top + ((x - MAST.of(house)) / (end.x - MAST.of(house))) * (end.y - MAST.top);
}

/** Deckhouse, mast and stays. */
function House({ s, x }: { s: HullLines; x: number }) {
  const { deck } = s;
  const mast = MAST.of(x);
  const end = bow(s);
  return (
    <>
      <path className="vf" d={`M${x} ${s.sheer(x)}V${deck - 40}H${x + 108}V${s.sheer(x + 108)}`} />
      <path className="v" d={`M${x + 12} ${deck - 40}v-16h64v16`} />
      <path className="x" d={`M${x + 16} ${deck - 26}h76v8h-76Z`} />
      <Line c="v" x1={mast} y1={deck - 56} x2={mast} y2={MAST.top - 4} />
      <path className="x" d={`M${mast} ${MAST.top}L${end.x} ${end.y}M${mast} ${MAST.top}L${s.stern + 3} ${s.sheer(s.stern)}`} />
      <Text c="s" x={x + 116} y={deck - 30}>
        docker CLI
      </Text>
    </>
  );
}

/** A container's facts, from the top left of its hold. */
function Hold({ c, x, y, w }: { c: HostContainer; x: number; y: number; w: number }) {
  const outside = x + 82 + (String(c.pidOutside).length + 1) * 6;
  return (
    <>
      <Text c="b" x={x} y={y}>
        {fit(c.name, w * 0.45)}
      </Text>
      <Text c="s end" x={x + w} y={y}>
        {fit(c.image, w * 0.52, 11)}
      </Text>
      <Text x={x} y={y + 24}>
        {fit(c.process, w)}
      </Text>
      <Text c="s" x={x} y={y + 42}>
        pid
      </Text>
      <Text c={c.changed ? 'ax b' : ''} x={x + 24} y={y + 42}>
        {c.pidInside}
      </Text>
      <Text c="s" x={x + 36} y={y + 42}>
        inside,
      </Text>
      <Text c={c.changed ? 'ax b' : ''} x={x + 82} y={y + 42}>
        {c.pidOutside}
      </Text>
      <Text c="s" x={outside} y={y + 42}>
        outside
      </Text>
      {[0, 1, 2, 3].map((i) => (
        <g key={i}>
          <rect className={i > 0 ? 'tf' : c.changed ? 'af thin' : 'vf thin'} x={x} y={y + 56 + i * 6} width={58} height={5} />
          {i > 0 && <Hatch x={x} y={y + 56 + i * 6} w={58} h={5} />}
        </g>
      ))}
      <Text c="s" x={x + 66} y={y + 61}>
        rw {humanSize(c.upperSize)}
      </Text>
      <Text c="s" x={x + 66} y={y + 77}>
        lower ×{c.lowerCount}
      </Text>
    </>
  );
}

const label = (view: HostView) =>
  `Cutaway of the host: engine room with ${view.daemons.map((d) => d.name).join(' and ')}. ${
    view.containers.length === 0
      ? 'The holds are empty.'
      : view.containers.map((c) => `Hold ${c.name}: ${c.process} from ${c.image}${c.changed ? ', just changed' : ''}.`).join(' ')
  }`;

/** The whole ship; `mid` is the one for a tablet, with one hold fewer. */
function Profile({ view, w, mid }: { view: HostView; w: number; mid: boolean }) {
  const h = 330;
  const s = hullLines({ stern: mid ? 58 : 96, stem: w - (mid ? 88 : 92), deck: 92, keel: h - 52, rise: 20 });
  const { deck, keel, stern, stem } = s;
  const floor = h - 22;
  const tank = keel - 34;
  const clip = mid ? 'hull-mid' : 'hull-wide';
  const kernel = KERNEL.slice(0, mid ? 4 : 6);
  const k0 = stern + (mid ? 96 : 150);
  const kw = (stem - stern - (mid ? 200 : 300)) / kernel.length;
  const bulkheads = mid
    ? [stern + 86, stern + 274, stern + 484, stem - 76]
    : [stern + 118, stern + 318, stern + 528, stern + 738, stem - 118];
  const holds = bulkheads.slice(1, -1).map((x, i) => ({ x, end: bulkheads[i + 2] ?? stem }));
  // Between the last bulkhead of the tablet's ship and the stem there is no room for words.
  const loaded = view.containers.slice(mid ? -1 : -holds.length);
  const more = view.containers.length - loaded.length;
  const y = deck + 44;
  const room = bulkheads[0] ?? 0;
  const port = loaded.findLastIndex((c) => c.ports.length > 0);
  const px = port >= 0 ? (holds[port]?.x ?? 0) + 104 : 0;
  const now = loaded[port]?.changed ?? false;
  const house = stern + (mid ? 100 : 150);

  return (
    <Drawing w={w} h={h + 12} label={label(view)} className={mid ? 'hm' : 'hl'}>
      <Dock w={w} s={s} floor={floor} />
      <clipPath id={clip}>
        <path d={s.outline} />
      </clipPath>
      <path className="f" d={s.outline} />
      <g clipPath={`url(#${clip})`}>
        <Line c="v" x1={0} y1={tank} x2={w} y2={tank} />
        <Line c="x" x1={0} y1={tank + 3} x2={w} y2={tank + 3} />
        {kernel.map((name, i) => (
          <g key={name}>
            <Line c="t" x1={k0 + kw * i} y1={tank} x2={k0 + kw * i} y2={keel} />
            <Text c="mid s" x={k0 + kw * (i + 0.5)} y={tank + 22}>
              {name}
            </Text>
          </g>
        ))}
        <Line c="t" x1={k0 + kw * kernel.length} y1={tank} x2={k0 + kw * kernel.length} y2={keel} />
        {bulkheads.map((x) => (
          <g key={x}>
            <Line c="v" x1={x} y1={0} x2={x} y2={tank} />
            <Line c="x" x1={x + 4} y1={0} x2={x + 4} y2={tank} />
          </g>
        ))}
        <path className="t" d={`M${stern} ${deck + 26}H${stem}`} />
        {holds.map(({ x, end }, i) =>
          loaded[i]?.changed ? (
            <rect key={x} className="af" x={x + 6} y={deck + 29} width={end - x - 9} height={tank - deck - 33} />
          ) : loaded[i] ? null : (
            <path key={x} className="x" d={`M${x + 5} ${deck + 27}L${end} ${tank}M${end} ${deck + 27}L${x + 5} ${tank}`} />
          ),
        )}
      </g>
      <path className="h" d={s.outline} />
      <Stern s={s} />
      <Text c="b" x={room + 14} y={y}>
        engine room
      </Text>
      {view.daemons.slice(0, 2).map((d, i) => (
        <g key={d.name}>
          <Text x={room + 14} y={y + 24 + 18 * i}>
            {d.name}
          </Text>
          <Text c="s" x={room + 86} y={y + 24 + 18 * i}>
            pid {d.pid}
          </Text>
        </g>
      ))}
      <Text c="s" x={room + 14} y={y + 66}>
        {view.socket}
      </Text>
      <circle className="vf" cx={room + 158} cy={y + 62} r={4} />
      {holds.map(({ x }, i) => {
        const c = loaded[i];
        if (c) return <Hold key={x} c={c} x={x + 18} y={y} w={178} />;
        return (
          <g key={x}>
            <rect className="f" x={x + 14} y={y - 12} width={48} height={16} />
            <Text c="s" x={x + 18} y={y}>
              empty
            </Text>
          </g>
        );
      })}
      <House s={s} x={house} />
      {more > 0 && (
        <Text c="s" x={stern + (mid ? 224 : 276)} y={deck - 12}>
          and {more} more running
        </Text>
      )}
      {port >= 0 && (
        <>
          <path className={now ? 'a' : 'v'} d={`M${px} ${deck + 29}V${s.sheer(px) - 16}`} />
          <circle className={now ? 'as' : 'i'} cx={px} cy={s.sheer(px)} r={3.4} />
          <path
            className={now ? 'at' : 't'}
            d={`M${px} ${s.sheer(px) - 16}C${px + (mid ? 70 : 120)} ${deck - 62} ${w - (mid ? 120 : 190)} ${deck - 44} ${w - 60} ${keel - 196}`}
          />
          <path className="vf" d={`M${w - 68} ${keel - 190}v-9h-3v-5h20v5h-3v9Z`} />
          <Text c={now ? 'ax' : ''} x={px + 14} y={stay(s, house, px + 14) - 6}>
            {loaded[port]?.ports[0]}
          </Text>
        </>
      )}
      <path className="cl" d={`M54 ${tank}H${stern + 84}M${stem - 58} ${tank}H${w - 54}`} />
      {!mid && (
        <>
          <Text c="s" x={60} y={tank - 7}>
            user
          </Text>
          <Text c="s" x={60} y={tank + 16}>
            kernel
          </Text>
          <Text c="s end" x={w - 60} y={tank - 7}>
            system
          </Text>
          <Text c="s end" x={w - 60} y={tank + 16}>
            calls
          </Text>
        </>
      )}
      {Array.from({ length: 21 }, (_, i) => {
        const x = stern + ((stem - stern) * i) / 20;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a scale
          <g key={i}>
            <Line c="x" x1={x} y1={h - 9} x2={x} y2={h - (i % 5 ? 5 : 2)} />
            {i % 5 === 0 && (
              <Text c="mid s" x={x} y={h + 9}>
                {i}
              </Text>
            )}
          </g>
        );
      })}
    </Drawing>
  );
}

/** One hold on its blocks, for a phone. */
function OneHold({ view }: { view: HostView }) {
  const [w, h, top, bottom] = [350, 268, 58, 196];
  const c = view.containers.findLast((one) => one.changed) ?? view.containers.at(-1);
  const port = c?.ports[0];
  const [a, line, dot] = c?.changed ? ['a', 'at', 'as'] : ['v', 't', 'i'];
  return (
    <Drawing w={w} h={h} label={label(view)} className="hn">
      <path className="f" d={`M6 ${top}H344V${bottom + 34}H6Z`} />
      <Line c="h" x1={6} y1={top} x2={344} y2={top} />
      <Line c="v" x1={0} y1={bottom} x2={350} y2={bottom} />
      <Line c="x" x1={0} y1={bottom + 3} x2={350} y2={bottom + 3} />
      <Line c="h" x1={6} y1={bottom + 34} x2={344} y2={bottom + 34} />
      {c ? (
        <>
          <rect className={c.changed ? 'af' : 'vf'} x={34} y={top + 14} width={282} height={bottom - top - 18} />
          <Hold c={c} x={48} y={top + 38} w={254} />
        </>
      ) : (
        <>
          <path className="x" d={`M34 ${top + 14}L316 ${bottom - 4}M316 ${top + 14}L34 ${bottom - 4}`} />
          <rect className="f" x={44} y={top + 26} width={48} height={16} />
          <Text c="s" x={48} y={top + 38}>
            empty
          </Text>
        </>
      )}
      {[22, 328].map((x) => (
        <g key={x}>
          <Line c="v" x1={x} y1={top} x2={x} y2={bottom} />
          <Line c="x" x1={x + 4} y1={top} x2={x + 4} y2={bottom} />
        </g>
      ))}
      {KERNEL.slice(0, 4).map((name, i) => (
        <g key={name}>
          <Text c="mid s" x={6 + 42.25 * (2 * i + 1)} y={bottom + 22}>
            {name}
          </Text>
          {i > 0 && <Line c="t" x1={6 + 84.5 * i} y1={bottom} x2={6 + 84.5 * i} y2={bottom + 34} />}
        </g>
      ))}
      {port && (
        <>
          <path className={a} d={`M175 ${top + 14}V${top - 18}`} />
          <circle className={dot} cx={175} cy={top} r={3.4} />
          <path className={line} d={`M175 ${top - 18}C220 8 300 12 344 26`} />
          <Text c={c?.changed ? 'ax' : ''} x={6} y={24}>
            {port}
          </Text>
        </>
      )}
      {[0, 1, 2, 3, 4, 5].map((i) => {
        const x = 32 + 57 * i;
        return <path key={i} className="vf" d={`M${x - 11} ${h - 8}L${x - 7} ${bottom + 36}H${x + 7}L${x + 11} ${h - 8}Z`} />;
      })}
      <Line c="v" x1={0} y1={h - 8} x2={w} y2={h - 8} />
      <rect x={0} y={h - 8} width={w} height={8} fill="url(#hw)" />
    </Drawing>
  );
}

export function Hull({ view }: { view: HostView }) {
  return (
    <>
      <Profile view={view} w={1360} mid={false} />
      <Profile view={view} w={772} mid />
      <OneHold view={view} />
    </>
  );
}
