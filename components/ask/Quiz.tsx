/** A question in the text, as it is put the first time. What is here reads without a machine: the question and its options. */
import type { Form, Ground, Posed, Question } from '../../lib/quiz';
import { Asked, mark, Option } from './Asked';
import { Head } from './Head';
import { LiveAsk } from './Live';
import { Words } from './Words';

interface Props {
  chapter: string;
  ground: Ground;
  question: Question;
  posed: Posed;
}

export function Quiz({ chapter, ground, question, posed }: Props) {
  const heading = `question-${posed.id}`;
  return (
    <section className="ask" aria-labelledby={heading}>
      <LiveAsk quiz={{ chapter, ground, question, first: posed }}>
        <Head id={heading} title={posed.title} />
        <Asked posed={posed} />
        <Options form={posed.answer} />
        <noscript>
          <p className="say">Answering needs JavaScript: each answer is tried out on a machine in this page.</p>
        </noscript>
      </LiveAsk>
    </section>
  );
}

/** The options to read; there is nothing to choose with. */
function Options({ form }: { form: Form }) {
  if (form.form === 'text') return form.unit ? <p className="m dim">… {form.unit}</p> : null;
  if (form.form === 'match')
    return (
      <>
        <List texts={form.left} code={false} />
        <List texts={form.right} code numbered />
      </>
    );
  const texts = form.form === 'one' ? form.options : form.form === 'order' ? form.items : form.facts;
  return <List texts={texts} code={form.form === 'order' || (form.form === 'one' && form.code)} />;
}

const List = ({ texts, code, numbered }: { texts: string[]; code: boolean; numbered?: boolean }) => (
  <ol className="opts">
    {texts.map((text, i) => (
      <li key={text}>
        <span className="m" aria-hidden="true">
          {numbered ? mark(i) : '·'}
        </span>
        <span>{code ? <Option text={text} code /> : <Words text={text} />}</span>
      </li>
    ))}
  </ol>
);
