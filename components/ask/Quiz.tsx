/** A question in the text, as far as it reads without a machine. */
import type { Item } from '../../content/schema';

export function Quiz({ item }: { item: Item | undefined }) {
  if (!item) return null;
  return (
    <section className="ask" aria-labelledby={`question-${item.id}`}>
      <header>
        <h3 id={`question-${item.id}`}>{item.title}</h3>
      </header>
    </section>
  );
}
