/** The line above a task or a question: its title, and how it stands. */
export const Head = ({ id, title, stands }: { id: string; title: string; stands?: string | undefined }) => (
  <header>
    <h3 id={id} tabIndex={-1}>
      {title}
    </h3>
    {stands && <span className="m dim">{stands}</span>}
  </header>
);
