/** A simulation in the text, with the figures that it begins with. What is here reads without JavaScript. */
import { Head } from '../ask/Head';
import { LiveSim } from '../ask/Live';
import { still } from '../chapter/still';
import { First } from './First';
import { type SimulationName, TITLES } from './names';

export const Simulation = ({ name }: { name: SimulationName }) => (
  <section className="ask" aria-labelledby={`try-${name}`}>
    <Head id={`try-${name}`} title={TITLES[name]} />
    <LiveSim name={name}>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: it is what React made of our own drawing */}
      <div dangerouslySetInnerHTML={still(<First name={name} />)} />
    </LiveSim>
  </section>
);
