/** The top line: the mark, the parts of the site that exist, the theme. A new part is a line in the table. */
import { Go } from './Go';
import { Later } from './Later';
import { ThemeButton } from './ThemeButton';

const PARTS = [
  { name: 'Chapters', href: '/#contents' },
  { name: 'Playground', href: '/playground' },
  { name: 'Reference', href: '/reference' },
  { name: 'Progress', href: '/progress' },
  { name: 'Search', href: '/search', key: '/' },
] as const;

export function TopBar({ here }: { here?: (typeof PARTS)[number]['name'] }) {
  return (
    <header className="top">
      <Go className="mark" href="/">
        Drydock
      </Go>
      <nav aria-label="Site">
        {PARTS.map(({ name, href, ...more }) => (
          <Go
            key={name}
            href={href}
            className={name === here ? 'here' : undefined}
            aria-current={name === here ? 'true' : undefined}
            aria-keyshortcuts={'key' in more ? more.key : undefined}
          >
            {name}
          </Go>
        ))}
      </nav>
      <ThemeButton />
      <Later />
    </header>
  );
}
