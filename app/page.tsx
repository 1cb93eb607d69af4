/** The first page: what this is, a machine to type into, the host drawn from it, all chapters. */

import type { ReactNode } from 'react';
import { Transcript } from '../components/chapter/Transcript';
import { Arrangement } from '../components/figures/Arrangement';
import { Hull } from '../components/figures/Hull';
import { Foot } from '../components/frame/Foot';
import { Go } from '../components/frame/Go';
import { TopBar } from '../components/frame/TopBar';
import { HomeChange, HomeHull, HomeTerminal } from '../components/home/HomeMachine';
import { Resume } from '../components/home/Resume';
import { MachineProvider } from '../components/machine/context';
import { partsOfAll } from '../content/chapter';
import { allChapters, type CourseChapter, loadCourse } from '../content/course';
import { loadFidelity } from '../content/fidelity';
import { loadHome } from '../content/home';
import { ENGINE_RELEASE } from '../lib/base/release';

function Way({ href, name, children }: { href?: string; name: string; children: ReactNode }) {
  const words = (
    <>
      <b>{name}</b>
      <span>{children}</span>
    </>
  );
  return <li>{href ? <Go href={href}>{words}</Go> : <div>{words}</div>}</li>;
}

function ChapterLine({ chapter, first, parts }: { chapter: CourseChapter; first: boolean; parts: number | undefined }) {
  const { number, slug, title, mechanisms, folder } = chapter;
  const line = (
    <>
      <i>{number}</i>
      <span>{title}</span>
      <em>{mechanisms.length}</em>
    </>
  );
  return (
    <li className={first ? 'on' : undefined}>
      {folder ? (
        <Go href={`/learn/${slug}`} data-chapter={slug} data-parts={parts}>
          {line}
        </Go>
      ) : (
        <div className="unwritten">{line}</div>
      )}
    </li>
  );
}

export default async function Home() {
  const parts = await partsOfAll();
  const course = loadCourse();
  const chapters = allChapters(course);
  const written = chapters.filter((c) => c.folder);
  const first = written[0];
  const { steps, left } = loadFidelity();
  const { scenario, seed, commands, block, host, changedBy } = loadHome();
  const built = changedBy ? `step ${changedBy.step}: ${changedBy.command.split(' ').slice(0, 2).join(' ')}` : 'nothing yet';
  return (
    <MachineProvider scenario={scenario} seed={seed} name="home" commands={commands}>
      <TopBar />
      <main id="main" className="home">
        <section className="first">
          <div className="say1">
            <h1>Learn containers by taking one apart.</h1>
            <p className="lede">
              Drydock puts a course of {chapters.length} chapters beside a Docker host that runs in this page: small enough to see through,
              faithful enough that what it prints is what Docker prints.
            </p>
            <ul className="ways">
              <li>
                <Resume chapters={written.map(({ slug, number, title }) => ({ slug, number, title }))} />
              </li>
              <Way href="/playground" name="Just try it">
                A machine of your own, blank or with something to build, run or mend.
              </Way>
              <Way href="/team" name="Lead a team">
                See who is where and what is misunderstood, from the files that they hand you. No server, no accounts.
              </Way>
              <Way href="/slides" name="Give a workshop">
                Each chapter as slides, with the same live machine on the wall and your notes beside you.
              </Way>
            </ul>
          </div>
          <section className="live" aria-label="A machine to type into">
            <header>
              <span className="m">
                <b>dock</b> <span className="dim">· Engine {ENGINE_RELEASE}</span>
              </span>
              <span className="cap needs-js">Yours: type in it</span>
            </header>
            <HomeTerminal>
              <Transcript commands={block.commands} />
            </HomeTerminal>
          </section>
        </section>
        <figure className="hull">
          <HomeHull>
            <Hull view={host} />
          </HomeHull>
        </figure>
        <div className="strip">
          <div className="tb">
            <div>
              <span className="cap">Drawing</span>Inboard profile of <b>dock</b>
            </div>
            <div>
              <span className="cap">Changed by</span>
              <span className="acc">
                <HomeChange built={built} />
              </span>
            </div>
            <div>
              <span className="cap">Answers as Docker 28.5 does</span>
              <Go href="/fidelity">
                <b>{steps.same.toLocaleString('en')}</b> of {steps.total.toLocaleString('en')} recorded steps
              </Go>
            </div>
            <div>
              <span className="cap">Left out, and said so</span>
              <Go href="/fidelity#left-out">
                <b>{left.reduce((n, l) => n + l.items.length, 0)}</b> simplifications
              </Go>
            </div>
            <div>
              <span className="cap">Sheet</span>1 of {chapters.length}
            </div>
          </div>
        </div>
        <section className="toc" id="contents">
          <header>
            <h2>General arrangement</h2>
            <p>
              {chapters.length} chapters, {written.length} written so far. Each opens one mechanism and lets you break it.
            </p>
          </header>
          <figure>
            <Arrangement course={course} here={first?.number ?? null} />
          </figure>
          <div className="cols">
            {course.map((part) => (
              <section key={part.title}>
                <h3>{part.title}</h3>
                <p className="dim">{part.about}</p>
                <ol>
                  {part.chapters.map((chapter) => (
                    <ChapterLine key={chapter.slug} chapter={chapter} first={chapter === first} parts={parts.get(chapter.slug)} />
                  ))}
                </ol>
              </section>
            ))}
          </div>
          <p className="m dim">
            The figure beside a chapter counts its mechanisms; each of them is run somewhere in the text, in a task or in a question. A
            chapter without a link is not written yet.
          </p>
        </section>
      </main>
      <Foot />
    </MachineProvider>
  );
}
