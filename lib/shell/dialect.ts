/**
 * Three shells as records of differences: bash 5.3, dash 0.5.12 and BusyBox ash 1.38.
 *
 * Everything here was read off the real programs. What they share (nearly all) is the evaluator's.
 */

import type { Code } from '../kernel';
import type { Fault, Grammar } from './syntax/reader';

export type DialectName = 'bash' | 'dash' | 'ash';

export interface Dialect {
  name: DialectName;
  grammar: Grammar;
  /** {a,b} and {1..3} */
  braces: boolean;
  /** Aliases outside of interactive shells. */
  aliasesAlways: boolean;
  /** A failed expansion, special builtin or assignment ends a script (POSIX 2.8.1); bash goes on with the next line. */
  errorsExit: boolean;
  /** The number of the first line of a -c string. */
  firstLine: number;
  /** Status of a refused redirection, where it is not 1. */
  redirStatus: number;
  prompts: { root: string; user: string };
  notFound(name: string): string;
  /** A file that could not be executed: what is said, the status being 126 or, with ENOENT, 127. */
  notExecuted(path: string, code: Code, message: string): string;
  /** A redirection that was refused. */
  redirection(path: string, write: boolean, code: Code, message: string): string;
  badDescriptor(fd: number, to: number): string;
  cantFork(message: string): string;
  unset(name: string): string;
  unsetOrNull(name: string): string;
  readonly(name: string): string;
  badSubstitution(raw: string): string;
  syntax(fault: Fault): string;
}

/** dash and ash name tokens alike: the text of an operator or reserved word, else "word". */
function tokenName(token: string, word: boolean, quote: boolean): string {
  if (token === '\n') return 'newline';
  if (/^(?:[<>]|&>)/.test(token)) return 'redirection';
  if (!word) return quote ? `"${token}"` : token;
  return 'word';
}

const bashToken = (token: string): string => (token === '\n' ? 'newline' : token);

const BASH_GRAMMAR: Grammar = {
  arrays: true,
  cond: true,
  arithCommand: true,
  functionWord: true,
  select: true,
  ansiQuotes: true,
  procSubst: true,
  bothRedir: true,
  hereString: true,
  pipeBoth: true,
  caseFall: true,
  fdVariables: true,
  substring: true,
  transforms: true,
  localeQuotes: true,
  timeWord: true,
  hereDocNewline: true,
  inReserved: true,
};
const DASH_GRAMMAR: Grammar = {
  arrays: false,
  cond: false,
  arithCommand: false,
  functionWord: false,
  select: false,
  ansiQuotes: false,
  procSubst: false,
  bothRedir: false,
  hereString: false,
  pipeBoth: false,
  caseFall: false,
  fdVariables: false,
  substring: false,
  transforms: false,
  localeQuotes: false,
  timeWord: false,
  hereDocNewline: false,
  inReserved: true,
};
const ASH_GRAMMAR: Grammar = {
  ...DASH_GRAMMAR,
  cond: true,
  functionWord: true,
  ansiQuotes: true,
  procSubst: true,
  bothRedir: true,
  hereString: true,
  substring: true,
  caseFall: false,
};

