/**
 * A refused system call: its errno, the gate that refused and why. errno(3), and strerror's words of glibc.
 *
 * Thrown by the kernel after its checks and before any change: a refused call changes nothing.
 */

export const MESSAGES = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  ESRCH: 'No such process',
  EINTR: 'Interrupted system call',
  EIO: 'Input/output error',
  ENXIO: 'No such device or address',
  E2BIG: 'Argument list too long',
  ENOEXEC: 'Exec format error',
  EBADF: 'Bad file descriptor',
  ECHILD: 'No child processes',
  EAGAIN: 'Resource temporarily unavailable',
  ENOMEM: 'Cannot allocate memory',
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  EXDEV: 'Invalid cross-device link',
  ENODEV: 'No such device',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  ENFILE: 'Too many open files in system',
  EMFILE: 'Too many open files',
  ENOTTY: 'Inappropriate ioctl for device',
  ETXTBSY: 'Text file busy',
  EFBIG: 'File too large',
  ENOSPC: 'No space left on device',
  ESPIPE: 'Illegal seek',
  EROFS: 'Read-only file system',
  EMLINK: 'Too many links',
  EPIPE: 'Broken pipe',
  ERANGE: 'Numerical result out of range',
  EDEADLK: 'Resource deadlock avoided',
  ENAMETOOLONG: 'File name too long',
  ENOSYS: 'Function not implemented',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Too many levels of symbolic links',
  ENODATA: 'No data available',
  EOVERFLOW: 'Value too large for defined data type',
  EUSERS: 'Too many users',
  ENOTSOCK: 'Socket operation on non-socket',
  EOPNOTSUPP: 'Operation not supported',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  ENETDOWN: 'Network is down',
  EDESTADDRREQ: 'Destination address required',
  ENETUNREACH: 'Network is unreachable',
  ECONNRESET: 'Connection reset by peer',
  EISCONN: 'Transport endpoint is already connected',
  ENOTCONN: 'Transport endpoint is not connected',
  ETIMEDOUT: 'Connection timed out',
  ECONNREFUSED: 'Connection refused',
  EHOSTUNREACH: 'No route to host',
  ESTALE: 'Stale file handle',
} as const;

export type Code = keyof typeof MESSAGES;

/** Who refused. `vfs` is the kernel's general path and file checks (a missing name, a directory in the way). */
export type Gate = 'seccomp' | 'capability' | 'owner' | 'mount' | 'lsm' | 'cgroup' | 'overlayfs' | 'vfs' | 'network' | 'process';

/** Not an Error: a refusal is an answer, there are thousands of them, and a stack trace would say nothing. */
export class Errno {
  readonly code: Code;
  readonly by: Gate;
  private readonly because: string | (() => string);
  constructor(code: Code, by: Gate, because: string | (() => string)) {
    this.code = code;
    this.by = by;
    this.because = because;
  }
  /** The words of strerror(3). */
  get message(): string {
    return MESSAGES[this.code];
  }
  /** One sentence: which check refused, and what would change it. */
  get reason(): string {
    return typeof this.because === 'string' ? this.because : this.because();
  }
}

/** Runs a call and hands back its refusal instead of throwing it; anything that is not a refusal goes on up. */
export function attempt<T>(call: () => T): T | Errno {
  try {
    return call();
  } catch (e) {
    if (e instanceof Errno) return e;
    throw e;
  }
}
