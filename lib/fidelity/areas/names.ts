/** Area "names": the words of generated container names, moby's namesgenerator. */
import { ADJECTIVES, NAME_RULE, SURNAMES } from '../../engine/for-clients';
import { NotModelled } from '../vectors';

export function names(input: { list: string }): unknown {
  switch (input.list) {
    case 'adjectives':
      return ADJECTIVES;
    case 'surnames':
      return SURNAMES;
    case 'rule':
      return { format: NAME_RULE.of('<left>', '<right>'), forbidden: NAME_RULE.forbidden, retryAppendsDigit: NAME_RULE.retryAppendsDigit };
    default:
      throw new NotModelled(input.list);
  }
}
