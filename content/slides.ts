/**
 * A chapter as slides: one for each console of a section, with the sentences that lead to it on the wall and the rest of the
 * text as notes for who speaks. A section without a console is one slide. Made from the text: there is no second copy of it.
 */
import type { Chapter, Section } from './chapter';
import type { RunCommand } from './console';

export interface Slide {
  /** The section's "6.1"; empty for the first and the last. */
  number: string;
  title: string;
  /** A few sentences; code in backquotes. */
  says: string;
  /** What runs, with what it printed when the site was built. */
  commands: RunCommand[];
  /** It ran on a machine of its own: nothing that the slides' machine could carry on from. */
  alone: boolean;
  /** A drawing of the chapter, or null. */
  drawing: number | null;
  /** Paragraphs for who speaks. */
  notes: string[];
  /** On the last slide: what to try, with the anchors of the chapter. */
  tasks: { id: string; title: string }[];
}

/** Characters that a slide bears at this size. */
const MOST = 230;

/** As many whole sentences from the beginning as a slide bears; at least one. */
export function leading(paragraph: string): string {
  const sentences = paragraph.split(/(?<=[.!?…:])\s+(?=[A-Z“`])/);
  let says = sentences[0] ?? '';
  for (const sentence of sentences.slice(1)) {
    if (says.length + 1 + sentence.length > MOST) break;
    says += ` ${sentence}`;
  }
  return says;
}

function ofSection({ number, title, flow }: Section, blocks: Chapter['blocks']): Slide[] {
  const slide = (): Slide => ({ number, title, says: '', commands: [], alone: false, drawing: null, notes: [], tasks: [] });
  const slides = [slide()];
  for (const part of flow) {
    const last = slides.at(-1) as Slide;
    if ('says' in part) last.notes.push(part.says);
    else if ('drawing' in part) last.drawing ??= part.drawing;
    else if (last.commands.length === 0) Object.assign(last, { commands: blocks[part.block]?.commands, alone: blocks[part.block]?.fresh });
    else {
      // What stands between two consoles explains the first, and its last paragraph leads to the second.
      const lead = last.notes.length > 1 ? last.notes.slice(-1) : [];
      const next = slide();
      slides.push({ ...next, notes: lead, commands: blocks[part.block]?.commands ?? [], alone: blocks[part.block]?.fresh ?? false });
    }
  }
  return slides.map((made) => ({ ...made, says: leading(made.notes[0] ?? '') }));
}

export function slidesOf({ meta, course, sections, blocks, tasks }: Chapter): Slide[] {
  const words = { number: '', commands: [], alone: false, drawing: null, tasks: [] };
  return [
    {
      ...words,
      title: meta.title,
      says: meta.lede,
      notes: [`Chapter ${meta.number}, ${course.title}: ${sections.map((s) => s.label).join(', ')}.`],
    },
    ...sections.flatMap((section) => ofSection(section, blocks)),
    ...(tasks.length > 0
      ? [
          {
            ...words,
            title: 'Your turn',
            says: 'Each task is checked on your own machine, whichever way you take.',
            notes: ['Everybody opens the chapter in their own browser; nothing has to be installed. A task says what is still missing.'],
            tasks: tasks.map(({ id, title }) => ({ id, title })),
          },
        ]
      : []),
  ];
}
