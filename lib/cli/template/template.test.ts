import { describe, expect, test } from 'vitest';
import recorded from '../../fidelity/recordings/templates.json';
import { ofJson, render, TemplateError } from '.';

describe('templates do what Go’s do', () => {
  const data = ofJson(recorded.data);
  test.each(recorded.rows.map((row) => [row.template, row] as const))('%s', (template, { output, error }) => {
    if (error === undefined) expect(render(template, data)).toBe(output);
    else expect(() => render(template, data)).toThrow(new TemplateError(error));
  });
});

describe('hostile templates end', () => {
  test.each([
    ['nested parentheses', `{{${'('.repeat(100_000)}`, 'max expression depth exceeded'],
    ['endless recursion', '{{define "r"}}{{template "r"}}{{end}}{{template "r"}}', 'exceeded maximum template depth'],
    ['a long range', '{{range 99999999}}x{{end}}', 'a range longer than the model runs'],
    ['loops in loops', '{{range 9999}}{{range 9999}}x{{end}}{{end}}', 'more steps than the model runs'],
    ['a wide field', '{{printf "%999999999d" 1}}', ''],
  ])('%s', (_, template, message) => {
    const run = () => render(template, undefined);
    if (message === '') expect(run().length).toBeLessThan(100);
    else expect(run).toThrow(message);
  });
});
