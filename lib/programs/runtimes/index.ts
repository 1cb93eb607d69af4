/** Language runtimes and databases of images, by the name that their executables carry. */

import type { Programs } from '../../kernel';
import { java } from './java';

export const runtimes: Programs = { java };
