/**
 * The changes as an Atom feed. The site does not know the address it is served from: what is in the feed is named by tag: URIs
 * (RFC 4151), and its links are relative to where it was fetched (RFC 4287, 4.2.7).
 */
import { create } from 'xmlbuilder2';
import { loadChanges } from '../../content/changes';

export const dynamic = 'force-static';

const tag = (date: string, name: string) => `tag:drydock,${date}:${name}`;
const noon = (date: string) => `${date}T12:00:00Z`;

export function GET() {
  const changes = loadChanges();
  const feed = {
    '@xmlns': 'http://www.w3.org/2005/Atom',
    title: 'Drydock: changes',
    id: tag('2026-11-22', 'changes'),
    updated: noon(changes[0]?.date ?? '2026-11-22'),
    author: { name: 'Drydock' },
    link: [
      { '@rel': 'self', '@href': '/changes.xml' },
      { '@rel': 'alternate', '@type': 'text/html', '@href': '/changes' },
    ],
    entry: changes.map(({ date, id, title, says, href }) => ({
      title,
      id: tag(date, id),
      updated: noon(date),
      link: { '@href': href },
      summary: says,
    })),
  };
  return new Response(create({ version: '1.0', encoding: 'utf-8' }, { feed }).end({ prettyPrint: true }), {
    headers: { 'Content-Type': 'application/atom+xml' },
  });
}
