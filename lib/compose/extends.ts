/** `extends`: a service on top of another, of the same file or one elsewhere (compose-go, loader/extends.go). */

import { mergeService } from './merge';
import { ComposeError, isMapping, type Mapping, type Tree } from './tree';
import { applyResets } from './yaml';

export interface Source {
  /** The file, as its errors name it. */
  file: string;
  services: Mapping;
}

interface Options {
  /** The services of another file, in canonical form, its paths made absolute. */
  load: (path: string) => Source | { file: string; services: undefined };
  /** What this file takes away. */
  resets: readonly string[][];
}

type Step = { file: string; service: string };

function extended(name: string, source: Source, options: Options, trail: readonly Step[]): Tree {
  const service = source.services[name];
  if (service === undefined || service === null) return null;
  if (!isMapping(service)) throw new ComposeError(`services.${name} must be a mapping`);
  const wanted = service.extends;
  if (wanted === undefined || wanted === null) return service;
  const { service: ref, file: path } = (typeof wanted === 'string' ? { service: wanted } : wanted) as { service?: string; file?: string };
  if (typeof ref !== 'string') throw new ComposeError(`services.${name}.extends.service must be a string`);
  const steps = [...trail, { file: source.file, service: name }];
  if (trail.some((s) => s.file === source.file && s.service === name)) {
    const [first, ...rest] = steps as [Step, ...Step[]];
    const lines = rest.map((s) => `  extends ${s.service} in ${s.file}`);
    throw new ComposeError(['Circular reference:', `  ${first.service} in ${first.file}`, ...lines].join('\n'));
  }
  const cannot = `cannot extend service "${name}" in ${source.file}`;
  let from = source;
  if (typeof path === 'string' && path !== '') {
    const other = options.load(path);
    if (other.services === undefined) throw new ComposeError(`${cannot}: no services section`);
    if (!Object.hasOwn(other.services, ref)) throw new ComposeError(`${cannot}: service "${ref}" not found in ${path}`);
    from = other;
  } else if (!Object.hasOwn(source.services, ref)) throw new ComposeError(`${cannot}: service "${ref}" not found`);
  const base = extended(ref, from, options, steps);
  const { extends: _, ...own } = service;
  if (base === null) return own;
  const kept = applyResets({ services: { [name]: base } }, options.resets) as { services: Mapping };
  return mergeService((kept.services[name] ?? {}) as Mapping, own);
}

/** A file's services, with what they extend. */
export function applyExtends(source: Source, options: Options): Mapping {
  const out: Mapping = {};
  for (const name of Object.keys(source.services)) {
    const service = source.services[name] ?? null;
    out[name] = service === null ? null : extended(name, source, options, []);
  }
  return out;
}
