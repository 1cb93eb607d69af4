/** Parts of the machine's code by name: what a page fetches when a step asks for it. */
import { parts as cli } from '../cli';
import { builder, rootless, serving, swarming } from '../engine';
import { tracer } from '../kernel';
import { parts as programs } from '../programs';

export const PARTS = { ...programs, ...cli, builder, serving, swarming, rootless, tracer };
export type PartName = keyof typeof PARTS;
