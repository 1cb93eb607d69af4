/** The order of services: who waits for whom, and who waits for himself (compose-go, graph). */

import { isMapping, type Mapping } from './tree';

export const dependenciesOf = (service: Mapping): string[] => (isMapping(service.depends_on) ? Object.keys(service.depends_on) : []);

/** A way along depends_on that comes back to where it began, or null. */
export function cycleOf(services: Readonly<Record<string, Mapping>>): string[] | null {
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): string[] | null => {
    const at = trail.indexOf(name);
    if (at >= 0) return [...trail.slice(at), name];
    if (done.has(name)) return null;
    for (const next of dependenciesOf(services[name] ?? {}).sort()) {
      const found = visit(next, [...trail, name]);
      if (found) return found;
    }
    done.add(name);
    return null;
  };
  for (const name of Object.keys(services).sort()) {
    const found = visit(name, []);
    if (found) return found;
  }
  return null;
}

/** The services by name, each after those that it needs. */
export function ordered(services: Readonly<Record<string, Mapping>>): string[] {
  const out: string[] = [];
  const seen = new Set<string>();
  const add = (name: string): void => {
    if (!Object.hasOwn(services, name) || seen.has(name)) return;
    seen.add(name);
    dependenciesOf(services[name] as Mapping)
      .sort()
      .forEach(add);
    out.push(name);
  };
  Object.keys(services).sort().forEach(add);
  return out;
}

/** The services in rows: each needs only services of earlier rows. */
export function rows(services: Readonly<Record<string, Mapping>>): string[][] {
  const depth = new Map<string, number>();
  const depthOf = (name: string): number => {
    const known = depth.get(name);
    if (known !== undefined) return known;
    depth.set(name, 0);
    const needs = dependenciesOf(services[name] ?? {}).filter((d) => Object.hasOwn(services, d));
    const d = needs.length === 0 ? 0 : Math.max(...needs.map(depthOf)) + 1;
    depth.set(name, d);
    return d;
  };
  const out: string[][] = [];
  for (const name of Object.keys(services).sort()) (out[depthOf(name)] ??= []).push(name);
  return out;
}

/** The named services and all that they need. */
export function withDependencies(services: Readonly<Record<string, Mapping>>, names: readonly string[]): Set<string> {
  const out = new Set<string>();
  const add = (name: string): void => {
    if (out.has(name) || !Object.hasOwn(services, name)) return;
    out.add(name);
    dependenciesOf(services[name] as Mapping).forEach(add);
  };
  names.forEach(add);
  return out;
}
