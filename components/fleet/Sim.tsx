/** The simulations whose figures are set one by one: the drawing at both widths, with its table. */
import { Both } from './Both';
import { type Settings, type SimName, spreadView, startView } from './plan';
import { SpreadDrawing, SpreadTable } from './SpreadFigure';
import { StartDrawing, StartTable } from './StartFigure';

interface Props {
  name: SimName;
  settings: Settings;
  /** What the reader expected, in seconds. */
  expected?: string;
}

function drawn({ name, settings, expected = '' }: Props) {
  if (name === 'spread') {
    const view = spreadView(settings);
    return {
      wide: <SpreadDrawing view={view} w={600} />,
      narrow: <SpreadDrawing view={view} w={350} narrow />,
      table: <SpreadTable view={view} expected={expected} />,
    };
  }
  const view = startView(settings);
  return {
    wide: <StartDrawing view={view} w={600} />,
    narrow: <StartDrawing view={view} w={350} narrow />,
    table: <StartTable view={view} expected={expected} />,
  };
}

export const Dials = (props: Props) => <Both {...drawn(props)} />;
