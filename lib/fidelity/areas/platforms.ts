/** Area "platforms": platform strings, which platform runs on which, and which is best. */
import { platform as platforms } from '../../oci';

type Input =
  | { fn: 'parse'; text: string }
  | { fn: 'match'; mode: platforms.Mode; platform: string; candidate: string }
  | { fn: 'order'; mode: platforms.Mode; platform: string; candidates: string[] };

export function platform(i: Input): unknown {
  switch (i.fn) {
    case 'parse': {
      const p = platforms.parse(i.text);
      return {
        platform: p,
        formatted: platforms.format(p),
        formattedAll: platforms.formatAll(p),
        normalized: platforms.format(platforms.normalize(p)),
      };
    }
    case 'match':
      return platforms.matches(platforms.parse(i.platform), platforms.parse(i.candidate), i.mode);
    case 'order':
      return platforms
        .order(
          platforms.parse(i.platform),
          i.candidates.map((c) => platforms.parse(c)),
          i.mode,
        )
        .map(platforms.formatAll);
  }
}
