/** The face of cli: docker as a program, whose code comes when it is first run or completed. */

import type { Programs } from '../kernel';
import type { completeDocker as Complete } from './complete';
import { client } from './parts';

export { parts } from './parts';

const docker = () => client.get().programs.docker as Programs[string];
export const programs: Programs = {
  docker: {
    start: (exec) => docker().start(exec),
    run: (sys, state) => docker().run(sys, state),
  },
};

/** What may follow in a line that begins with docker. */
export const completeDocker: typeof Complete = (...line) => client.get().completeDocker(...line);
