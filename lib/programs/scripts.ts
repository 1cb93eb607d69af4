/** The languages' programs, which a page loads when one of them is first run. Their names: ./parts. */
import { awk, jq } from './languages';
import type { AnyMake } from './parts';
import { sed } from './sed';

export const programs = { awk, jq, sed } satisfies Record<string, AnyMake>;
