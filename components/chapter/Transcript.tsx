/** Commands and what the model printed, as text: the terminal that is there without JavaScript and on paper. */
import { Fragment } from 'react';
import type { RunCommand } from '../../content/console';

export function Transcript({ commands }: { commands: readonly RunCommand[] }) {
  return (
    <pre className="term">
      {commands.map(({ prompt, text, output }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a transcript never changes its order
        <Fragment key={i}>
          <span className="ps">{prompt}</span>
          <b>{text}</b>
          {'\n'}
          {output && `${output}\n`}
        </Fragment>
      ))}
    </pre>
  );
}
