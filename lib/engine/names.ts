/**
 * Names for containers that were given none: adjective_surname. moby pkg/namesgenerator, words in its order.
 * boring_wozniak is never made (Steve Wozniak is not boring); a name that is taken gets a digit.
 */

import { pmap } from '../base';
import type { Daemon } from './daemon';

export const ADJECTIVES: readonly string[] = `
  admiring adoring affectionate agitated amazing angry awesome beautiful blissful bold boring brave busy charming clever compassionate competent
  condescending confident cool cranky crazy dazzling determined distracted dreamy eager ecstatic elastic elated elegant eloquent epic exciting
  fervent festive flamboyant focused friendly frosty funny gallant gifted goofy gracious great happy hardcore heuristic hopeful hungry infallible
  inspiring intelligent interesting jolly jovial keen kind laughing loving lucid magical modest musing mystifying naughty nervous nice nifty
  nostalgic objective optimistic peaceful pedantic pensive practical priceless quirky quizzical recursing relaxed reverent romantic sad serene sharp
  silly sleepy stoic strange stupefied suspicious sweet tender thirsty trusting unruffled upbeat vibrant vigilant vigorous wizardly wonderful
  xenodochial youthful zealous zen
`
  .trim()
  .split(/\s+/);

export const SURNAMES: readonly string[] = `
  agnesi albattani allen almeida antonelli archimedes ardinghelli aryabhata austin babbage banach banzai bardeen bartik bassi beaver bell benz bhabha
  bhaskara black blackburn blackwell bohr booth borg bose bouman boyd brahmagupta brattain brown buck burnell cannon carson cartwright carver cerf
  chandrasekhar chaplygin chatelet chatterjee chaum chebyshev clarke cohen colden cori cray curie curran darwin davinci dewdney dhawan diffie
  dijkstra dirac driscoll dubinsky easley edison einstein elbakyan elgamal elion ellis engelbart euclid euler faraday feistel fermat fermi feynman
  franklin gagarin galileo galois ganguly gates gauss germain goldberg goldstine goldwasser golick goodall gould greider grothendieck haibt hamilton
  haslett hawking heisenberg hellman hermann herschel hertz heyrovsky hodgkin hofstadter hoover hopper hugle hypatia ishizaka jackson jang jemison
  jennings jepsen johnson joliot jones kalam kapitsa kare keldysh keller kepler khayyam khorana kilby kirch knuth kowalevski lalande lamarr lamport
  leakey leavitt lederberg lehmann lewin lichterman liskov lovelace lumiere mahavira margulis matsumoto maxwell mayer mccarthy mcclintock mclaren
  mclean mcnulty meitner mendel mendeleev meninsky merkle mestorf mirzakhani montalcini moore morse moser murdock napier nash neumann newton
  nightingale nobel noether northcutt noyce panini pare pascal pasteur payne perlman pike poincare poitras proskuriakova ptolemy raman ramanujan
  rhodes ride ritchie robinson roentgen rosalind rubin saha sammet sanderson satoshi shamir shannon shaw shirley shockley shtern sinoussi snyder
  solomon spence stonebraker sutherland swanson swartz swirles taussig tesla tharp thompson torvalds tu turing varahamihira vaughan villani
  visvesvaraya volhard wescoff wilbur wiles williams williamson wilson wing wozniak wright wu yalow yonath zhukovsky
`
  .trim()
  .split(/\s+/);

/** How a name is made of two words, and what becomes of one that is no good. */
export const NAME_RULE = {
  of: (left: string, right: string): string => `${left}_${right}`,
  forbidden: ['boring_wozniak'] as readonly string[],
  retryAppendsDigit: true,
};

export function freeName(d: Daemon): string {
  const pick = (list: readonly string[]) => list[Math.floor(d.sys.random() * list.length)] as string;
  for (let tries = 0; ; tries++) {
    const name = NAME_RULE.of(pick(ADJECTIVES), pick(SURNAMES));
    if (NAME_RULE.forbidden.includes(name)) continue;
    const full = tries > 0 && NAME_RULE.retryAppendsDigit ? `${name}${Math.floor(d.sys.random() * 10)}` : name;
    if (!pmap.has(d.s.names, full)) return full;
  }
}
