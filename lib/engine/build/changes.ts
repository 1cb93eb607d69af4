/**
 * `docker commit --change` and `docker import --change`: Dockerfile instructions that change a config alone.
 * moby builder/dockerfile/builder.go, BuildFromConfig.
 */

import { decode, encode } from '../../base';
import { invalid } from '../daemon';
import type { Config } from '../state';
import { Linter } from './checks';
import type { Context } from './convert';
import { dispatch } from './dispatch';
import { instructionOf } from './instructions';
import { DockerfileError, parseDockerfile } from './parser';
import { newStage } from './stage';

const ALLOWED = ['cmd', 'entrypoint', 'env', 'expose', 'healthcheck', 'label', 'onbuild', 'stopsignal', 'user', 'volume', 'workdir'];

const noImage = (): never => {
  throw invalid('a change names no image');
};

/** A config with the changes made. Instructions are bytes. Throws what the engine says of others. */
export function changed(config: Partial<Config>, changes: readonly string[]): Partial<Config> {
  try {
    const { nodes, escape } = parseDockerfile(decode(changes.join('\n')));
    for (const n of nodes) if (!ALLOWED.includes(n.command.toLowerCase())) throw invalid(`${n.command} is not a valid change command`);
    const stage = newStage(
      {
        from: {
          kind: 'from',
          name: 'FROM',
          code: 'FROM scratch',
          lines: [0, 0],
          comments: [],
          base: 'scratch',
          stage: '',
          as: null,
          platform: '',
        },
        commands: [],
      },
      '',
    );
    stage.image.config = JSON.parse(decode(JSON.stringify(config))) as Partial<Config>;
    stage.cwd = config.WorkingDir || '/';
    const context: Context = {
      options: { target: '', buildArgs: {}, labels: {}, noCache: false, networkMode: 'default', ignore: null, base: noImage },
      escape,
      lint: new Linter({ skipAll: true, skip: [], experimentalAll: false, experimental: [], error: false }),
      globalArgs: {},
      vertices: [],
      images: new Map(),
      stages: [],
    };
    for (const n of nodes) {
      const instruction = instructionOf(n);
      if (instruction.kind !== 'from') dispatch(context, stage, { instruction, sources: [], onBuild: false });
    }
    return JSON.parse(encode(JSON.stringify(stage.image.config))) as Partial<Config>;
  } catch (e) {
    if (e instanceof DockerfileError) throw invalid(encode(e.message));
    throw e;
  }
}
