/** docker build --check and --call: what a Dockerfile is like, without building it. docker/buildx, commands/build.go. */

import { decode, encode, encode64 } from '../../base';
import * as build from '../../engine/build/face';
import { err, type Script } from '../driver';
import { tabulate } from '../tabwriter';
import { CommandError, type Ctx, call, print } from './api';
import { fail } from './build-context';
import { told } from './buildx';
import { allCredentials } from './credentials';

const table = (rows: readonly string[][], padding = 3): string =>
  tabulate(rows.map((row) => `${row.join('\t')}\n`).join(''), { minWidth: 1, tabWidth: 8, padding, padChar: ' ' });

const targetsTable = (targets: NonNullable<build.CheckResult['targets']>): string =>
  table(
    [
      ['TARGET', 'DESCRIPTION'],
      ...targets.map((t) => [t.default ? (t.name === '' ? '(default)' : `${t.name} (default)`) : t.name, t.description]),
    ],
    1,
  );

function targetsJson(answer: build.CheckResult): string {
  const targets = (answer.targets ?? []).map((t) => ({
    ...(t.name === '' ? {} : { name: t.name }),
    ...(t.default ? { default: true } : {}),
    ...(t.description === '' ? {} : { description: t.description }),
    base: t.base,
    location: { ranges: [{ start: { line: t.lines[0] }, end: { line: t.lines[1] } }] },
  }));
  return `${JSON.stringify({ targets, sources: [encode64(encode(answer.text))] }, null, 2)}\n`;
}

function outlineText(o: NonNullable<build.CheckResult['outline']>): string {
  const sections = [
    o.name === '' ? '' : `TARGET: ${o.name}\n${o.description === '' ? '' : `DESCRIPTION: ${o.description}\n`}`,
    o.args.length === 0 ? '' : table([['BUILD ARG', 'VALUE', 'DESCRIPTION'], ...o.args.map((a) => [a.name, a.value, a.description])]),
    o.secrets.length === 0 ? '' : table([['SECRET', 'REQUIRED'], ...o.secrets.map((x) => [x.name, x.required ? 'true' : ''])]),
    o.ssh.length === 0 ? '' : table([['SSH', 'REQUIRED'], ...o.ssh.map((x) => [x.name, x.required ? 'true' : ''])]),
  ];
  return sections
    .filter(Boolean)
    .map((text) => `${text}\n`)
    .join('');
}

interface Warning {
  rule: string;
  url: string | null;
  message: string;
  description: string;
  lines: [number, number];
}

export function* check(c: Ctx, path: string, archive: string, quiet: boolean, method: string, asJson: boolean): Script {
  if (!quiet) yield* err(build.HEADER);
  const r = yield* call(c, 'POST', path, archive, yield* allCredentials(c));
  const answer = JSON.parse(decode(r.body)) as build.CheckResult;
  if (!quiet) yield* err(build.print(build.newPrinter(), build.parseEvents(encode(answer.log)).events).text);
  if (!['check', 'lint', 'targets', 'outline'].includes(method))
    throw fail(`failed to solve: unsupported request frontend.${method}: unsupported request frontend.${method}`);
  if (answer.targets) return yield* told(asJson ? targetsJson(answer) : targetsTable(answer.targets));
  if (answer.outline) return yield* told(asJson ? `${JSON.stringify(answer.outline, null, 2)}\n` : outlineText(answer.outline));
  const {
    file: name,
    text,
    warnings,
    error,
  } = JSON.parse(decode(r.body)) as {
    file: string;
    text: string;
    warnings: Warning[];
    error: { message: string; lines: [number, number] | null } | null;
  };
  const n = warnings.length;
  const summary =
    n === 0
      ? 'Check complete, no warnings found.\n'
      : n === 1
        ? 'Check complete, 1 warning has been found!\n'
        : `Check complete, ${n} warnings have been found!\n`;
  const each = warnings.map(
    (w) => `\nWARNING: ${w.rule}${w.url ? ` - ${w.url}` : ''}\n${w.message}\n${build.excerpt({ file: name, text, lines: w.lines })}`,
  );
  if (error === null) {
    yield* print(`${summary}${each.join('')}`);
    return n > 0 ? 1 : 0;
  }
  yield* print(`${n > 0 ? summary + each.join('') : ''}`);
  const where = error.lines ? build.excerpt({ file: name, text, lines: error.lines }) : '';
  throw new CommandError(`ERROR: ${error.message}\n${where}`.trimEnd());
}
