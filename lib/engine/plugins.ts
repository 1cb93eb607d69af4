/**
 * Plugins of an engine that has none: moby plugin/backend_linux.go.
 *
 * Simplified: a plugin is an image with a program of its own inside, which nothing here could run, so none can be installed.
 */

import { notFound } from './daemon';
import { known, parseFilters } from './filters';
import type { Request } from './http';

const missing = ({ id }: { id: string }): never => {
  throw notFound(`plugin "${id}" not found`);
};

/** The API's calls about plugins, for one that has none. */
export const PLUGIN_ROUTES: Readonly<Record<string, (c: { id: string; req: Request }) => { status: number; json: unknown }>> = {
  'GET /plugins': ({ req }) => {
    known(parseFilters(req.query.filters?.[0]), ['capability', 'enabled']);
    return { status: 200, json: [] };
  },
  'GET /plugins/{id}/json': missing,
  'DELETE /plugins/{id}': missing,
  ...Object.fromEntries(['enable', 'disable', 'set'].map((act) => [`POST /plugins/{id}/${act}`, missing])),
};
