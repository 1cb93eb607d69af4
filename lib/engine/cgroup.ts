/** The control group of a container on a systemd host: a scope in the system's slice (libcontainer's systemd driver). */
export const cgroupOf = (id: string): string => `/system.slice/docker-${id}.scope`;

/** The container whose group this is, or lies in: its id, or null. */
export const containerIn = (cgroup: string): string | null => /^\/system\.slice\/docker-([0-9a-f]{64})\.scope/.exec(cgroup)?.[1] ?? null;

/** Where the tree of control groups is mounted. */
export const CGROUP = '/sys/fs/cgroup';
