/** A team that takes the course: who is where, and what is misunderstood. */
import type { Metadata } from 'next';
import { Foot } from '../../components/frame/Foot';
import { Go } from '../../components/frame/Go';
import { TopBar } from '../../components/frame/TopBar';
import { Team } from '../../components/team/Team';
import { loadOutlines } from '../../content/outline';

export const metadata: Metadata = {
  title: 'Team',
  description: 'Who is where in the course, and what is misunderstood, from files of progress.',
};

export default async function TeamPage() {
  return (
    <>
      <TopBar />
      <main id="main" className="plain broad">
        <h1>Who is where, and what is misunderstood</h1>
        <p className="lede">
          Agree on chapters. Everybody works in their own browser, and hands you the file that{' '}
          <Go href="/progress#carry">their page of progress</Go> exports. Add the files here: they are read in this page and kept nowhere
          else.
        </p>
        <Team course={await loadOutlines()} />
        <noscript>
          <p>The files are read by the page itself, which needs JavaScript.</p>
        </noscript>
      </main>
      <Foot />
    </>
  );
}
