/**
 * The card that explains a word where it is met again: it comes when the pointer rests on the word's link or the link has the
 * focus, stays while the pointer is on it, and goes with Escape (WCAG 2.2, 1.4.13). The link itself leads to the same words.
 */

const WORD = 'a.expl-word';
/** Milliseconds: a pointer that only passes asks for nothing; one on its way to the card does not lose it. */
const REST = 250;
const GRACE = 200;
/** Pixels between word and card, and from the window's edge. */
const GAP = 6;
const EDGE = 12;

type Explanations = Record<string, string>;

let fetched: Promise<Explanations> | null = null;
function explanations(): Promise<Explanations> {
  fetched ??= fetch('/glossary.json').then((answer) => answer.json());
  fetched.catch(() => {
    fetched = null;
  });
  return fetched;
}

/** `code` stands in backquotes, as in components/ask/Words.tsx. */
function words(text: string): Node[] {
  return text.split('`').map((part, i) => {
    if (i % 2 === 0) return document.createTextNode(part);
    const code = document.createElement('code');
    code.textContent = part;
    return code;
  });
}

function newCard(): HTMLElement {
  const card = document.createElement('div');
  card.id = 'word-card';
  card.className = 'word-card';
  card.role = 'tooltip';
  card.hidden = true;
  document.body.append(card);
  return card;
}

/** Beneath the word, or above it where there is no room; never beyond the window's edge. */
function place(card: HTMLElement, link: Element) {
  const [word] = link.getClientRects();
  if (!word) return;
  const { width, height } = card.getBoundingClientRect();
  const below = word.bottom + GAP + height < innerHeight || word.top < height + GAP;
  card.style.left = `${scrollX + Math.max(EDGE, Math.min(word.left, document.documentElement.clientWidth - width - EDGE))}px`;
  card.style.top = `${scrollY + (below ? word.bottom + GAP : word.top - GAP - height)}px`;
}

export function watchTerms() {
  let card: HTMLElement | null = null;
  let of: Element | null = null;
  let timer = 0;

  const hide = () => {
    clearTimeout(timer);
    if (card) card.hidden = true;
    of?.removeAttribute('aria-describedby');
    of = null;
  };
  const show = async (link: Element) => {
    const says = (await explanations())[link.getAttribute('href') ?? ''];
    if (says === undefined || !(link.matches(':hover') || link === document.activeElement)) return;
    hide();
    card ??= newCard();
    card.replaceChildren(...words(says));
    card.hidden = false;
    place(card, link);
    link.setAttribute('aria-describedby', card.id);
    of = link;
  };
  const soon = (act: () => void, wait: number) => {
    clearTimeout(timer);
    timer = window.setTimeout(act, wait);
  };
  const wordAt = ({ target }: Event) => (target instanceof Element ? target.closest(WORD) : null);

  addEventListener('pointerover', (event) => {
    if (event.pointerType === 'touch') return;
    const link = wordAt(event);
    if (link && link !== of) soon(() => void show(link).catch(() => {}), REST);
    else if (link || (event.target instanceof Element && event.target.closest('#word-card'))) clearTimeout(timer);
    else if (of && of !== document.activeElement) soon(hide, GRACE);
    else clearTimeout(timer);
  });
  addEventListener('focusin', (event) => {
    const link = wordAt(event);
    if (link?.matches(':focus-visible')) void show(link).catch(() => {});
    else if (of) hide();
  });
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && of) hide();
  });
  addEventListener('click', hide);
}
