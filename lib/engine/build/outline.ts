/**
 * What a Dockerfile offers, without building it: `docker build --call=targets` and `--call=outline`. BuildKit frontend/subrequests.
 *
 *   # base is the start          a comment that begins with the name describes it
 *   FROM busybox AS base
 */

import type { Instruction, Of, Stage } from './instructions';
import { stagesOf } from './instructions';
import { parseMount } from './mounts';
import { DockerfileError, type Lines, parseDockerfile } from './parser';

export interface Target {
  name: string;
  description: string;
  base: string;
  default: boolean;
  lines: Lines;
}

export interface Outline {
  name: string;
  description: string;
  args: { name: string; value: string; description: string }[];
  secrets: { name: string; required: boolean }[];
  ssh: { name: string; required: boolean }[];
}

/** The rest of the last comment that begins with a name. */
function descriptionOf(name: string, comments: readonly string[]): string {
  const last = comments.at(-1) ?? '';
  return name !== '' && last.startsWith(`${name} `) ? last.slice(name.length + 1).trim() : '';
}

export function targetsOf(text: string): Target[] {
  const { stages } = stagesOf(parseDockerfile(text).nodes);
  return stages.map(({ from }, n) => ({
    name: from.stage,
    description: descriptionOf(from.stage, from.comments),
    base: from.base,
    default: n === stages.length - 1,
    lines: from.lines,
  }));
}

const mountsOf = (i: Instruction) => (i.kind === 'run' ? i.mounts.map((m) => parseMount(m, (word) => word)) : []);

/** What the target and the stages that it stands on or takes from ask for. */
export function outlineOf(text: string, target: string): Outline {
  const { stages, globalArgs } = stagesOf(parseDockerfile(text).nodes);
  const find = (name: string, before: number) =>
    stages.slice(0, before).findLastIndex((s) => s.from.stage !== '' && s.from.stage === name.toLowerCase());
  const at = target === '' ? stages.length - 1 : find(target, stages.length);
  const chosen = stages[at];
  if (!chosen) throw new DockerfileError(`target stage "${target}" could not be found`);
  const used = new Set<number>();
  const visit = (n: number) => {
    if (n < 0 || used.has(n)) return;
    used.add(n);
    const s = stages[n] as Stage;
    visit(find(s.from.base, n));
    for (const i of s.commands) {
      if (i.kind === 'copy' && i.from) visit(/^\d+$/.test(i.from) ? Number(i.from) : find(i.from, n));
      for (const m of mountsOf(i)) if (m.from) visit(find(m.from, n));
    }
  };
  visit(at);
  const parts = stages.filter((_, n) => used.has(n));
  const args = new Map<string, Outline['args'][number]>();
  const addArgs = (i: Of<'arg'>) => {
    for (const a of i.args)
      args.set(a.key, {
        name: a.key,
        value: a.value ?? args.get(a.key)?.value ?? '',
        description: descriptionOf(a.key, i.comments) || (args.get(a.key)?.description ?? ''),
      });
  };
  const secrets = new Map<string, boolean>();
  const ssh = new Map<string, boolean>();
  for (const i of globalArgs)
    if (parts.some((s) => s.from.base.includes(`\${${i.args[0]?.key}`) || s.from.base.includes(`$${i.args[0]?.key}`))) addArgs(i);
  for (const s of parts)
    for (const i of s.commands) {
      if (i.kind === 'arg') addArgs(i);
      for (const m of mountsOf(i)) {
        if (m.type === 'secret')
          secrets.set(m.id || m.source || m.target.split('/').pop() || '', m.required || (secrets.get(m.id) ?? false));
        if (m.type === 'ssh') ssh.set(m.id || 'default', m.required);
      }
    }
  const list = (map: Map<string, boolean>) => [...map].map(([name, required]) => ({ name, required }));
  return {
    name: chosen.from.stage,
    description: descriptionOf(chosen.from.stage, chosen.from.comments),
    args: [...args.values()],
    secrets: list(secrets),
    ssh: list(ssh),
  };
}
