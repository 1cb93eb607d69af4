/** Hatchings and arrow heads that every drawing refers to by id; drawn once a page. Colours come from the classes. */
const hatch = (id: string, pitch: number, angle: number, pen: string) => (
  <pattern id={id} width={pitch} height={pitch} patternUnits="userSpaceOnUse" patternTransform={`rotate(${angle})`}>
    <line x1="0" y1="0" x2="0" y2={pitch} className={pen} />
  </pattern>
);

const arrow = (id: string, width: number, height: number, pen: string) => (
  <marker
    id={id}
    viewBox="0 0 8 6"
    refX="7.6"
    refY="3"
    markerWidth={width}
    markerHeight={height}
    markerUnits="userSpaceOnUse"
    orient="auto-start-reverse"
  >
    <path d="M0 .6 8 3 0 5.4Z" className={pen} />
  </marker>
);

export function Pens() {
  return (
    <svg width="0" height="0" className="pens" aria-hidden="true">
      <defs>
        {hatch('hx', 5, 45, 'x')}
        {hatch('hy', 5, -45, 'x')}
        {hatch('hw', 8, 45, 'x')}
        {hatch('ha', 5, 45, 'at')}
        {arrow('ar', 8, 6, 'i')}
        {arrow('ara', 10, 7.5, 'as')}
        <marker id="tk" viewBox="-4 -4 8 8" refX="0" refY="0" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
          <path d="M-2.5 3 2.5-3" className="tick" />
        </marker>
      </defs>
    </svg>
  );
}
