'use client';
/**
 * A link within the site, navigated by the router that every page carries; a plain link while there is none. next/link
 * and next/navigation would add 8 and 3 kB of JavaScript to each page, so the router is taken from its context: an
 * inner module of Next.js, which is why its version is pinned and a browser test watches that no page is loaded anew.
 */
import { AppRouterContext } from 'next/dist/shared/lib/app-router-context.shared-runtime';
import { type ComponentProps, type MouseEvent, use } from 'react';

export function Go({ href, ...props }: ComponentProps<'a'> & { href: string }) {
  const router = use(AppRouterContext);
  const go = (event: MouseEvent<HTMLAnchorElement>) => {
    const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    const samePage = new URL(href, location.href).pathname === location.pathname;
    if (!router || event.defaultPrevented || elsewhere || samePage) return;
    event.preventDefault();
    router.push(href);
  };
  return <a href={href} {...props} onClick={go} onPointerEnter={() => router?.prefetch(href)} />;
}
