/** xterm.js takes colours as numbers; the page has them as tokens that follow the theme. This reads the one as the other. */
import type { ITheme } from '@xterm/xterm';

/** xterm's colour slots and the tokens that fill them; a bright colour is the same at weight 600. */
const COLOURS = {
  background: 'film',
  foreground: 'ink',
  cursor: 'lead',
  cursorAccent: 'film',
  selectionBackground: 'lead-wash',
  black: 'ink',
  red: 'a-red',
  green: 'a-green',
  yellow: 'a-yellow',
  blue: 'a-blue',
  magenta: 'a-magenta',
  cyan: 'a-cyan',
  white: 'ink-2',
  brightBlack: 'ink-2',
  brightRed: 'a-red',
  brightGreen: 'a-green',
  brightYellow: 'a-yellow',
  brightBlue: 'a-blue',
  brightMagenta: 'a-magenta',
  brightCyan: 'a-cyan',
  brightWhite: 'ink',
  scrollbarSliderBackground: 'hair',
  scrollbarSliderHoverBackground: 'line-2',
  scrollbarSliderActiveBackground: 'line-2',
} as const satisfies ITheme;

/** The colours that the tokens have now, where `host` stands. */
export function themeOf(host: HTMLElement): ITheme {
  const probe = host.appendChild(document.createElement('i'));
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  const colour = (token: string) => {
    probe.style.color = `var(--${token})`;
    pen.fillStyle = getComputedStyle(probe).color;
    pen.fillRect(0, 0, 1, 1);
    return `#${[...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((n) => n.toString(16).padStart(2, '0')).join('')}`;
  };
  const theme = Object.fromEntries(Object.entries(COLOURS).map(([slot, token]) => [slot, colour(token)]));
  probe.remove();
  return theme;
}
