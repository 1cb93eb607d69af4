/**
 * xterm.js, wrapped: a screen that takes text and gives keys. DOM renderer; colours are the page's tokens.
 *
 * A keyboard is never caught: Shift+Tab always leaves, and so does Tab after Esc. Ctrl-C copies when text is selected,
 * Ctrl-V pastes. Loaded with the machine, never with the page.
 */
import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { themeOf } from './theme';

export interface Screen {
  write: (text: string) => void;
  /** A sentence about what was just printed, in the page's own type, over rows of its own. */
  note: (sentence: string, source: string) => void;
  clear: () => void;
  focus: () => void;
  cols: () => number;
  dispose: () => void;
}

/** The keys that are the page's: false leaves them to the browser. */
function leavesKey(term: Terminal) {
  let escaped = false;
  return (event: KeyboardEvent) => {
    if (event.type !== 'keydown') return true;
    const leaving = event.key === 'Tab' && (event.shiftKey || escaped);
    escaped = event.key === 'Escape';
    if (leaving) return false;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.code === 'KeyV') return false;
    return !(command && event.code === 'KeyC' && term.hasSelection());
  };
}

export async function createScreen(host: HTMLElement, on: { data: (data: string) => void; resize: () => void }): Promise<Screen> {
  const size = () => Number.parseFloat(getComputedStyle(host).fontSize);
  await Promise.all(['400', '600'].map((weight) => document.fonts.load(`${weight} 13.5px Iosevka`)));
  const term = new Terminal({
    fontFamily: getComputedStyle(host).getPropertyValue('--mono'),
    fontSize: size(),
    lineHeight: 1.28,
    fontWeight: 400,
    fontWeightBold: 600,
    drawBoldTextInBrightColors: false,
    cursorBlink: false,
    cursorInactiveStyle: 'block',
    allowProposedApi: true,
    scrollback: 4000,
    screenReaderMode: true,
    theme: themeOf(host),
    minimumContrastRatio: 1,
  });
  const fit = new FitAddon();
  term.loadAddon(fit);
  term.open(host);
  term.attachCustomKeyEventHandler(leavesKey(term));
  term.textarea?.setAttribute('aria-label', 'Terminal of the host dock. Escape, then Tab, leaves it.');
  const refit = () => {
    if (host.offsetParent === null) return;
    if (term.options.fontSize !== size()) term.options.fontSize = size();
    fit.fit();
  };
  refit();
  // A note is measured before it is shown: by then its letters must be there.
  void document.fonts.load('italic 1em Literata');
  // A visit to the alternate screen: without it xterm.js draws no cursor before the first focus.
  term.write('\x1b[?47h\x1b[?47l');
  term.onData(on.data);
  term.onResize(on.resize);
  const watch = new ResizeObserver(refit);
  watch.observe(host);
  const recolour = () => {
    term.options.theme = themeOf(host);
  };
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', recolour);
  addEventListener('drydock:theme', recolour);

  function note(sentence: string, source: string) {
    const text = document.createElement('p');
    text.className = 'why';
    text.append(`${sentence} `, Object.assign(document.createElement('span'), { textContent: `Who said no: ${source}.` }));
    host.append(text);
    const row = (host.querySelector('.xterm-screen') as HTMLElement).offsetHeight / term.rows;
    text.style.lineHeight = `${row}px`;
    const rows = Math.round(text.offsetHeight / row);
    text.remove();
    term.write('', () => {
      const marker = term.registerMarker(0);
      const decoration = term.registerDecoration({ marker, width: term.cols, height: rows });
      decoration?.onRender((element) => {
        if (!element.firstChild) element.append(text);
      });
    });
    term.write('\r\n'.repeat(rows));
  }

  return {
    write: (text) => term.write(text),
    note,
    clear: () => term.reset(),
    focus: () => term.focus(),
    cols: () => term.cols,
    dispose() {
      watch.disconnect();
      dark.removeEventListener('change', recolour);
      removeEventListener('drydock:theme', recolour);
      term.dispose();
    },
  };
}
