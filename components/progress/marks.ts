/**
 * Draws into a list of chapters how far each is done in this browser: `data-chapter` names a chapter, `data-parts` says how
 * many sections, tasks and questions it has. --done is the share, for the style sheet; aria-description says it in words.
 */
import { marksOf, readOf } from '../ask/kept';

export function markChapters() {
  for (const link of document.querySelectorAll<HTMLElement>('[data-chapter]')) {
    const { chapter = '', parts } = link.dataset;
    const solved = Object.values(marksOf(chapter)).filter((m) => m.solved).length;
    const share = Math.min(1, (readOf(chapter).length + solved) / (Number(parts) || 1));
    link.style.setProperty('--done', String(share));
    if (share > 0) link.setAttribute('aria-description', share === 1 ? 'done' : `${Math.max(1, Math.floor(share * 100))} per cent done`);
    else link.removeAttribute('aria-description');
  }
}
