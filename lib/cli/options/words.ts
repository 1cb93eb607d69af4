/** What options are made of: text around a separator, and "k=v" lists. */
export { OptionError, type Release } from '../../base/ports';

/** strings.Cut: before and after the first separator, and whether there is one. */
export function cut(text: string, separator: string): [before: string, after: string, found: boolean] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, '', false] : [text.slice(0, at), text.slice(at + separator.length), true];
}

/** "k=v" texts as a map; one without a value has "". */
export function keyValues(list: readonly string[]): Record<string, string> {
  const out: Record<string, string> = Object.create(null);
  for (const item of list) {
    const [k, v] = cut(item, '=');
    out[k] = v;
  }
  return out;
}
