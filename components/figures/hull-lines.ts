/** The outline of a ship in profile: stern left, stem right, sheer line above, as a path and as a function of x. */
export interface HullLines {
  outline: string;
  /** Height of the deck's edge at x. */
  sheer: (x: number) => number;
  stern: number;
  stem: number;
  deck: number;
  keel: number;
  depth: number;
}

export function hullLines({
  stern,
  stem,
  deck,
  keel,
  rise,
}: {
  stern: number;
  stem: number;
  deck: number;
  keel: number;
  rise: number;
}): HullLines {
  const middle = (stern + stem) / 2;
  const sheer = (x: number) => {
    const t = (x - middle) / ((stem - stern) / 2);
    return deck - rise * t * t * (t > 0 ? 1.35 : 0.8);
  };
  const points = Array.from({ length: 61 }, (_, i) => stern + ((stem - stern) * i) / 60).map(
    (x) => `${x.toFixed(1)} ${sheer(x).toFixed(1)}`,
  );
  const depth = keel - deck;
  const outline =
    `M${points.join('L')}L${stem} ${sheer(stem).toFixed(1)}` +
    `C${stem - 16} ${deck + depth * 0.25} ${stem - 30} ${deck + depth * 0.5} ${stem - 46} ${deck + depth * 0.68}` +
    `C${stem - 58} ${keel - 8} ${stem - 74} ${keel} ${stem - 96} ${keel}H${stern + 84}V${keel - depth * 0.34}` +
    `C${stern + 66} ${deck + depth * 0.56} ${stern + 14} ${deck + depth * 0.54} ${stern + 3} ${deck + depth * 0.3}L${stern} ${sheer(stern).toFixed(1)}Z`;
  return { outline, sheer, stern, stem, deck, keel, depth };
}
