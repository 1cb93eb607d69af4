/** What Go's encoding/json says of text that is no JSON: scanner.go. Null where there is nothing to say. */

const END = 'unexpected end of JSON input';
class Complaint extends Error {}

const shown = (c: string): string => (c === "'" ? `'\\''` : c === '"' ? `'"'` : `'${JSON.stringify(c).slice(1, -1)}'`);

export function jsonComplaint(text: string): string | null {
  let at = 0;
  const end = () => at >= text.length;
  const bad = (where: string): never => {
    throw new Complaint(end() ? END : `invalid character ${shown(text[at] as string)} ${where}`);
  };
  const space = () => {
    while (!end() && ' \t\r\n'.includes(text[at] as string)) at++;
  };
  const is = (set: RegExp) => !end() && set.test(text[at] as string);
  const digits = (where: string) => {
    if (!is(/\d/)) bad(where);
    while (is(/\d/)) at++;
  };

  function string() {
    for (at++; ; at++) {
      if (end() || (text[at] as string) < ' ') bad('in string literal');
      if (text[at] === '"') break;
      if (text[at] !== '\\') continue;
      at++;
      if (is(/u/)) {
        for (let i = 0; i < 4; i++) {
          at++;
          if (!is(/[0-9a-fA-F]/)) bad('in \\u hexadecimal character escape');
        }
      } else if (!is(/["\\/bfnrt]/)) bad('in string escape code');
    }
    at++;
  }

  function number() {
    if (text[at] === '-') at++;
    if (is(/0/)) at++;
    else digits('in numeric literal');
    if (is(/\./)) {
      at++;
      digits('after decimal point in numeric literal');
    }
    if (is(/[eE]/)) {
      at++;
      if (is(/[+-]/)) at++;
      digits('in exponent of numeric literal');
    }
  }

  /** Between brackets: items, each followed by a comma or the end. */
  function list(close: string, item: () => void, after: string) {
    at++;
    space();
    if (text[at] === close) {
      at++;
      return;
    }
    for (;;) {
      item();
      space();
      const next = text[at];
      if (next !== ',' && next !== close) bad(after);
      at++;
      if (next === close) return;
      space();
    }
  }

  function member() {
    if (text[at] !== '"') bad('looking for beginning of object key string');
    string();
    space();
    if (text[at] !== ':') bad('after object key');
    at++;
    value();
  }

  function value() {
    space();
    const word = ['true', 'false', 'null'].find((w) => w[0] === text[at]);
    if (word)
      for (const letter of word) {
        if (text[at] !== letter) bad(`in literal ${word} (expecting '${letter}')`);
        at++;
      }
    else if (text[at] === '{') list('}', member, 'after object key:value pair');
    else if (text[at] === '[') list(']', value, 'after array element');
    else if (text[at] === '"') string();
    else if (is(/[-\d]/)) number();
    else bad('looking for beginning of value');
  }

  try {
    value();
    space();
    if (!end()) bad('after top-level value');
    return null;
  } catch (e) {
    if (e instanceof Complaint) return e.message;
    throw e;
  }
}
