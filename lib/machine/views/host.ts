/**
 * What a drawing of the whole host needs to know: the engine's daemons and the running containers, each with the one
 * process that has two numbers.
 */

export interface HostContainer {
  id: string;
  name: string;
  image: string;
  /** Title of its first process: "nginx: master", "sleep". */
  process: string;
  /** That process's PID in the container's namespace and on the host. */
  pidInside: number;
  pidOutside: number;
  /** Bytes in its upperdir. */
  upperSize: number;
  lowerCount: number;
  /** Published ports: "0.0.0.0:8080 → 172.17.0.3:80". */
  ports: string[];
  /** True when the last changing step made or changed this container. */
  changed: boolean;
}

export interface HostView {
  daemons: { name: string; pid: number }[];
  socket: string;
  /** Running containers in the order of their start. */
  containers: HostContainer[];
}
