/** Every rule finds its example and is content with its mend; comments narrow rules; text that is no Dockerfile has no findings. */
import { describe, expect, test } from 'vitest';
import { readScript } from '../../../machine/script';
import { LINT_RULES, type LintRuleName, lint } from '.';

describe.each(Object.entries(LINT_RULES))('%s', (name, rule) => {
  const found = (text: string) => lint(text, readScript, [name as LintRuleName]).length;
  test('finds its example', () => expect(found(rule.example)).toBeGreaterThan(0));
  test('is content with its mend', () => expect(found(rule.mend)).toBe(0));
});

const rulesIn = (text: string) => lint(text, readScript).map((f) => `${f.rule} ${f.lines.join('-')}`);

test('commands are found wherever the shell would run them', () => {
  expect(rulesIn('FROM alpine:3.20\nRUN if true; then echo "$(cd /srv; ls)"; fi')).toEqual(['DL3003 2-2']);
  expect(rulesIn('FROM alpine:3.20\nRUN echo "cd /srv"')).toEqual([]);
});

test('a here-document is read as the script that it is', () => {
  expect(rulesIn('FROM alpine:3.20\nRUN <<EOF\nset -e\ncd /srv\nEOF\n')).toEqual(['DL3003 2-5']);
});

test.each([
  ['# hadolint ignore=DL3003\n', []],
  ['# hadolint ignore=DL3004\n', ['DL3003 3-3']],
])('comment %j', (comment, findings) => expect(rulesIn(`FROM alpine:3.20\n${comment}RUN cd /srv\n`)).toEqual(findings));

test.each(['', 'nonsense', '\0\0', 'RUN <<EOF\nno end', 'FROM alpine:3.20\nRUN if (((', 'FROM alpine:3.20\nRUN --mount=type=what x'])(
  '%j is read as far as it goes',
  (text) => expect(() => lint(text, readScript)).not.toThrow(),
);
