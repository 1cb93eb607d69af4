/** Area "filters": --filter arguments of the engine's lists, as moby's api/types/filters reads and matches them. */
import { filters } from '../../engine';
import { NotModelled } from '../vectors';

type Args = { filters: Record<string, string[]>; key: string };
type Input =
  | (Args & { fn: 'exact' | 'unique' | 'fuzzy' | 'match'; value: string })
  | (Args & { fn: 'labels'; labels: Record<string, string> })
  | (Args & { fn: 'bool'; default: boolean })
  | { fn: 'parse'; json: string };

export function filterArgs(input: Input): unknown {
  switch (input.fn) {
    case 'exact':
      return filters.exactMatch(input.filters, input.key, input.value);
    case 'unique':
      return filters.uniqueExactMatch(input.filters, input.key, input.value);
    case 'fuzzy':
      return filters.fuzzyMatch(input.filters, input.key, input.value);
    case 'match':
      return filters.match(input.filters, input.key, input.value);
    case 'labels':
      return filters.labels(input.filters, input.key, input.labels);
    case 'bool':
      return filters.bool(input.filters, input.key, input.default);
    case 'parse':
      return Object.fromEntries(Object.entries(filters.parseFilters(input.json)).map(([key, values]) => [key, [...values].sort()]));
    default:
      throw new NotModelled((input as { fn: string }).fn);
  }
}