export const DIALECTS = {
  bash: {
    name: 'bash',
    grammar: BASH_GRAMMAR,
    braces: true,
    aliasesAlways: false,
    errorsExit: false,
    firstLine: 1,
    redirStatus: 1,
    prompts: { root: '\\s-\\v\\$ ', user: '\\s-\\v\\$ ' },
    notFound: (name) => `${name}: command not found`,
    notExecuted: (path, code, message) => (code === 'ENOEXEC' ? `${path}: cannot execute binary file: ${message}` : `${path}: ${message}`),
    redirection: (path, _write, _code, message) => `${path}: ${message}`,
    badDescriptor: (fd) => `${fd}: Bad file descriptor`,
    cantFork: (message) => `fork: ${message}`,
    unset: (name) => `${name}: unbound variable`,
    unsetOrNull: (name) => `${name}: parameter null or not set`,
    readonly: (name) => `${name}: readonly variable`,
    badSubstitution: (raw) => `${raw}: bad substitution`,
    syntax: (f) => {
      switch (f.kind) {
        case 'token':
          return `syntax error near unexpected token \`${bashToken(f.token)}'`;
        case 'eof':
          if (f.substitution) return "unexpected EOF while looking for matching `)'";
          if (f.line) return "syntax error near unexpected token `newline'";
          return `syntax error: unexpected end of file${f.open ? ` from \`${f.open.word}' command on line ${f.open.line}` : ''}`;
        case 'quote':
          return `unexpected EOF while looking for matching \`${f.want}'`;
        case 'forName':
          return `syntax error near unexpected token \`newline'`;
        case 'functionName':
          return `\`${f.word}': not a valid identifier`;
        case 'cond':
          return `${f.message} near \`${bashToken(f.token)}'`;
        case 'deep':
          return 'drydock: commands nested this deep are not modelled';
      }
    },
  },
  dash: {
    name: 'dash',
    grammar: DASH_GRAMMAR,
    braces: false,
    aliasesAlways: true,
    errorsExit: true,
    firstLine: 1,
    redirStatus: 2,
    prompts: { root: '# ', user: '$ ' },
    notFound: (name) => `${name}: not found`,
    notExecuted: (path, code, message) =>
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `${path}: not found`
        : `${path}: ${code === 'EACCES' || code === 'EISDIR' ? 'Permission denied' : message}`,
    redirection: (path, write, code, message) =>
      `cannot ${write ? 'create' : 'open'} ${path}: ${code === 'ENOENT' || code === 'ENOTDIR' ? (write ? 'Directory nonexistent' : 'No such file') : message}`,
    badDescriptor: (fd) => `${fd}: Bad file descriptor`,
    cantFork: () => 'Cannot fork',
    unset: (name) => `${name}: parameter not set`,
    unsetOrNull: (name) => `${name}: parameter not set or null`,
    readonly: (name) => `${name}: is read only`,
    badSubstitution: () => 'Bad substitution',
    syntax: (f) => {
      switch (f.kind) {
        case 'token':
          return `Syntax error: ${tokenName(f.token, f.word, true)} unexpected${f.expecting ? ` (expecting "${f.expecting}")` : ''}`;
        case 'eof':
          return `Syntax error: end of file unexpected${f.expecting ? ` (expecting ${f.expecting === 'word' ? 'word' : `"${f.expecting}"`})` : ''}`;
        case 'quote':
          return `Syntax error: ${f.want === '`' ? 'EOF in backquote substitution' : f.want === '}' ? "Missing '}'" : 'Unterminated quoted string'}`;
        case 'forName':
          return 'Syntax error: Bad for loop variable';
        case 'functionName':
          return 'Syntax error: Bad function name';
        case 'cond':
          return 'Syntax error: word unexpected';
        case 'deep':
          return 'drydock: commands nested this deep are not modelled';
      }
    },
  },
  ash: {
    name: 'ash',
    grammar: ASH_GRAMMAR,
    braces: false,
    aliasesAlways: true,
    errorsExit: true,
    firstLine: 0,
    redirStatus: 1,
    prompts: { root: '\\w \\$ ', user: '\\w \\$ ' },
    notFound: (name) => `${name}: not found`,
    notExecuted: (path, code, message) =>
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `${path}: not found`
        : `${path}: ${code === 'EACCES' || code === 'EISDIR' ? 'Permission denied' : message}`,
    redirection: (path, write, code, message) =>
      `can't ${write ? 'create' : 'open'} ${path}: ${code === 'ENOENT' || code === 'ENOTDIR' ? (write ? 'nonexistent directory' : 'no such file') : message}`,
    badDescriptor: (fd, to) => `dup2(${fd},${to}): Bad file descriptor`,
    cantFork: (message) => `can't fork: ${message}`,
    unset: (name) => `${name}: parameter not set`,
    unsetOrNull: (name) => `${name}: parameter not set or null`,
    readonly: (name) => `${name}: is read only`,
    badSubstitution: () => 'syntax error: bad substitution',
    syntax: (f) => {
      switch (f.kind) {
        case 'token':
          return `syntax error: unexpected ${tokenName(f.token, f.word, true)}${f.expecting ? ` (expecting "${f.expecting}")` : ''}`;
        case 'eof':
          return `syntax error: unexpected end of file${f.expecting ? ` (expecting ${f.expecting === 'word' ? 'word' : `"${f.expecting}"`})` : ''}`;
        case 'quote':
          return `syntax error: ${f.want === '`' ? 'EOF in backquote substitution' : f.want === '}' ? "missing '}'" : 'unterminated quoted string'}`;
        case 'forName':
          return 'syntax error: bad for loop variable';
        case 'functionName':
          return 'syntax error: bad function name';
        case 'cond':
          return 'syntax error: unexpected word';
        case 'deep':
          return 'drydock: commands nested this deep are not modelled';
      }
    },
  },
} as const satisfies Record<DialectName, Dialect>;
