/** What a question asks: the words, what has been run before, the command it is about. */
import type { Posed } from '../../lib/quiz';
import { Transcript } from '../chapter/Transcript';
import { Words } from './Words';

export const Asked = ({ posed: { ask, given, command } }: { posed: Posed }) => (
  <>
    <p>
      <Words text={ask} />
    </p>
    {given.length > 0 && (
      <div className="stage">
        <Transcript commands={given} />
      </div>
    )}
    {command && (
      <pre className="term q">
        <span className="ps">{command.prompt}</span>
        <b>{command.text}</b>
      </pre>
    )}
  </>
);

/** An option: what a terminal shows, or words. */
export const Option = ({ text, code }: { text: string; code: boolean }) => (code ? <samp>{text}</samp> : <Words text={text} />);

/** What stands for the nth of several texts. A number: a letter could be taken for one that a command prints. */
export const mark = (n: number) => String(n + 1);
