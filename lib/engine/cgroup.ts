/** The control group of a container on a systemd host: a scope in the system's slice (libcontainer's systemd driver). */
export const cgroupOf = (id: string): string => `/system.slice/docker-${id}.scope`;
