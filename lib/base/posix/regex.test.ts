/** Rows recorded from GNU sed 4.9, GNU grep 3.12 and their regcomp (glibc 2.42). */
import { describe, expect, it } from 'vitest';
import { compileRegex, groupText, type RegexOptions } from './regex';

const SED_E: RegexOptions = { syntax: 'ere', dialect: 'sed' };
const SED: RegexOptions = { syntax: 'bre', dialect: 'sed' };
const GREP_E: RegexOptions = { syntax: 'ere', dialect: 'grep' };
const GREP: RegexOptions = { syntax: 'bre', dialect: 'grep' };

/** options, pattern, subject, groups of the first match (null: none; string: error). */
const rows: [RegexOptions, string, string, string[] | null | string][] = [
  [SED, '\\(a\\)b\\{', 'ab', 'Unmatched \\{'],
  [SED_E, 'b{2', 'b', 'Unmatched \\{'],
  [SED_E, 'b{x}', 'b', 'Invalid content of \\{\\}'],
  [SED_E, 'b{3,2}', 'b', 'Invalid content of \\{\\}'],
  [SED_E, 'b{,1}', 'b', ['b']],
  [SED_E, '{', 'b', 'Invalid preceding regular expression'],
  [SED_E, 'a|*b', 'b', 'Invalid preceding regular expression'],
  [SED_E, '(+b)', 'b', 'Invalid preceding regular expression'],
  [SED_E, '^*a', 'b', 'Invalid preceding regular expression'],
  [SED_E, 'a)', 'b', 'Unmatched ) or \\)'],
  [SED_E, '(a', 'b', 'Unmatched ( or \\('],
  [SED, '\\{1\\}', 'b', 'Invalid preceding regular expression'],
  [SED, '^*a', '*a', ['*a']],
  [SED, '\\(*\\)', 'x*', ['*', '*']],
  [SED, '[[:foo:]]', '', 'Invalid character class name'],
  [SED, '[z-a]', '', 'Invalid range end'],
  [SED, '[a', '', 'Unmatched [, [^, [:, [., or [='],
  [SED, '\\(a\\)\\2', '', 'Invalid back reference'],
  [SED, 'a\\{99999\\}', '', 'Regular expression too big'],
  [SED_E, 'a+*', 'aab', ['aa']],
  [GREP_E, '*b', 'ab', ['b']],
  [GREP_E, 'c)', 'c)', ['c)']],
  [GREP_E, 'b{', 'b{', ['b{']],
  [GREP_E, 'b{2', 'b{2', ['b{2']],
  [GREP, 'a\\', '', 'Trailing backslash'],
  [SED_E, 'a|ab|abc', 'xabcd', ['abc']],
  [SED_E, '(a*)(ab)*(b*)', 'abb', ['abb', 'a', '', 'bb']],
  [SED_E, '(a*)*b', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac', null],
  [SED_E, '(x+x+)+y', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', null],
  [SED_E, '(.)\\1', 'abccd', ['cc', 'c']],
  [SED, '\\(.*\\)\\n\\1$', 'foo\nfoo', ['foo\nfoo', 'foo']],
  [SED, '\\bfoo\\b', 'a foo b', ['foo']],
  [SED, '\\<b', 'ab b', ['b']],
  [SED, 'a\\+b\\?', 'caab', ['aab']],
  [SED, 'x\\|y', 'ay', ['y']],
  [SED, '[]a]*', ']a]b', [']a]']],
  [SED, '[^]a]', ']ab', ['b']],
  [SED, '[a\\n]*', 'a\na', ['a\na']],
  [SED, '[\\.]*', '\\.', ['\\.']],
  [SED, 'a*\\{2\\}', 'aab', ['aa']],
  [SED, 'a^b$c', 'a^b$c', ['a^b$c']],
  [SED_E, '[[:digit:]]{2,3}', 'a1234', ['123']],
  [SED_E, '\\x41\\d066', 'AB', ['AB']],
  [{ ...SED_E, icase: true }, '[^a]b', 'AbCB', ['CB']],
  [{ ...SED_E, newline: true }, '^b$', 'a\nb\nc', ['b']],
  [{ ...SED_E, utf8: true }, '^.$', '\xe2\x80\xa6', ['\xe2\x80\xa6']],
  [{ ...SED_E, utf8: true }, '[\xc3\xa9]+x', 'a\xc3\xa9\xc3\xa9x', ['\xc3\xa9\xc3\xa9x']],
  [SED_E, '(a|b)*c|(a|ab)*c', 'abc', ['abc', 'b', '']],
  [SED_E, '(^|x)a', 'xa', ['xa', 'x']],
];

describe('POSIX regular expressions', () => {
  it.each(rows)('%j %s on %j', (options, pattern, subject, expected) => {
    if (typeof expected === 'string') return expect(() => compileRegex(pattern, options)).toThrow(expected);
    const match = compileRegex(pattern, options).exec(subject);
    expect(match && Array.from({ length: match.length / 2 }, (_, g) => groupText(subject, match, g))).toEqual(expected);
  });
});
