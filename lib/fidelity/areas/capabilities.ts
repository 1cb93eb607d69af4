/**
 * Areas "exec-capabilities" and "capability-operations": what execve(2) does to one capability, and which operations a set of
 * capabilities lets user 0 do, tried on the kernel itself.
 */

import { CAPABILITIES } from '../../engine/defaults';
import { attempt, CAPS, type Cap, capSet, Errno, type GateName, makeSys, newTask } from '../../kernel';
import { afterExec, GATES, passGate, SECBIT_NOROOT } from '../../kernel/cred';
import { consoleOn } from '../../machine';
import { NotModelled } from '../vectors';

interface ExecInput {
  process: Record<'inheritable' | 'permitted' | 'ambient' | 'bounding' | 'noNewPrivs' | 'secbitNoroot', boolean> & { uid: number };
  file: { setuidRoot: boolean; capability?: Record<'inheritable' | 'permitted' | 'effective', boolean> };
}

const BIT = capSet(['CAP_NET_RAW']);
const set = (on: boolean) => (on ? BIT : 0);

export function execCapabilities({ process: p, file }: ExecInput): unknown {
  const c = file.capability;
  const after = attempt(() =>
    afterExec(
      {
        uid: p.uid,
        euid: p.uid,
        suid: p.uid,
        gid: p.uid,
        egid: p.uid,
        sgid: p.uid,
        groups: [],
        caps: {
          inheritable: set(p.inheritable),
          permitted: set(p.permitted),
          effective: set(p.permitted),
          bounding: set(p.bounding),
          ambient: set(p.ambient),
        },
        noNewPrivs: p.noNewPrivs,
        securebits: p.secbitNoroot ? SECBIT_NOROOT : 0,
      },
      {
        mode: file.setuidRoot ? 0o4755 : 0o755,
        uid: 0,
        gid: p.uid,
        ...(c ? { caps: { permitted: set(c.permitted), inheritable: set(c.inheritable), effective: c.effective } } : {}),
      },
      false,
    ),
  );
  if (after instanceof Errno) throw new Error(after.code);
  const has = (n: number) => n !== 0;
  const { inheritable, permitted, effective, bounding, ambient } = after.caps;
  return {
    inheritable: has(inheritable),
    permitted: has(permitted),
    effective: has(effective),
    bounding: has(bounding),
    ambient: has(ambient),
    euid: after.euid,
  };
}

interface OperationInput {
  operation: string;
  capabilities: 'all' | 'none' | 'only' | 'all-minus' | 'docker-default-14';
  capability?: Cap;
}

function capsOf({ capabilities, capability }: OperationInput): number {
  switch (capabilities) {
    case 'all':
      return capSet(CAPS);
    case 'none':
      return 0;
    case 'only':
      return capSet([capability as Cap]);
    case 'all-minus':
      return capSet(CAPS.filter((c) => c !== capability));
    case 'docker-default-14':
      return capSet(CAPABILITIES);
  }
}

type Lab = ReturnType<typeof lab>;

/** A process of user 0 with these capabilities, and files and a process of user 1000. */
function lab(caps: number) {
  const { kernel: k } = consoleOn('lab', 1);
  const root = makeSys(k, 1);
  root.mkdir('/l', 0o755);
  const own = (path: string, mode: number, dir = false) => {
    if (dir) root.mkdir(path, 0o777);
    else root.close(root.open(path, { create: true, write: true }, 0o600));
    root.chmod(path, mode);
    root.chown(path, 1000, 1000);
  };
  own('/l/secret', 0o600);
  own('/l/public', 0o644);
  own('/l/dir', 0o700, true);
  own('/l/sticky', 0o1777, true);
  own('/l/sticky/f', 0o644);
  root.mkdir('/l/mnt', 0o755);
  root.mkdir('/l/tmp', 0o755);
  root.mount('t', '/l/mnt', 'tmpfs', []);
  root.close(root.open('/l/mine', { create: true, write: true }, 0o644));
  const init = k.task(1);
  const other = newTask(k, init, { cred: { ...init.cred, uid: 1000, euid: 1000, suid: 1000 }, undumpable: true, fds: [] });
  const me = newTask(k, init, {
    cred: { ...init.cred, caps: { inheritable: 0, permitted: caps, effective: caps, bounding: capSet(CAPS), ambient: 0 } },
    fds: [],
  });
  return { sys: makeSys(k, me.pid), other: other.pid, k, me: me.pid };
}

