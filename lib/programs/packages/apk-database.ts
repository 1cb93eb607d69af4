/**
 * /lib/apk/db/installed: what apk installed, a paragraph a package, a line a field, its first letter the field's name.
 * apk-tools, doc/apk-v2.5: the index's fields, and F and R for directories and the files in them.
 *
 *   P:curl               V:8.12.1-r0          A:x86_64
 *   S:144384  archive    I:254976  installed  D:ca-certificates libcurl
 *   F:usr/bin            R:curl
 *
 * Simplified: no checksums, descriptions, licences and origins; a file's mode and owner are what the disk says.
 */
import type { Package } from './catalogue';
import type { Installed } from './files';

/** Of a virtual package, `paths` are the names of what it stands for, each after an @. */
const needs = (i: Installed, known: Package | undefined): readonly string[] =>
  known?.depends ?? i.paths.filter((p) => p.startsWith('@')).map((p) => p.slice(1));

function filesOf(paths: readonly string[]): string[] {
  const lines: string[] = [];
  let dir = '';
  for (const path of paths.filter((p) => p.startsWith('/'))) {
    const cut = path.lastIndexOf('/');
    const at = path.slice(1, cut);
    if (at !== dir || lines.length === 0) lines.push(`F:${at}`);
    dir = at;
    lines.push(`R:${path.slice(cut + 1)}`);
  }
  return lines;
}

function paragraph(i: Installed, known: Package | undefined): string {
  const depends = needs(i, known);
  return [
    `P:${i.name}`,
    `V:${i.version}`,
    `A:${known ? 'x86_64' : 'noarch'}`,
    `S:${Math.round(known?.download ?? 0)}`,
    `I:${Math.round(known?.installed ?? 0)}`,
    ...(depends.length > 0 ? [`D:${depends.join(' ')}`] : []),
    ...filesOf(i.paths),
    '\n',
  ].join('\n');
}

export const writeInstalled = (list: readonly Installed[], known: Readonly<Record<string, Package>>): string =>
  list.map((i) => paragraph(i, Object.hasOwn(known, i.name) ? known[i.name] : undefined)).join('');

export const readInstalled = (text: string): Installed[] =>
  text.split('\n\n').flatMap((block) => {
    const i: Installed = { name: '', version: '', paths: [] };
    let [dir, virtual] = ['', false];
    for (const line of block.split('\n')) {
      const [field, value] = [line.slice(0, 2), line.slice(2)];
      if (field === 'P:') i.name = value;
      else if (field === 'V:') i.version = value;
      else if (field === 'A:') virtual = value === 'noarch';
      else if (field === 'D:' && virtual) i.paths.push(...value.split(' ').map((n) => `@${n}`));
      else if (field === 'F:') dir = value;
      else if (field === 'R:') i.paths.push(`${dir === '' ? '' : '/'}${dir}/${value}`);
    }
    return i.name === '' ? [] : [i];
  });
