/** A drawing of the text, at these widths: as HTML where it will never change, and as React's where it has controls of its own. */
import type { ChapterDrawing } from '../../content/chapter';
import { still } from './still';

interface Props {
  drawing: ChapterDrawing;
  /** Each is one drawing; "narrow" is the one for a phone. */
  widths: readonly ('wide' | 'narrow')[];
  className?: string;
}

const UNITS = { wide: 600, narrow: 350 } as const;

export function Picture({ drawing: { kind, view, text }, widths, className }: Props) {
  const drawn = widths.map((width) => (
    <kind.Draw key={width} view={view} w={UNITS[width]} text={text} {...(width === 'narrow' && { narrow: true })} />
  ));
  if (kind.handled) return <div className={className}>{drawn}</div>;
  // biome-ignore lint/security/noDangerouslySetInnerHtml: it is what React made of our own drawing
  return <div className={className} dangerouslySetInnerHTML={still(drawn)} />;
}
