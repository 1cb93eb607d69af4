/**
 * -v: "[source:]target[:options]" (docker/cli, cli/compose/loader/volume.go). A source that begins like a path is a bind
 * mount; one letter before a colon reads as a Windows drive, also on Linux.
 */
import { OptionError } from './words';

export interface VolumeSpec {
  type: 'bind' | 'volume';
  source: string;
  target: string;
}

const isDrive = (buffer: string, char: string) => char === ':' && /^\p{L}$/u.test(buffer);

function isPath(source: string): boolean {
  if (/^[./~]/.test(source)) return true;
  const [first = '', second = ''] = [...source];
  return isDrive(first, second);
}

export function parseVolumeSpec(spec: string): VolumeSpec {
  if (spec === '') throw new OptionError('invalid empty volume spec');
  if (spec.length <= 2) return { type: 'volume', source: '', target: spec };
  const fail = (why: string) => new OptionError(`invalid spec: ${spec}: ${why}`);
  let [source, target, buffer] = ['', '', ''];
  for (const char of [...spec, null]) {
    if (char !== null && (char !== ':' || isDrive(buffer, char))) {
      buffer += char;
      continue;
    }
    if (buffer === '') throw fail('empty section between colons');
    if (source === '' && char === null) target = buffer;
    else if (source === '') source = buffer;
    else if (target === '') target = buffer;
    else if (char === ':') throw fail('too many colons');
    buffer = '';
  }
  return { type: isPath(source) ? 'bind' : 'volume', source, target };
}
