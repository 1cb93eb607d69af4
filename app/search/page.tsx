/** Search over the text, its commands, tasks and questions, the words explained, and docker's commands. */
import type { Metadata } from 'next';
import { TopBar } from '../../components/frame/TopBar';
import { Search } from '../../components/search/Search';

export const metadata: Metadata = { title: 'Search', description: 'Search the course: text, commands, tasks, questions and words.' };

export default function SearchPage() {
  return (
    <>
      <TopBar here="Search" />
      <main id="main" className="plain">
        <h1>Search</h1>
        <Search />
        <noscript>
          <p>The search needs JavaScript. All chapters are listed on the first page, all words in the glossary.</p>
        </noscript>
      </main>
    </>
  );
}
