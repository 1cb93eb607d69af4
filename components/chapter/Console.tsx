/** A console in the text: what the model answered when the page was built, and a button that runs the commands here. */
import type { RunBlock } from '../../content/console';
import { ConsoleHead } from './ConsoleHead';
import { Transcript } from './Transcript';

export function Console({ block }: { block: RunBlock }) {
  return (
    <div className="console">
      <ConsoleHead commands={block.commands.map((c) => c.text)} alone={block.fresh} />
      <Transcript commands={block.commands} />
    </div>
  );
}
