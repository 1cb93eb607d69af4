/** All of docker's commands: what each is for, and whether the machine in these pages carries it out. */
import type { Metadata } from 'next';
import { Foot } from '../../components/frame/Foot';
import { Go } from '../../components/frame/Go';
import { TopBar } from '../../components/frame/TopBar';
import { loadAll } from '../../content/chapter';
import { type CommandPage, loadReference } from '../../content/reference';

export const metadata: Metadata = {
  title: 'Reference',
  description: 'Every command of docker, and what the machine in these pages does with it.',
};

/** Groups in the order of their first command; commands without a group first. */
function grouped(pages: CommandPage[]): [string, CommandPage[]][] {
  const groups = new Map<string, CommandPage[]>();
  for (const page of pages) {
    if (page.record.sections) continue;
    const group = page.name.split(' ').slice(0, -1).join(' ');
    groups.set(group, [...(groups.get(group) ?? []), page]);
  }
  return [...groups].map(([group, list]) => [group, list.toSorted((a, b) => a.name.localeCompare(b.name))]);
}

export default async function ReferencePage() {
  const pages = loadReference(await loadAll());
  const count = pages.filter((p) => p.modelled).length;
  return (
    <>
      <TopBar here="Reference" />
      <main id="main" className="plain">
        <h1>Reference</h1>
        <p className="lede">
          The commands of Docker 28.5, with buildx and Compose. The machine in these pages carries out {count} of them; it knows the flags
          and the help of all.
        </p>
        {grouped(pages).map(([group, list]) => (
          <section key={group}>
            <h2 id={group.replaceAll(' ', '-')}>{group}</h2>
            <table className="commands">
              <tbody>
                {list.map(({ slug, name, record, modelled, uses }) => (
                  <tr key={slug} className={modelled ? undefined : 'dim'}>
                    <th scope="row">
                      <Go href={`/reference/${slug}`}>{name.slice(group.length + 1)}</Go>
                    </th>
                    <td>{record.short}</td>
                    <td className="num">{modelled ? (uses.length > 0 ? `run in ${uses.length}` : '') : 'not modelled'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        ))}
        <p className="m dim">“run in” counts the sections of the course that run a command.</p>
      </main>
      <Foot />
    </>
  );
}
