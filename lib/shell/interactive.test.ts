/** Shells at a terminal: prompts, continued lines, jobs, signals. Transcripts as bash 5.3, dash 0.5.12 and BusyBox 1.38 gave them. */

import { describe, expect, it } from 'vitest';
import { atTerminal } from './machine.test-helper';

/** How many lines the terminal itself puts behind ^C is not the shell's doing. */
const screen = (s: string): string => s.replace(/(\^[CZ])\n+/g, '$1\n').replace(/\[(\d+)\] \d+\n/g, '[$1] PID\n');

const TRANSCRIPTS: [shell: string, inputs: (string | { wait: number })[], want: string][] = [
  [
    'bash',
    [
      'echo hi\n',
      'nosuch\n',
      'for i in 1 2\n',
      'do echo $i\n',
      'done\n',
      'echo "a\n',
      'b"\n',
      'cat <<E\n',
      'x\n',
      'E\n',
      'fi\n',
      'exit 3\n',
    ],
    '$ echo hi\nhi\n$ nosuch\nbash: nosuch: command not found\n$ for i in 1 2\n> do echo $i\n> done\n1\n2\n$ echo "a\n> b"\na\nb\n$ cat <<E\n> x\n> E\nx\n$ fi\nbash: syntax error near unexpected token `fi\'\n$ exit 3\nexit\n',
  ],
  [
    'bash',
    ['sleep 100\n', '\x03', 'echo $?\n', 'sleep 100 & \n', 'jobs\n', 'kill %1\n', 'echo x\n', '\n', '\x04'],
    '$ sleep 100\n^C\n$ echo $?\n130\n$ sleep 100 & \n[1] PID\n$ jobs\n[1]+  Running                    sleep 100 &\n$ kill %1\n$ echo x\nx\n[1]+  Terminated                 sleep 100\n$ \n$ exit\n',
  ],
  [
    'bash',
    ['sleep 100\n', '\x1a', 'jobs\n', 'bg\n', 'fg\n', '\x03', 'echo $?; sleep 1; echo no\n', '\x03', 'echo ok\n'],
    '$ sleep 100\n^Z\n[1]+  Stopped                    sleep 100\n$ jobs\n[1]+  Stopped                    sleep 100\n$ bg\n[1]+ sleep 100 &\n$ fg\nsleep 100\n^C\n$ echo $?; sleep 1; echo no\n130\n^C\n$ echo ok\nok\n$ ',
  ],
  [
    'bash',
    ['sleep 1 &\n', { wait: 2000 }, '\n', 'cat\n', 'line\n', '\x04', 'bash -c "kill -9 \\$\\$"\n', 'echo done\n'],
    '$ sleep 1 &\n[1] PID\n$ \n[1]+  Done                       sleep 1\n$ cat\nline\nline\n$ bash -c "kill -9 \\$\\$"\nKilled                     bash -c "kill -9 \\$\\$"\n$ echo done\ndone\n$ ',
  ],
  [
    'bash',
    ['echo a; echo b)\n', 'echo one\necho two\n', 'if\n', '\x03', 'echo $?\n'],
    "$ echo a; echo b)\nbash: syntax error near unexpected token `)'\n$ echo one\necho two\none\n$ two\n$ if\n> ^C\n$ echo $?\n130\n$ ",
  ],
  [
    'dash',
    [
      'echo hi\n',
      'nosuch\n',
      'sleep 9\n',
      '\x03',
      'echo $?\n',
      'sleep 9\n',
      '\x1a',
      'jobs\n',
      'fg\n',
      '\x03',
      'sleep 0.2 &\n',
      { wait: 500 },
      '\n',
      'exit\n',
    ],
    '$ echo hi\nhi\n$ nosuch\ndash: 2: nosuch: not found\n$ sleep 9\n^C\n$ echo $?\n130\n$ sleep 9\n^Z\n[1] + Stopped                    sleep 9\n$ jobs\n[1] + Stopped                    sleep 9\n$ fg\nsleep 9\n^C\n$ sleep 0.2 &\n$ \n[1] + Done                       sleep 0.2\n$ exit\n',
  ],
  [
    'ash',
    [
      'nosuch\n',
      'cd /tmp\n',
      'sleep 5\n',
      '\x1a',
      'jobs\n',
      'fg\n',
      '\x03',
      'echo $?\n',
      'sleep 7 &\n',
      'jobs\n',
      'kill %1\n',
      '\n',
      '\x04',
    ],
    '$ nosuch\nash: nosuch: not found\n$ cd /tmp\n$ sleep 5\n^Z\n[1]+  Stopped                    sleep 5\n$ jobs\n[1]+  Stopped                    sleep 5\n$ fg\nsleep 5\n^C\n$ echo $?\n130\n$ sleep 7 &\n$ jobs\n[1]+  Running                    sleep 7\n$ kill %1\n$ \n[1]+  Terminated                 sleep 7\n$ \n',
  ],
  ['-bash', ['echo $0\n', 'logout\n'], '$ echo $0\n-bash\n$ logout\nlogout\n'],
];

describe('at a terminal', () => {
  it.each(TRANSCRIPTS)('%s %j', (shell, inputs, want) => {
    expect(screen(atTerminal([shell], inputs).screen)).toBe(want);
  });
});

describe('fuel', () => {
  it('an endless loop gives up the processor', () => {
    const { kernel } = atTerminal(['bash'], ['while :; do :; done\n']);
    expect(kernel.s.burning.length).toBe(1);
  });
  it('and is ended by Ctrl-C', () => {
    const { screen: s } = atTerminal(['bash'], ['while :; do :; done\n', '\x03', 'echo out\n']);
    expect(s).toContain('out');
  });
});