const OPERATIONS: Readonly<Record<string, (l: Lab) => unknown>> = {
  'chown root file to uid 1': ({ sys }) => sys.chown('/l/mine', 1, -1),
  'read file 0600 of other user': ({ sys }) => sys.open('/l/secret', { read: true }),
  'write file 0644 of other user': ({ sys }) => sys.open('/l/public', { write: true }),
  'list dir 0700 of other user': ({ sys }) => sys.readdir('/l/dir'),
  'create file in dir 0700 of other user': ({ sys }) => sys.open('/l/dir/x', { create: true, write: true }),
  'chmod other user file': ({ sys }) => sys.chmod('/l/public', 0o600),
  'unlink other user file in sticky dir of other user': ({ sys }) => sys.unlink('/l/sticky/f'),
  'kill(SIGTERM) process of other uid': ({ sys, other }) => sys.kill(other, 15),
  'setresuid(1000)': ({ sys }) => sys.setuid(1000),
  'prctl(PR_CAPBSET_DROP)': ({ sys, k, me }) => {
    const { caps } = k.task(me).cred;
    sys.capset({ ...caps, bounding: Math.max(0, caps.bounding - 1), permitted: caps.permitted });
  },
  'prctl(PR_SET_SECUREBITS)': ({ sys }) => sys.prctl({ securebits: SECBIT_NOROOT }),
  'bind tcp port 80': ({ sys }) => sys.net.bind(sys.net.socket('tcp'), '127.0.0.1', 80),
  'socket(AF_PACKET,SOCK_RAW)': ({ k, me }) => passGate(k, k.task(me), 'socket(AF_PACKET)'),
  'ip link set lo up (ioctl SIOCSIFFLAGS)': ({ sys }) => sys.net.setLink('lo', { up: true }),
  'mknod char 1:3': ({ sys }) => sys.mknod('/l/null', 'char', 0o666, [1, 3]),
  'mknod fifo': ({ sys }) => sys.mknod('/l/fifo', 'fifo', 0o666),
  'mknod char 0:0 (whiteout)': ({ sys }) => sys.mknod('/l/wh', 'char', 0o666, [0, 0]),
  'mount tmpfs': ({ sys }) => sys.mount('t', '/l/tmp', 'tmpfs', []),
  'umount2(missing flags, lazy) of own tmpfs': ({ sys }) => sys.umount('/l/mnt', true),
  'unshare(CLONE_NEWNS)': ({ sys }) => sys.unshare(['mnt']),
  'unshare(CLONE_NEWUTS)': ({ sys }) => sys.unshare(['uts']),
  'setns(own netns fd)': ({ sys }) => sys.net.enter(sys.getpid()),
  sethostname: ({ sys }) => sys.sethostname('x'),
  'ptrace(ATTACH) process of other uid': ({ k, me }) => passGate(k, k.task(me), 'ptrace(ATTACH)'),
  'read /proc/<other uid>/environ': ({ sys, other }) => sys.open(`/proc/${other}/environ`, { read: true }),
  'write /proc/sys/net/ipv4/ip_forward': ({ sys }) => {
    const fd = sys.open('/proc/sys/net/ipv4/ip_forward', { write: true });
    sys.write(fd, '1');
  },
  'write /proc/sys/kernel/hostname': ({ sys }) => {
    const fd = sys.open('/proc/sys/kernel/hostname', { write: true });
    sys.write(fd, 'dock');
  },
};

export function capabilityOperations(input: OperationInput): string {
  const l = lab(capsOf(input));
  const run =
    OPERATIONS[input.operation] ??
    (input.operation in GATES ? (x: Lab) => passGate(x.k, x.k.task(x.me), input.operation as GateName) : null);
  if (!run) throw new NotModelled(input.operation);
  const r = attempt(() => run(l));
  return r instanceof Errno ? r.code : 'ok';
}
