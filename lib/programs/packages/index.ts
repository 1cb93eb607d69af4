/** Package managers, and what stands for a program that a package brings and the machine has not. */

import { tool } from '../tool';
import { apk } from './apk';
import { aptGet } from './apt';
import { pip } from './pip';

/** It is there, has its size, and says so. */
const packaged = () =>
  tool({ main: (x) => (x.err(`drydock: ${x.name.split('/').pop()} is not modelled; its package is here for its size\n`), 1) }, 'gnu');

export const packages = { apk, apt: aptGet, 'apt-get': aptGet, packaged, pip };
