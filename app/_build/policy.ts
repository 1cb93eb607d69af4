/**
 * Content-Security-Policy for one built page: every inline script is hashed, nothing else may run.
 *
 *   html → html with <meta http-equiv="Content-Security-Policy" …> as the first thing in <head>
 *
 * The HTML is read by a parser (parse5), never by a pattern: what counts as an inline script is what a browser sees.
 * Source: CSP Level 3 (hash sources), https://www.w3.org/TR/CSP3/. `frame-ancestors` only works as a header: next.config.mjs.
 * Styles stay 'unsafe-inline': the terminal writes its own style element.
 */
import { createHash } from 'node:crypto';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';

type Node = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

const DATA_BLOCK = /^(application\/(ld\+)?json|speculationrules|importmap)$/;

function elements(node: { childNodes?: Node[] }, name: string): Element[] {
  return (node.childNodes ?? []).flatMap((child) => {
    const inner = 'content' in child ? elements(child.content, name) : elements(child as Element, name);
    return 'tagName' in child && child.tagName === name ? [child, ...inner] : inner;
  });
}

const attribute = (element: Element, name: string) => element.attrs.find((a) => a.name === name)?.value;
const text = (element: Element) => element.childNodes.map((n) => ('value' in n ? n.value : '')).join('');

/** The text of each script in the page that a browser would run without fetching it. */
export function inlineScripts(html: string): string[] {
  return elements(parse(html), 'script')
    .filter((s) => attribute(s, 'src') === undefined && !DATA_BLOCK.test(attribute(s, 'type') ?? ''))
    .map(text);
}

/** Addresses of the scripts that a page fetches; with `legacy`, of those that only a browser without modules fetches. */
export function externalScripts(html: string, legacy = false): string[] {
  return elements(parse(html), 'script')
    .filter((s) => (attribute(s, 'nomodule') !== undefined) === legacy)
    .flatMap((s) => attribute(s, 'src') ?? []);
}

export function policyFor(scripts: readonly string[]): string {
  const hashes = [...new Set(scripts.map((s) => `'sha256-${createHash('sha256').update(s).digest('base64')}'`))];
  return [
    "default-src 'self'",
    ["script-src 'self'", ...hashes].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');
}

/** Puts the policy into a page. A page that already carries one, or has no head, is an error: sealing happens once. */
export function seal(html: string): string {
  const document = parse(html, { sourceCodeLocationInfo: true });
  const head = elements(document, 'head')[0]?.sourceCodeLocation?.startTag;
  if (!head) throw new Error('seal: the page has no <head> tag');
  if (elements(document, 'meta').some((m) => attribute(m, 'http-equiv')?.toLowerCase() === 'content-security-policy'))
    throw new Error('seal: the page already carries a policy');
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policyFor(inlineScripts(html))}"/>`;
  return html.slice(0, head.endOffset) + meta + html.slice(head.endOffset);
}
