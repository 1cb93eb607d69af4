/**
 * Programs of the host that say which version they are instead of beginning, if asked: the builds of Debian that the recordings were
 * made on.
 */

import { ENGINE_COMMIT, ENGINE_VERSION } from '../base';
import { attempt, type Program } from '../kernel';

const VERSIONS = {
  containerd: 'containerd github.com/containerd/containerd/v2 2.1.9+unknown ',
  dockerd: `Docker version ${ENGINE_VERSION}, build ${ENGINE_COMMIT}`,
  runc: 'runc version 1.3.6+ds1\ncommit: 1.3.6+ds1-1\nspec: 1.2.1\ngo: go1.26.5\nlibseccomp: 2.6.1',
  shim: 'containerd-shim-runc-v2:\n  Version:  2.1.9+unknown\n  Revision: \n  Go version: go1.27.1\n',
} as const;

interface Saying {
  version: string;
}
const says = (state: unknown): state is Saying => typeof state === 'object' && state !== null && 'version' in state;

/** The same program, which also answers `--version` and `-v`. */
export const versioned = <S>(name: keyof typeof VERSIONS, program: Program<S>): Program<S | Saying> => ({
  start: (exec) => (/^--?v(ersion)?$/.test(exec.argv[1] ?? '') ? { version: VERSIONS[name] } : program.start(exec)),
  run(sys, state) {
    if (!says(state)) return program.run(sys, state);
    attempt(() => sys.write(1, `${state.version}\n`));
    return { exit: 0 };
  },
});

/** runc: what it does is done by the engine (engine/runtime.ts); on its own it tells its version. */
export const runc: Program<null> = {
  start: () => null,
  run(sys) {
    attempt(() => sys.write(2, 'drydock: runc on its own is not modelled; the engine uses what it does\n'));
    return { exit: 1 };
  },
};
