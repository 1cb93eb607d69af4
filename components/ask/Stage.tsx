/** The commands that set a task's stage, what they print on a new machine, and the button that runs them here. */
import type { Shown } from '../../lib/quiz';
import { ConsoleHead } from '../chapter/ConsoleHead';
import { Transcript } from '../chapter/Transcript';

export const Stage = ({ stage }: { stage: Shown[] }) =>
  stage.length > 0 && (
    <div className="console">
      <ConsoleHead name="Stage" commands={stage.map((s) => s.text)} alone={false} />
      <Transcript commands={stage} />
    </div>
  );
