/** The top line: the mark, the parts of the site that exist, the theme. */
import Link from 'next/link';
import { NavLinks } from './NavLinks';
import { ThemeButton } from './ThemeButton';

export function TopBar() {
  return (
    <header className="top">
      <Link className="mark" href="/">
        Drydock
      </Link>
      <nav aria-label="Site">
        <NavLinks />
      </nav>
      <ThemeButton />
    </header>
  );
}
