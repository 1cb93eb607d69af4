/**
 * What a drawing of a Compose project needs to know: the result of its files and where each value came from, the order in
 * which its services start and what each waits for, its networks, volumes and ports, and what is wrong or likely a mistake.
 *
 *   files ──> result ──> rows of services, each after what it depends on
 *
 * Everything comes from lib/compose, which `docker compose` uses; the mistakes are the model's own advice, not Compose's.
 */

import * as compose from '../../compose';

export interface ComposeFile {
  name: string;
  text: string;
}

export interface ComposeInput {
  files: readonly ComposeFile[];
  /** The variables of the shell and of .env. */
  environment?: Readonly<Record<string, string>>;
  profiles?: readonly string[];
  /** Other files of the project's directory by their paths in it. */
  others?: Readonly<Record<string, string>>;
}

export interface Origin {
  file: string;
  /** From 1. */
  line: number;
}

/** One value of the result. */
export interface ComposeField {
  /** "services.web.image". */
  path: string;
  value: string;
  /** Where a file says it; null: Compose added it. */
  origin: Origin | null;
  /** The variables that were replaced in it. */
  variables: string[];
}

export type Ready = 'started' | 'healthy' | 'completed';

export interface ComposeService {
  name: string;
  image: string;
  /** It is built here. */
  built: boolean;
  containers: string[];
  /** Place in the order: 0 starts first. */
  row: number;
  needs: { service: string; until: Ready; required: boolean }[];
  networks: string[];
  volumes: { volume: string | null; source: string; target: string; readOnly: boolean; kind: string }[];
  ports: { host: string; container: number; protocol: string }[];
  /** Ports that it says it listens on, published or not. */
  exposes: number[];
  hasHealthcheck: boolean;
  /** The program that its health check runs, of a shell's line the first. */
  check: string | null;
  /** The program that it runs instead of its image's entry point. */
  entrypoint: string | null;
  user: string | null;
  profiles: string[];
}

export interface Mistake {
  /** `error`: Compose refuses. `advice`: it works, but perhaps not as meant. */
  kind: 'error' | 'advice';
  words: string;
  origin: Origin | null;
}

export interface ComposeView {
  /** The result as `docker compose config` prints it; null: there is none. */
  yaml: string | null;
  fields: ComposeField[];
  services: ComposeService[];
  /** Services that no profile asks for. */
  idle: string[];
  networks: { key: string; name: string; external: boolean; services: string[] }[];
  volumes: { key: string; name: string; external: boolean; services: string[] }[];
  mistakes: Mistake[];
}

const DIRECTORY = '/project';

/** Where each path is said: the last file that says it. */
function origins(files: readonly ComposeFile[]): Map<string, Origin> {
  const out = new Map<string, Origin>();
  for (const { name, text } of files) {
    try {
      for (const { lines } of compose.parseYaml(text, name))
        for (const [path, line] of Object.entries(lines)) out.set(path.replaceAll('.[', '[').replaceAll('[', '.['), { file: name, line });
    } catch (e) {
      if (!(e instanceof compose.ComposeError)) throw e;
    }
  }
  return out;
}

/** The origin of a path or of the nearest thing around it that is at least a service's field. */
function originOf(path: readonly string[], known: ReadonlyMap<string, Origin>): Origin | null {
  for (let n = path.length; n >= Math.min(3, path.length); n--) {
    const found = known.get(path.slice(0, n).join('.'));
    if (found) return found;
  }
  return null;
}

function fieldsOf(model: compose.Tree, known: ReadonlyMap<string, Origin>, raw: ReadonlyMap<string, string>): ComposeField[] {
  const out: ComposeField[] = [];
  const walk = (value: compose.Tree, path: readonly string[]): void => {
    if (Array.isArray(value)) value.forEach((one, i) => walk(one, [...path, `[${i}]`]));
    else if (compose.isMapping(value)) for (const [key, one] of Object.entries(value)) walk(one, [...path, key]);
    else {
      const origin = originOf(path, known);
      const text = origin ? raw.get(`${origin.file}:${origin.line}`) : undefined;
      const variables = text?.includes('$') ? Object.keys(compose.variables(text)) : [];
      out.push({ path: path.join('.'), value: value === null ? 'null' : String(value), origin, variables });
    }
  };
  walk(model, []);
  return out;
}

