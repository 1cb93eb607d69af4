/** encoding/csv as pflag and docker's options read one record of it. */

/** encoding/csv, one record: what a "strings" flag is split by. */
export function csv(text: string): string[] {
  if (text === '') return [];
  const fields: string[] = [];
  let rest = text;
  for (;;) {
    if (rest.startsWith('"')) {
      const quoted = /^"((?:[^"]|"")*)"(,|$)/.exec(rest);
      if (!quoted) throw new Error(`parse error on line 1, column ${text.length + 1}: extraneous or missing " in quoted-field`);
      fields.push((quoted[1] as string).replaceAll('""', '"'));
      if (quoted[2] === '') return fields;
      rest = rest.slice(quoted[0].length);
    } else {
      const comma = rest.indexOf(',');
      const field = comma < 0 ? rest : rest.slice(0, comma);
      const quote = field.indexOf('"');
      if (quote >= 0) throw new Error(`parse error on line 1, column ${text.length - rest.length + quote + 1}: bare " in non-quoted-field`);
      fields.push(field);
      if (comma < 0) return fields;
      rest = rest.slice(comma + 1);
    }
  }
}
