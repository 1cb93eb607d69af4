/** Tools that make programs of sources, which a page loads when one of them is first run. Their names: ../parts. */

import { go } from './go';
import { npm } from './npm';

export const programs = { go, npm };
