/** The playground for a frame on another page: what the link carries, and nothing else of the site. */
import type { Metadata } from 'next';
import { Playground } from '../../components/playground/Playground';
import { starts } from '../../content/starts';

export const metadata: Metadata = { title: 'A Docker host', robots: { index: false } };

export default function EmbedPage() {
  return (
    <main id="main" className="playground embedded">
      <Playground starts={starts} embedded />
    </main>
  );
}
