/**
 * Image references: github.com/distribution/reference, whose grammar is
 *
 *   reference         name [ ":" tag ] [ "@" digest ]
 *   name              [ domain "/" ] remote-name
 *   domain            host [ ":" port ]          host  domain-name | IPv4 | "[" IPv6 "]"
 *   remote-name       path-component { "/" path-component }
 *   path-component    [a-z0-9]+ { ( "." | "_" | "__" | "-"+ ) [a-z0-9]+ }
 *   tag               [\w][\w.-]{0,127}
 *   digest            algorithm ":" hex, at least 32 digits
 *   identifier        [a-f0-9]{64}
 *
 * A user types the familiar form ("redis:7"); the engine keeps the normalised one ("docker.io/library/redis:7").
 *
 * Simplified: sha256 is the only digest algorithm, as in the engine's content store.
 */
import { memo, pathMatch } from '../base';

/** A name, with a domain unless the text had none; at least one of its parts is told by tag or digest when given. */
export interface Named {
  kind: 'named';
  domain: string;
  path: string;
  tag?: string;
  digest?: string;
}

/** A bare digest: an image id in full. */
export interface DigestOnly {
  kind: 'digest';
  digest: string;
}

export type Reference = Named | DigestOnly;

export class InvalidReference extends Error {}

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const remoteName = `${component}(?:/${component})*`;
const label = '[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*';
const host = `(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])`;
const domain = `${host}(?::[0-9]+)?`;
const tag = '\\w[\\w.-]{0,127}';
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';

const whole = new RegExp(`^((?:${domain}/)?${remoteName})(?::(${tag}))?(?:@(${digest}))?$`);
const nameOnly = new RegExp(`^(?:(${domain})/)?(${remoteName})$`);
const domainOnly = new RegExp(`^${domain}$`);
const tagOnly = new RegExp(`^${tag}$`);
const identifier = /^[a-f0-9]{64}$/;

const longestPath = 255;
const hub = { domain: 'docker.io', legacy: 'index.docker.io', prefix: 'library/' };
export const defaultTag = 'latest';

export const isDomain = (text: string): boolean => domainOnly.test(text);
export const isIdentifier = (text: string): boolean => identifier.test(text);
export const isTag = (text: string): boolean => tagOnly.test(text);

/** Throws unless the text is a whole sha256 digest (opencontainers/go-digest). */
export function checkDigest(text: string): string {
  const at = text.indexOf(':');
  if (at <= 0 || at + 1 === text.length) throw new InvalidReference('invalid checksum digest format');
  const encoded = text.slice(at + 1);
  if (text.slice(0, at) !== 'sha256') {
    const wellFormed = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/.test(text);
    throw new InvalidReference(wellFormed ? 'unsupported digest algorithm' : 'invalid checksum digest format');
  }
  if (encoded.length !== 64) throw new InvalidReference('invalid checksum digest length');
  if (!isIdentifier(encoded)) throw new InvalidReference('invalid checksum digest format');
  return text;
}

/** Domain and path of a name without tag or digest. */
export function withName(text: string): Named {
  const match = nameOnly.exec(text);
  if (!match) throw new InvalidReference('invalid reference format');
  const path = match[2]!;
  if (path.length > longestPath) throw new InvalidReference(`repository name must not be more than ${longestPath} characters`);
  return { kind: 'named', domain: match[1] ?? '', path };
}

/** Any valid reference, taken as written. */
export function parse(text: string): Named {
  if (text === '') throw new InvalidReference('repository name must have at least one component');
  const match = whole.exec(text);
  if (!match) {
    const lower = text.toLowerCase();
    throw new InvalidReference(lower !== text && whole.test(lower) ? 'repository name must be lowercase' : 'invalid reference format');
  }
  return { ...withName(match[1]!), tag: match[2], digest: match[3] === undefined ? undefined : checkDigest(match[3]) };
}

/** Where the engine looks for what a user typed: the domain, and the rest. */
function splitDomain(text: string): [string, string] {
  const slash = text.indexOf('/');
  if (slash < 0) return [hub.domain, hub.prefix + text];
  const first = text.slice(0, slash);
  const rest = text.slice(slash + 1);
  const named = first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first;
  const [where, remainder] = first === hub.legacy ? [hub.domain, rest] : named ? [first, rest] : [hub.domain, text];
  return [where, where === hub.domain && !remainder.includes('/') ? hub.prefix + remainder : remainder];
}

/** What a user typed, as the engine keeps it. A list of containers asks for the same few names again and again. */
export const parseNormalized = memo((text): Named => {
  if (isIdentifier(text)) throw new InvalidReference(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  const [where, remainder] = splitDomain(text);
  const remote = remainder.split(':', 1)[0]!;
  if (remote.toLowerCase() !== remote)
    throw new InvalidReference(`invalid reference format: repository name (${remote}) must be lowercase`);
  return parse(`${where}/${remainder}`);
});

/** As parseNormalized, and an error unless it was normalised already. */
export function parseCanonical(text: string): Named {
  const named = parseNormalized(text);
  if (format(named) !== text) throw new InvalidReference('repository name must be canonical');
  return named;
}

/** What a user typed where an image id is allowed too. */
export function parseAny(text: string): Reference {
  if (isIdentifier(text)) return { kind: 'digest', digest: `sha256:${text}` };
  if (/^sha256:[a-f0-9]{64}$/.test(text)) return { kind: 'digest', digest: text };
  return parseNormalized(text);
}

/** What a pull of the text asks for: the default tag is added; beside a digest a tag is dropped. */
export function parsePull(text: string): Named {
  const named = parseNormalized(text);
  return named.digest === undefined ? tagNameOnly(named) : { ...named, tag: undefined };
}

/** The reference with the default tag, if it has neither tag nor digest. */
export function tagNameOnly(named: Named): Named {
  return named.tag === undefined && named.digest === undefined ? { ...named, tag: defaultTag } : named;
}

export function withTag(named: Named, text: string): Named {
  if (!isTag(text)) throw new InvalidReference('invalid tag format');
  return { ...named, tag: text };
}

/** Domain and path, without tag and digest. */
export function nameOf(named: Named): string {
  return named.domain === '' ? named.path : `${named.domain}/${named.path}`;
}

/** The whole reference as text. */
export function format(ref: Reference): string {
  if (ref.kind === 'digest') return ref.digest;
  return nameOf(ref) + (ref.tag === undefined ? '' : `:${ref.tag}`) + (ref.digest === undefined ? '' : `@${ref.digest}`);
}

/** The form shown to users: without docker.io and library/. */
function familiar(named: Named): Named {
  if (named.domain !== hub.domain) return named;
  const short = named.path.startsWith(hub.prefix) ? named.path.slice(hub.prefix.length) : named.path;
  return { ...named, domain: '', path: short.includes('/') ? named.path : short };
}

export function familiarName(named: Named): string {
  return nameOf(familiar(named));
}

export function familiarString(ref: Reference): string {
  return ref.kind === 'digest' ? ref.digest : format(familiar(ref));
}

/** A shell pattern against the familiar form, with or without its tag. Throws BadPattern. */
export function familiarMatch(pattern: string, ref: Reference): boolean {
  return pathMatch(pattern, familiarString(ref)) || (ref.kind === 'named' && pathMatch(pattern, familiarName(ref)));
}
