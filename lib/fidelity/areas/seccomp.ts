/** Area "seccomp": profiles in Docker's format, as moby/profiles reads them. */
import { parseRelease, readFilter, readProfile } from '../../engine/seccomp';
import { NotModelled } from '../vectors';

type Input = { fn: 'kernelVersion'; text: string } | { fn: 'filter' | 'profile'; json: string };

export function seccomp(input: Input): unknown {
  switch (input.fn) {
    case 'kernelVersion':
      return parseRelease(input.text);
    case 'filter':
      return readFilter(JSON.parse(input.json));
    case 'profile':
      return readProfile(input.json);
    default:
      throw new NotModelled((input as { fn: string }).fn);
  }
}
