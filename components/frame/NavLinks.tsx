'use client';
/** The site's parts; a new part is a line in this table. */
import Link from 'next/link';
import { usePathname } from 'next/navigation';

const PARTS: readonly { href: string; name: string; under: string }[] = [{ href: '/#contents', name: 'Chapters', under: '/learn/' }];

export function NavLinks() {
  const path = usePathname();
  return PARTS.map(({ href, name, under }) => {
    const here = path.startsWith(under);
    return (
      <Link key={href} href={href} className={here ? 'here' : undefined} aria-current={here ? 'true' : undefined}>
        {name}
      </Link>
    );
  });
}
