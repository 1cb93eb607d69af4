/** The foot of every page that is not a chapter's text alone: what else there is. */
import { Go } from './Go';

const LINKS = [
  { name: 'Glossary', href: '/glossary' },
  { name: 'Workshop', href: '/slides' },
  { name: 'Team', href: '/team' },
  { name: 'An image, layer by layer', href: '/dive' },
  { name: 'Fidelity', href: '/fidelity' },
  { name: 'Changes', href: '/changes' },
] as const;

export const Foot = () => (
  <footer className="foot m dim">
    {LINKS.map(({ name, href }) => (
      <Go key={href} href={href}>
        {name}
      </Go>
    ))}
    <span>Everything runs in this page. Nothing you type leaves it.</span>
  </footer>
);
