/** Every word that a chapter explains, with the paragraph that explains it: made from the text. */
import type { Metadata } from 'next';
import { Words } from '../../components/ask/Words';
import { Foot } from '../../components/frame/Foot';
import { Go } from '../../components/frame/Go';
import { TopBar } from '../../components/frame/TopBar';
import { loadGlossary } from '../../content/glossary';

export const metadata: Metadata = { title: 'Glossary', description: 'The words of containers, each where the course first explains it.' };

export default async function GlossaryPage() {
  const terms = await loadGlossary();
  return (
    <>
      <TopBar />
      <main id="main" className="plain">
        <h1>Glossary</h1>
        <p className="lede">{terms.length} words, each with the paragraph that explains it and the way to its place in the course.</p>
        <dl className="terms">
          {terms.map(({ word, href, section, says }) => (
            <div key={href}>
              <dt>
                <Go href={href}>{word}</Go> <span className="m dim">{section.number}</span>
              </dt>
              <dd>
                <Words text={says} />
              </dd>
            </div>
          ))}
        </dl>
      </main>
      <Foot />
    </>
  );
}
