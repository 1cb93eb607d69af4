'use client';
/**
 * The walk of one start (Walk.tsx). Its code comes when one is drawn: every page knows the drawings, few have this one.
 * No boundary here: in a page's HTML the drawing stays in its place, to be seen without scripts.
 */
import { lazy } from 'react';
import type { RunView } from '../../lib/machine/views/run';
import type { Drawn } from './parts';

const Walk = lazy(() => import('./Walk'));

export const Run = (props: Drawn<RunView>) => <Walk {...props} />;
