/**
 * The system calls of x86-64 by number, and strace's classes of them: what `-e trace=` understands.
 *
 * Source: Linux 6.1's asm/unistd_64.h; strace(1), "trace=%class".
 * Simplified: of each class the calls that the model makes, and those nearest to them.
 */

/** In the order of their numbers; `=334` says from which number it goes on. */
const LIST =
  'read write open close stat fstat lstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn ioctl pread64 pwrite64 readv writev access pipe select sched_yield mremap msync mincore madvise shmget shmat shmctl dup dup2 pause nanosleep getitimer alarm setitimer getpid sendfile socket connect accept sendto recvfrom sendmsg recvmsg shutdown bind listen getsockname getpeername socketpair setsockopt getsockopt clone fork vfork execve exit wait4 kill uname semget semop semctl shmdt msgget msgsnd msgrcv msgctl fcntl flock fsync fdatasync truncate ftruncate getdents getcwd chdir fchdir rename mkdir rmdir creat link unlink symlink readlink chmod fchmod chown fchown lchown umask gettimeofday getrlimit getrusage sysinfo times ptrace getuid syslog getgid setuid setgid geteuid getegid setpgid getppid getpgrp setsid setreuid setregid getgroups setgroups setresuid getresuid setresgid getresgid getpgid setfsuid setfsgid getsid capget capset rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend sigaltstack utime mknod uselib personality ustat statfs fstatfs sysfs getpriority setpriority sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval mlock munlock mlockall munlockall vhangup modify_ldt pivot_root _sysctl prctl arch_prctl adjtimex setrlimit chroot sync acct settimeofday mount umount2 swapon swapoff reboot sethostname setdomainname iopl ioperm create_module init_module delete_module get_kernel_syms query_module quotactl nfsservctl getpmsg putpmsg afs_syscall tuxcall security gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr tkill time futex sched_setaffinity sched_getaffinity set_thread_area io_setup io_destroy io_getevents io_submit io_cancel get_thread_area lookup_dcookie epoll_create epoll_ctl_old epoll_wait_old remap_file_pages getdents64 set_tid_address restart_syscall semtimedop fadvise64 timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep exit_group epoll_wait epoll_ctl tgkill utimes vserver mbind set_mempolicy get_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr kexec_load waitid add_key request_key keyctl ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat newfstatat unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare set_robust_list get_robust_list splice tee sync_file_range vmsplice move_pages utimensat epoll_pwait signalfd timerfd_create eventfd fallocate timerfd_settime timerfd_gettime accept4 signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open recvmmsg fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns getcpu process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create kexec_file_load bpf execveat userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx io_pgetevents rseq =424 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node';

/** Name → number. */
export const NUMBERS: ReadonlyMap<string, number> = (() => {
  const out = new Map<string, number>();
  let n = 0;
  for (const word of LIST.split(' ')) {
    if (word.startsWith('=')) n = Number(word.slice(1));
    else out.set(word, n++);
  }
  return out;
})();

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const CLASSES: Readonly<Record<string, ReadonlySet<string>>> = {
  file: words(
    `open openat openat2 creat stat newfstatat statx lstat access faccessat faccessat2 readlink readlinkat mkdir mkdirat rmdir unlink
    unlinkat rename renameat renameat2 symlink symlinkat link linkat chmod fchmodat chown lchown fchownat utime utimes utimensat truncate
    chdir getcwd chroot mount umount2 move_mount open_tree pivot_root execve execveat mknod mknodat statfs getxattr lgetxattr setxattr
    lsetxattr listxattr llistxattr removexattr swapon swapoff quotactl acct uselib inotify_add_watch name_to_handle_at fspick
    mount_setattr`,
  ),
  process: words(
    `clone clone3 fork vfork execve execveat exit exit_group wait4 waitid kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo unshare
    arch_prctl pidfd_send_signal`,
  ),
  network: words(
    `socket socketpair connect accept accept4 bind listen sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg shutdown getsockname
    getpeername setsockopt getsockopt`,
  ),
  desc: words(
    `read write open openat openat2 creat close fstat newfstatat statx poll ppoll select pselect6 lseek mmap ioctl pread64 pwrite64 readv
    writev pipe pipe2 dup dup2 dup3 sendfile fcntl flock fsync fdatasync ftruncate getdents getdents64 fchdir fchmod fchown epoll_create1
    epoll_ctl epoll_wait epoll_pwait mkdirat mknodat fchownat fchmodat faccessat faccessat2 unlinkat renameat renameat2 linkat symlinkat
    readlinkat utimensat setns fstatfs fadvise64 copy_file_range pidfd_open pidfd_getfd open_tree move_mount fsopen fsconfig fsmount
    bpf inotify_init1 eventfd2 signalfd4 timerfd_create memfd_create close_range`,
  ),
  signal: words(
    `kill tkill tgkill pause rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend
    sigaltstack signalfd4 pidfd_send_signal`,
  ),
  ipc: words('shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl'),
  memory: words('brk mmap munmap mprotect mremap madvise mlock munlock mlockall munlockall msync mincore mbind memfd_secret'),
  creds: words(
    `getuid getgid geteuid getegid getresuid getresgid getgroups setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid
    setfsgid capget capset prctl`,
  ),
  clock: words('clock_gettime clock_settime clock_getres clock_adjtime gettimeofday settimeofday time adjtimex'),
  stat: words('stat'),
  lstat: words('lstat'),
  fstat: words('fstat newfstatat'),
  statfs: words('statfs'),
  '%stat': words('stat lstat fstat newfstatat statx'),
  '%statfs': words('statfs fstatfs'),
  pure: words('getpid getppid getuid getgid geteuid getegid getpgrp gettid'),
};
/** Classes that are understood without the sign, too, as older versions of strace had them. */
const BARE: ReadonlySet<string> = new Set(['file', 'process', 'network', 'signal', 'ipc', 'desc', 'memory']);

/** What one word names; null where it names nothing. */
function named(word: string): ((name: string) => boolean) | null {
  if (word === 'all') return () => true;
  if (word === 'none') return () => false;
  if (word.startsWith('/')) {
    const pattern = new RegExp(word.slice(1));
    return (name) => pattern.test(name);
  }
  const bare = word.replace(/^\?/, '');
  const group = bare.startsWith('%') ? bare.slice(1) : BARE.has(bare) ? bare : null;
  if (group !== null) {
    const set = CLASSES[group === 'net' ? 'network' : group];
    return set ? (name) => set.has(name) : null;
  }
  if (NUMBERS.has(bare)) return (name) => name === bare;
  return word.startsWith('?') ? () => false : null;
}

/** Which calls a qualifier names: `openat,read`, `%file`, `!close`, `/^get`, `all`; the wrong word where one names none. */
export function chosen(text: string): { has(name: string): boolean } | { wrong: string } {
  const not = text.startsWith('!');
  const tests: ((name: string) => boolean)[] = [];
  for (const word of (not ? text.slice(1) : text).split(',')) {
    const test = named(word);
    if (!test) return { wrong: word };
    tests.push(test);
  }
  return { has: (name) => tests.some((test) => test(name)) !== not };
}
