/** A Compose file as data, before its fields have types: what YAML gives, and the paths that rules are written for. */

export type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree };
export type Mapping = { [key: string]: Tree };

/** Ends the loading of a project with Compose's own words. */
export class ComposeError extends Error {
  /** What was warned of before things went wrong. */
  warnings: readonly string[] = [];
}

/** What `load` gives; the error that it throws knows what was warned of before. */
export function warnedBefore<T>(warnings: readonly string[], load: () => T): T {
  try {
    return load();
  } catch (e) {
    if (e instanceof ComposeError) e.warnings = warnings;
    throw e;
  }
}

export const isMapping = (t: Tree | undefined): t is Mapping => typeof t === 'object' && t !== null && !Array.isArray(t);

/** Whether "services.web.ports" is matched by "services.*.ports". */
export function matches(path: readonly string[], pattern: string): boolean {
  const parts = pattern.split('.');
  return parts.length === path.length && parts.every((part, i) => part === '*' || part === path[i]);
}

/** Rules by pattern, found by a path: their number of parts first, since most paths match nothing. */
export function ruleFor<T>(rules: Readonly<Record<string, T>>): (path: readonly string[]) => T | undefined {
  const byLength: { parts: string[]; rule: T }[][] = [];
  for (const [pattern, rule] of Object.entries(rules)) {
    const parts = pattern.split('.');
    (byLength[parts.length] ??= []).push({ parts, rule });
  }
  return (path) => byLength[path.length]?.find(({ parts }) => parts.every((part, i) => part === '*' || part === path[i]))?.rule;
}

/** Every value below a tree, itself first, replaced by what `change` gives; children after their parents. */
export function rewrite(tree: Tree, path: readonly string[], change: (value: Tree, path: readonly string[]) => Tree): Tree {
  const value = change(tree, path);
  if (Array.isArray(value)) return value.map((item, i) => rewrite(item, [...path, `${i}`], change));
  if (!isMapping(value)) return value;
  const out: Mapping = {};
  for (const [key, item] of Object.entries(value)) out[key] = rewrite(item, [...path, key], change);
  return out;
}

/** Go's %v of a scalar. */
export const textOf = (value: Tree): string => (value === null ? '<nil>' : String(value));
