/** A simulation in the text, with the figures that it begins with. What is here reads without JavaScript. */
import { Head } from '../ask/Head';
import { LiveSim } from '../ask/Live';
import { still } from '../chapter/still';
import { firstOf, type SimName } from './plan';
import { Sim } from './Sim';

const TITLES: Readonly<Record<SimName, string>> = {
  spread: 'Try: one image to many nodes',
  start: 'Try: a start before all has arrived',
};

export const Simulation = ({ name }: { name: SimName }) => (
  <section className="ask" aria-labelledby={`try-${name}`}>
    <Head id={`try-${name}`} title={TITLES[name]} />
    <LiveSim name={name}>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: it is what React made of our own drawing */}
      <div dangerouslySetInnerHTML={still(<Sim name={name} settings={firstOf(name)} />)} />
    </LiveSim>
  </section>
);
