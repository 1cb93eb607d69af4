/**
 * Prompts: \u@\h:\w\$ of bash; ash understands the common ones too, dash none.
 *
 * Source: bash(1) PROMPTING; expand_prompt in BusyBox's lineedit.c.
 */

import { strftime } from '../../base/posix';
import type { Shell } from '../state';
import { value } from '../vars';
import { nameUser, passwdField } from './word';

export function prompt(sh: Shell, text: string): string {
  const { uid } = sh.sys.credentials();
  const host = () => sh.sys.uname().nodename;
  const now = () => Math.floor(sh.sys.now() / 1000);
  const directory = () => {
    const pwd = value(sh, 'PWD') ?? '';
    const home = value(sh, 'HOME') ?? '';
    return home !== '' && home !== '/' && (pwd === home || pwd.startsWith(`${home}/`)) ? `~${pwd.slice(home.length)}` : pwd;
  };
  return text.replace(/\\(\[|\]|[0-7]{3}|D\{[^}]*\}|[\s\S])/g, (all, c: string) => {
    switch (c) {
      case 'u':
        // Who renames a user sees it in the next bash; BusyBox looks anew each time.
        return sh.d.name === 'bash' ? nameUser(sh) : (passwdField(sh, (f) => f[2] === `${uid}`, 0) ?? '');
      case 'h':
        return host().split('.')[0]!;
      case 'H':
        return host();
      case 'w':
        return directory();
      case 'W':
        return directory() === '~' ? '~' : (value(sh, 'PWD') ?? '').replace(/^.*\/(?=.)/, '');
      case '$':
        return uid === 0 ? '#' : '$';
      case 's':
        return sh.s.arg0.replace(/^-/, '').replace(/^.*\//, '');
      case 'v':
        return '5.3';
      case 'V':
        return '5.3.15';
      case 'j':
        return `${sh.s.jobs.length}`;
      case 'l':
        return 'tty';
      case '!':
        return `${sh.s.history.length + 1}`;
      case '#':
        return `${sh.s.history.length + 1}`;
      case 't':
        return strftime('%H:%M:%S', now());
      case 'T':
        return strftime('%I:%M:%S', now());
      case 'A':
        return strftime('%H:%M', now());
      case '@':
        return strftime('%I:%M %p', now());
      case 'd':
        return strftime('%a %b %d', now());
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 'a':
        return '\x07';
      case 'e':
        return '\x1b';
      case '\\':
        return '\\';
      case '[':
      case ']':
        return '';
      default:
        if (c.startsWith('D{')) return strftime(c.slice(2, -1) || '%X', now());
        return /^[0-7]{3}$/.test(c) ? String.fromCharCode(parseInt(c, 8)) : all;
    }
  });
}
