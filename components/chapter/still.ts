/**
 * A picture or table of the text as HTML. It will never change, so React need not know its hundreds of elements: a page
 * with it in one piece is ready sooner, and carries it once instead of twice.
 *
 * Next.js keeps react-dom/server out of what it bundles for pages; this asks Node.js for it. Only ever while building.
 */
import type { ReactNode } from 'react';

type Server = typeof import('react-dom/server');

export function still(picture: ReactNode): { __html: string } {
  const { createRequire } = process.getBuiltinModule('node:module');
  const { renderToStaticMarkup } = createRequire(`${process.cwd()}/package.json`)('react-dom/server') as Server;
  return { __html: renderToStaticMarkup(picture) };
}