const UNTIL: Readonly<Record<string, Ready>> = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
};

const list = (value: compose.Tree | undefined): compose.Mapping[] => (Array.isArray(value) ? (value as compose.Mapping[]) : []);
const words = (value: compose.Tree | undefined): string[] => (Array.isArray(value) ? value.map(String) : []);
const map = (value: compose.Tree | undefined): compose.Mapping => (compose.isMapping(value) ? value : {});

function serviceOf(project: compose.Project, name: string, s: compose.Mapping, row: number): ComposeService {
  const scale = Number(s.scale ?? map(s.deploy).replicas ?? 1);
  const test = map(s.healthcheck).test;
  return {
    name,
    image: String(s.image ?? `${project.name}-${name}`),
    built: s.build !== undefined,
    containers: s.container_name ? [String(s.container_name)] : Array.from({ length: scale }, (_, i) => `${project.name}-${name}-${i + 1}`),
    row,
    needs: Object.entries(map(s.depends_on)).map(([service, how]) => ({
      service,
      until: UNTIL[String(map(how).condition)] ?? 'started',
      required: map(how).required !== false,
    })),
    networks: s.network_mode ? [] : Object.keys(map(s.networks)),
    volumes: list(s.volumes).map((v) => ({
      volume: v.type === 'volume' && v.source ? String(v.source) : null,
      source: String(v.source ?? ''),
      target: String(v.target ?? ''),
      readOnly: v.read_only === true,
      kind: String(v.type),
    })),
    ports: list(s.ports).map((p) => ({
      host: p.published === undefined ? '' : `${p.host_ip ?? '0.0.0.0'}:${p.published}`,
      container: Number(p.target),
      protocol: String(p.protocol ?? 'tcp'),
    })),
    exposes: words(s.expose).map(Number.parseFloat),
    hasHealthcheck: Array.isArray(test) && test[0] !== 'NONE' && map(s.healthcheck).disable !== true,
    check: words(test).slice(1)[0]?.trim().split(/\s+/)[0] || null,
    entrypoint: words(s.entrypoint)[0] ?? null,
    user: s.user === undefined ? null : String(s.user),
    profiles: words(s.profiles),
  };
}

/** Resources of a section with the services that use them. */
function resources(project: compose.Project, kind: 'networks' | 'volumes', uses: (key: string) => string[]) {
  return Object.entries(map(project.model[kind])).map(([key, value]) => ({
    key,
    name: String(map(value).name ?? key),
    external: map(value).external === true,
    services: uses(key),
  }));
}

function advice(view: Pick<ComposeView, 'services' | 'networks' | 'volumes'>, known: ReadonlyMap<string, Origin>): Mistake[] {
  const out: Mistake[] = [];
  const say = (words: string, ...path: string[]) => out.push({ kind: 'advice', words, origin: originOf(path, known) });
  const published = new Map<string, string>();
  for (const s of view.services) {
    for (const p of s.ports) {
      if (p.host === '') continue;
      const key = `${p.host}/${p.protocol}`;
      const other = published.get(key);
      if (other !== undefined && other !== s.name)
        say(`"${s.name}" and "${other}" both publish port ${key}: the second to start will be refused.`, 'services', s.name, 'ports');
      published.set(key, s.name);
      if (s.containers.length > 1)
        say(`${s.containers.length} containers of "${s.name}" cannot share the published port ${key}.`, 'services', s.name, 'ports');
    }
    for (const need of s.needs) {
      const target = view.services.find((x) => x.name === need.service);
      if (need.until === 'healthy' && target && !target.hasHealthcheck)
        say(
          `"${s.name}" waits until "${need.service}" is healthy, but the file gives "${need.service}" no health check; unless its image has one, the start fails.`,
          'services',
          s.name,
          'depends_on',
        );
      if (target && s.networks.length > 0 && target.networks.length > 0 && !s.networks.some((n) => target.networks.includes(n)))
        say(
          `"${s.name}" depends on "${need.service}", but no network has them both, so it cannot reach it.`,
          'services',
          s.name,
          'networks',
        );
    }
  }
  for (const [kind, items] of [['networks', view.networks] as const, ['volumes', view.volumes] as const])
    for (const one of items)
      if (one.services.length === 0) say(`No service uses "${one.key}" of ${kind}; Compose will not make it.`, kind, one.key);
  return out;
}

