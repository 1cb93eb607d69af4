/** What is new, newest first. */
import type { Metadata } from 'next';
import { Foot } from '../../components/frame/Foot';
import { Go } from '../../components/frame/Go';
import { TopBar } from '../../components/frame/TopBar';
import { loadChanges } from '../../content/changes';

export const metadata: Metadata = {
  title: 'Changes',
  description: 'What is new in the course and its machine.',
  alternates: { types: { 'application/atom+xml': '/changes.xml' } },
};

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

export default function ChangesPage() {
  return (
    <>
      <TopBar />
      <main id="main" className="plain">
        <h1>Changes</h1>
        <p className="lede">
          What is new in the course and its machine, newest first. A feed reader finds the same at <a href="/changes.xml">changes.xml</a>.
        </p>
        <dl className="terms">
          {loadChanges().map(({ id, date, title, says, href }) => (
            <div key={id} id={id}>
              <dt>
                <Go href={href}>{title}</Go>{' '}
                <time className="m dim" dateTime={date}>
                  {DAY.format(new Date(date))}
                </time>
              </dt>
              <dd>{says}</dd>
            </div>
          ))}
        </dl>
      </main>
      <Foot />
    </>
  );
}
