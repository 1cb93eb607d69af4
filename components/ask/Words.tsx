/** A sentence of a task or a question: `code` stands in backquotes. */
export const Words = ({ text }: { text: string }) =>
  // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text
  text.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part));