/** Where an error is: the line it names, or the longest path in it that a file has. */
function placeOf(words: string, files: readonly ComposeFile[], known: ReadonlyMap<string, Origin>): Origin | null {
  const line = /line (\d+)/.exec(words);
  const file = files.find((f) => words.includes(f.name)) ?? files.at(-1);
  if (line && file) return { file: file.name, line: Number(line[1]) };
  const quoted = /service "([^"]+)"/.exec(words)?.[1];
  const path = /\b(?:services|networks|volumes|secrets|configs)(?:[.[][\w\].[-]+)/.exec(words)?.[0];
  const parts = path?.replace(/\[([^\]]+)\]/g, '.$1').split('.') ?? (quoted === undefined ? [] : ['services', quoted]);
  for (let n = parts.length; n > 0; n--) {
    const found = known.get(parts.slice(0, n).join('.'));
    if (found) return found;
  }
  return null;
}

/** Everything about a project, or what is wrong with it. */
export function composeView(input: ComposeInput): ComposeView {
  const known = origins(input.files);
  const read = (path: string): string | null => {
    const inside = path.startsWith(`${DIRECTORY}/`) ? path.slice(DIRECTORY.length + 1) : path;
    return input.others?.[inside] ?? input.files.find((f) => f.name === inside)?.text ?? null;
  };
  try {
    const loaded = compose.loadProject({
      files: input.files.map(({ name, text }) => ({ name: `${DIRECTORY}/${name}`, text })),
      directory: DIRECTORY,
      home: '/root',
      environment: input.environment ?? {},
      name: 'project',
      profiles: input.profiles ?? [],
      read,
    });
    const project = compose.resolveEnvFiles(loaded, read);
    const raw = new Map(input.files.flatMap((f) => f.text.split('\n').map((line, i): [string, string] => [`${f.name}:${i + 1}`, line])));
    const all = compose.servicesOf(project.model);
    const services = compose.graph.rows(all).flatMap((row, i) => row.map((name) => serviceOf(project, name, all[name] ?? {}, i)));
    const networks = resources(project, 'networks', (key) => services.filter((s) => s.networks.includes(key)).map((s) => s.name));
    const volumes = resources(project, 'volumes', (key) =>
      services.filter((s) => s.volumes.some((v) => v.volume === key)).map((s) => s.name),
    );
    const warnings = project.warnings.map((words): Mistake => ({ kind: 'advice', words, origin: null }));
    return {
      yaml: compose.toYaml(project.model),
      fields: fieldsOf(project.model, known, raw),
      services,
      idle: Object.keys(project.disabled),
      networks,
      volumes,
      mistakes: [...warnings, ...advice({ services, networks, volumes }, known)],
    };
  } catch (e) {
    if (!(e instanceof compose.ComposeError)) throw e;
    const mistake: Mistake = {
      kind: 'error',
      words: e.message.replaceAll(`${DIRECTORY}/`, ''),
      origin: placeOf(e.message, input.files, known),
    };
    return { yaml: null, fields: [], services: [], idle: [], networks: [], volumes: [], mistakes: [mistake] };
  }
}
