/** One command of docker: usage, flags, what the course does with it. */
import type { Metadata } from 'next';
import { cache } from 'react';
import { Transcript } from '../../../components/chapter/Transcript';
import { Foot } from '../../../components/frame/Foot';
import { Go } from '../../../components/frame/Go';
import { TopBar } from '../../../components/frame/TopBar';
import { loadAll } from '../../../content/chapter';
import { type CommandPage, loadReference } from '../../../content/reference';
import { encode } from '../../../lib/machine/to-link';

interface Props {
  params: Promise<{ command: string }>;
}

const load = cache(async () => loadReference(await loadAll()));
const pageOf = async ({ params }: Props) => {
  const { command } = await params;
  const found = (await load()).find((p) => p.slug === command);
  if (!found) throw new Error(`There is no page on ${command}.`);
  return found;
};

export const dynamicParams = false;
export const generateStaticParams = async () => (await load()).map(({ slug }) => ({ command: slug }));
export async function generateMetadata(props: Props): Promise<Metadata> {
  const { name, record } = await pageOf(props);
  return { title: name, description: record.short };
}

/** The playground, where the help of the command has just been asked for. */
const tryIt = (name: string) =>
  `/playground#s=${encode({ v: 1, scenario: 'lab', seed: 1, inputs: [{ kind: 'line', text: `${name} --help` }] })}`;

const NOT_READ = {
  idle: 'Accepted here; on this machine there is nothing that it would change.',
  missing: 'Not modelled here: it is accepted, said to be missing, and changes nothing.',
} as const;

function Flags({ flags, modelled }: Pick<CommandPage, 'flags' | 'modelled'>) {
  return (
    <table className="flags">
      <tbody>
        {flags.map(({ name, short, type, default: value, says, unread }) => (
          <tr key={name}>
            <th scope="row" id={name}>
              <code>
                {short && `-${short}, `}--{name}
              </code>
              {type !== 'bool' && <span className="dim"> {type}</span>}
            </th>
            <td>
              {says}
              {value !== undefined && value !== '' && <span className="dim"> Default: {value}.</span>}
              {unread && modelled && <span className="not-here"> {NOT_READ[unread]}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export default async function CommandPageView(props: Props) {
  const { name, aliases, record, words, flags, children, modelled, uses, examples } = await pageOf(props);
  const about = (words.description ?? record.short).trim();
  return (
    <>
      <TopBar here="Reference" />
      <main id="main" className="plain command">
        <p className="cap">
          <Go href="/reference">Reference</Go>
        </p>
        <h1>
          <code>{name}</code>
        </h1>
        <p className="lede">{/[.!?]$/.test(about) ? about : `${about}.`}</p>
        <pre className="term usage">{record.usage}</pre>
        {aliases.length > 0 && (
          <p className="m">
            Also <code>{aliases.join(', ')}</code>
          </p>
        )}
        <p>
          {children.length > 0
            ? 'A group: its commands are below.'
            : modelled
              ? 'The machine in these pages carries this command out.'
              : 'The machine in these pages does not carry this command out. It reads the command line, answers --help, and then says that it is not modelled.'}{' '}
          <Go href={tryIt(name)} className="needs-js">
            Try it on a new machine.
          </Go>
        </p>
        {children.length > 0 && (
          <table className="commands">
            <tbody>
              {children.map((child) => (
                <tr key={child.name}>
                  <th scope="row">{child.slug ? <Go href={`/reference/${child.slug}`}>{child.name}</Go> : child.name}</th>
                  <td>{child.short}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {examples.length > 0 && (
          <>
            <h2 id="examples">As it runs in the course</h2>
            {examples.map((example) => (
              <div className="console" key={example.text}>
                <header>
                  <Go className="cap" href={`/learn/${example.use.chapter}#${example.use.id}`}>
                    {example.use.number} {example.use.title}
                  </Go>
                </header>
                <Transcript commands={[example]} />
              </div>
            ))}
          </>
        )}
        {flags.length > 0 && (
          <>
            <h2 id="flags">Flags</h2>
            <Flags flags={flags} modelled={modelled} />
          </>
        )}
        {uses.length > 0 && (
          <>
            <h2 id="uses">Where the course runs it</h2>
            <ul>
              {uses.map(({ chapter, id, number, title }) => (
                <li key={`${chapter}#${id}`}>
                  <Go href={`/learn/${chapter}#${id}`}>
                    {number} {title}
                  </Go>
                </li>
              ))}
            </ul>
          </>
        )}
      </main>
      <Foot />
    </>
  );
}
