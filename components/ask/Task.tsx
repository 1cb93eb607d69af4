/** A task in the text, as far as it reads without a machine. */
import type { Item } from '../../content/schema';

export function Task({ item }: { item: Item | undefined }) {
  if (!item) return null;
  return (
    <section className="ask" aria-labelledby={`task-${item.id}`}>
      <header>
        <h3 id={`task-${item.id}`}>{item.title}</h3>
      </header>
    </section>
  );
}
