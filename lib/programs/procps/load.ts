/**
 * uptime, free, top: how much of the machine is used.
 *
 * Source: procps 4.0.7 (uptime.c, free.c, top/top.c), BusyBox 1.38's procps/.
 * Simplified: memory of a process is not counted, so RES and %MEM are 0; top prints one page.
 */

import { strftime } from '../../base/posix/date';
import type { TaskInfo } from '../../kernel';
import { type Misuse, readOptions } from '../command';
import { names } from '../names';
import { humanGnu } from '../text/numfmt';
import { type Flavour, tool } from '../tool';
import { busyboxCommand, cut, type Look } from './ps';

/** "up 1 day,  2:03": how uptime and top say it. */
function upFor(ms: number): string {
  const minutes = Math.floor(ms / 60000);
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  return `up ${d > 0 ? `${d} day${d === 1 ? '' : 's'}, ` : ''}${h > 0 ? `${`${h}`.padStart(2)}:${`${m}`.padStart(2, '0')}` : `${m} min`}`;
}

export const uptime = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const ms = x.sys.uptime();
        const loads = x.sys
          .sysinfo()
          .loads.map((n) => n.toFixed(2))
          .join(', ');
        if (flavour === 'gnu' && x.argv.includes('-p'))
          x.out(
            `${upFor(ms)
              .replace(/(\d+):(\d+)/, (_, h, m) => `${h} hours, ${Number(m)} minutes`)
              .replace(/ min$/, ' minutes')}\n`,
          );
        else if (flavour === 'gnu' && x.argv.includes('-s')) x.out(`${strftime('%F %T', (x.sys.now() - ms) / 1000)}\n`);
        else x.out(` ${strftime('%H:%M:%S', x.sys.now() / 1000)} ${upFor(ms)},  0 users,  load average: ${loads}\n`);
        return 0;
      },
    },
    flavour,
  );

const freeDef: Misuse = {
  options: {
    gnu: { short: 'bkmghltvwc:s:L', long: { bytes: 'b', kibi: 'k', mebi: 'm', gibi: 'g', human: 'h', total: 't', wide: 'w', si: 'si' } },
    busybox: { short: 'bkmgh' },
  },
  package: 'procps-ng',
};
export const free = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const o = readOptions(x, freeDef);
        if (typeof o === 'number') return o;
        const { memTotal, memFree, memAvailable } = x.sys.sysinfo();
        const unit = o.last('b', 'k', 'm', 'g', 'h');
        const shown = (bytes: number) =>
          unit === 'h'
            ? bytes === 0
              ? '0B'
              : `${humanGnu(bytes)}${bytes >= 1024 ? 'i' : 'B'}`
            : `${Math.floor(bytes / { b: 1, k: 1024, m: 1048576, g: 1073741824 }[(unit ?? 'k') as 'k'])}`;
        const used = memTotal - memAvailable;
        const row = (name: string, cells: number[]) =>
          `${name.padEnd(flavour === 'gnu' ? 9 : 7)}${cells.map((c, i) => shown(c).padStart(i === 0 && flavour === 'gnu' ? 11 : 12)).join('')}\n`;
        const heads = ['total', 'used', 'free', 'shared', 'buff/cache', 'available'];
        x.out(
          `${flavour === 'gnu' ? '         ' : '       '}${heads.map((h, i) => h.padStart(i === 0 ? (flavour === 'gnu' ? 11 : 12) : 12)).join('')}\n`,
        );
        x.out(row('Mem:', [memTotal, used, memFree, 0, Math.max(0, memTotal - used - memFree), memAvailable]));
        x.out(row('Swap:', [0, 0, 0]));
        if (o.has('t')) x.out(row('Total:', [memTotal, used, memFree]));
        return 0;
      },
    },
    flavour,
  );

/** top -b -n 1: one page. */
export const top = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        if (!x.argv.slice(1).some((a) => /^-[a-zA-Z]*b/.test(a))) {
          x.err('drydock: top that goes on is not modelled; top -bn1 prints one page\n');
          return 1;
        }
        const l: Look = { x, n: names(x.sys), all: [...x.sys.tasks()].sort((a, b) => a.pid - b.pid), me: undefined };
        const m = x.sys.sysinfo();
        const loads = m.loads.map((n) => n.toFixed(2));
        // On the average since the machine was switched on, as the first page has it.
        const user = (l.all.reduce((n, t) => n + t.cpu, 0) / (x.sys.uptime() * m.cpus)) * 100;
        const of = (t: TaskInfo) => (t.cpu / Math.max(1, x.sys.uptime() - t.started)) * 100;
        const byUse = [...l.all].sort((a, b) => of(b) - of(a) || a.pid - b.pid);
        if (flavour === 'busybox') {
          const k = (n: number) => Math.floor(n / 1024);
          x.out(
            `Mem: ${k(m.memTotal - m.memFree)}K used, ${k(m.memFree)}K free, 0K shrd, 0K buff, 0K cached\nCPU: ${`${Math.round(user)}`.padStart(3)}% usr   0% sys   0% nic ${`${100 - Math.round(user)}`.padStart(3)}% idle   0% io   0% irq   0% sirq\nLoad average: ${loads.join(' ')} ${l.all.filter((t) => t.state === 'R').length}/${l.all.length} ${x.sys.getpid()}\n  PID  PPID USER     STAT   RSS %RSS %CPU COMMAND\n`,
          );
          for (const t of byUse)
            x.out(
              `${`${t.pid}`.padStart(5)} ${`${t.ppid}`.padStart(5)} ${l.n.userName(t.uid).slice(0, 8).padEnd(8)} ${t.state.padEnd(4)}     0   0% ${`${Math.round(of(t) / m.cpus)}`.padStart(3)}% ${busyboxCommand(t)}\n`,
            );
          return 0;
        }
        const count = (s: string) => `${l.all.filter((t) => t.state === s).length}`;
        const mib = (n: number) => (n / 1048576).toFixed(1).padStart(8);
        x.out(
          `top - ${strftime('%H:%M:%S', x.sys.now() / 1000)} ${upFor(x.sys.uptime())},  0 users,  load average: ${loads.join(', ')}\nTasks: ${l.all.length} total, ${count('R')} running, ${count('S')} sleep, 0 d-sleep, ${count('T')} stopped, ${count('Z')} zombie\n`,
        );
        x.out(
          `%Cpu(s): ${user.toFixed(1).padStart(4)} us,  0.0 sy,  0.0 ni,${(100 - user).toFixed(1).padStart(5)} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st \nMiB Mem : ${mib(m.memTotal)} total, ${mib(m.memFree)} free, ${mib(m.memTotal - m.memAvailable)} used, ${mib(0)} buff/cache     \nMiB Swap: ${mib(0)} total, ${mib(0)} free, ${mib(0)} used. ${mib(m.memAvailable)} avail Mem \n\n    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n`,
        );
        for (const t of byUse)
          x.out(
            `${`${t.pid}`.padStart(7)} ${cut(l.n.userName(t.uid), 8).padEnd(8)}  20   0       0      0      0 ${t.state} ${of(t).toFixed(1).padStart(5)}   0.0 ${`${Math.floor(t.cpu / 60000)}:${((t.cpu % 60000) / 1000).toFixed(2).padStart(5, '0')}`.padStart(9)} ${t.comm}\n`,
          );
        return 0;
      },
    },
    flavour,
  );
