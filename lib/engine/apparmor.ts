/**
 * AppArmor, where the host has it: the profile that every container gets, and which one a container has.
 * moby profiles/apparmor/template.go, daemon/apparmor_default.go, daemon/oci_linux.go (WithApparmor).
 */

import { attempt, Errno } from '../kernel';
import type { Daemon } from './daemon';
import { readText } from './overlay2';
import type { HostConfig } from './state';

export const DEFAULT = 'docker-default';
const UNCONFINED = 'unconfined';

/** `docker-default`, as the engine writes it for a kernel and a parser of today. */
export const PROFILE = `profile ${DEFAULT} flags=(attach_disconnected,mediate_deleted) {
  network,
  capability,
  file,
  umount,
  signal (receive) peer=unconfined,
  signal (receive) peer=runc,
  signal (receive) peer=crun,
  signal (send,receive) peer=${DEFAULT},
  deny @{PROC}/* w,
  deny @{PROC}/{[^1-9],[^1-9][^0-9],[^1-9s][^0-9y][^0-9s],[^1-9][^0-9][^0-9][^0-9/]*}/** w,
  deny @{PROC}/sys/[^k]** w,
  deny @{PROC}/sys/kernel/{?,??,[^s][^h][^m]**} w,
  deny @{PROC}/sysrq-trigger rwklx,
  deny @{PROC}/kcore rwklx,
  deny mount,
  deny /sys/[^f]*/** wklx,
  deny /sys/f[^s]*/** wklx,
  deny /sys/fs/[^c]*/** wklx,
  deny /sys/fs/c[^g]*/** wklx,
  deny /sys/fs/cg[^r]*/** wklx,
  deny /sys/firmware/** rwklx,
  deny /sys/devices/virtual/powercap/** rwklx,
  deny /sys/kernel/security/** rwklx,
  ptrace (trace,read,tracedby,readby) peer=${DEFAULT},
}
`;

/** Whether the kernel has it: containerd pkg/apparmor, HostSupports. */
export function supported(d: Daemon): boolean {
  const text = attempt(() => readText(d.sys, '/sys/module/apparmor/parameters/enabled'));
  return !(text instanceof Errno) && text.startsWith('Y');
}

/** Loads the profile for containers, as apparmor_parser would be asked to. */
export function load(d: Daemon) {
  if (supported(d)) attempt(() => d.sys.apparmor({ load: PROFILE }));
}

/** What \`docker inspect\` shows once a container has been started; '' on a host without AppArmor. */
export function nameOf(d: Daemon, h: HostConfig): string {
  if (!supported(d)) return '';
  const asked = (h.SecurityOpt ?? []).map((o) => /^apparmor[=:](.*)$/.exec(o)?.[1]).find((name) => name !== undefined);
  return asked ?? (h.Privileged ? UNCONFINED : DEFAULT);
}

/** The profile to put on, or null. */
export const profileOf = (d: Daemon, h: HostConfig): string | null => {
  const name = nameOf(d, h);
  return name === '' || name === UNCONFINED ? null : name;
};
