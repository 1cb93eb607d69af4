/** Area "references": image references, as distribution/reference parses, normalises and matches them. */
import { reference } from '../../oci';
import { NotModelled, withoutZeros } from '../vectors';

type Input = { fn: string; text: string; pattern?: string };

function plain(ref: reference.Reference) {
  if (ref.kind === 'digest') return { string: ref.digest, digest: ref.digest };
  return {
    string: reference.format(ref),
    name: reference.nameOf(ref),
    path: ref.path,
    domain: ref.domain,
    tag: ref.tag,
    digest: ref.digest,
  };
}

function withFamiliar(ref: reference.Reference) {
  return {
    ...plain(ref),
    familiar: reference.familiarString(ref),
    familiarName: ref.kind === 'named' ? reference.familiarName(ref) : undefined,
  };
}

const functions: Record<string, (input: Input) => unknown> = {
  parse: ({ text }) => plain(reference.parse(text)),
  name: ({ text }) => plain(reference.withName(text)),
  canonical: ({ text }) => plain(reference.parseCanonical(text)),
  normalize: ({ text }) => withFamiliar(reference.parseNormalized(text)),
  any: ({ text }) => withFamiliar(reference.parseAny(text)),
  pull: ({ text }) => withFamiliar(reference.parsePull(text)),
  match: ({ text, pattern }) => reference.familiarMatch(pattern ?? '', reference.parseAny(text)),
  isDomain: ({ text }) => reference.isDomain(text),
  isIdentifier: ({ text }) => reference.isIdentifier(text),
};

export function references(input: Input): unknown {
  const fn = functions[input.fn];
  if (!fn) throw new NotModelled(input.fn);
  const value = fn(input);
  return typeof value === 'boolean' ? value : withoutZeros(value);
}
