/** --security-opt and --cap-add, --cap-drop (docker/cli, cli/command/container/opts.go, opts/capabilities.go). */

import { decode, strconv } from '../../base';
import { jsonComplaint } from '../../base/go-json';
import type { Outside } from './env';
import { cut, OptionError, type Release } from './words';

/** Profiles named by a file are sent as their content. */
export function parseSecurityOpts(list: readonly string[], outside: Outside, release: Release = '28.5'): string[] {
  return list.map((opt) => {
    let [k, v, found] = cut(opt, '=');
    if (!found && k !== 'no-new-privileges') [k, v, found] = cut(opt, ':');
    if ((!found || v === '') && k !== 'no-new-privileges')
      throw new OptionError(`${release === '29' ? 'invalid' : 'Invalid'} --security-opt: ${strconv.quote(opt)}`);
    if (k !== 'seccomp' || v === 'unconfined' || v === 'builtin') return opt;
    const file = outside.read(v);
    if ('error' in file) throw new OptionError(`opening seccomp profile (${v}) failed: open ${v}: ${file.error}`);
    try {
      return `seccomp=${JSON.stringify(JSON.parse(decode(file.bytes)))}`;
    } catch {
      throw new OptionError(`compacting json for seccomp profile (${v}) failed: ${jsonComplaint(decode(file.bytes)) ?? ''}`);
    }
  });
}

/** systempaths=unconfined is done here: nothing masked, nothing read-only. */
export function systemPaths(list: readonly string[]): {
  SecurityOpt: string[];
  MaskedPaths: string[] | null;
  ReadonlyPaths: string[] | null;
} {
  const open = list.includes('systempaths=unconfined');
  return {
    SecurityOpt: list.filter((o) => o !== 'systempaths=unconfined'),
    MaskedPaths: open ? [] : null,
    ReadonlyPaths: open ? [] : null,
  };
}

const normal = (name: string) => {
  const upper = name.trim().toUpperCase();
  return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
};

/** opts.EffectiveCapAddCapDrop: what is left when additions and drops are set against each other. */
export function effectiveCapabilities(add: readonly string[], drop: readonly string[]): { add?: string[]; drop?: string[] } {
  const unique = (list: readonly string[]) => [...new Set(list.map(normal))].sort();
  let [a, d] = [unique(add), unique(drop)];
  if (a.includes('ALL')) a = ['ALL'];
  if (d.includes('ALL')) d = ['ALL'];
  d = d.filter((c) => !a.includes(c));
  return { ...(a.length ? { add: a } : {}), ...(d.length ? { drop: d } : {}) };
}
