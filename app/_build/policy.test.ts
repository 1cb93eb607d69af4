import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { externalScripts, inlineScripts, policyFor, seal } from './policy';

const sha = (s: string) => `'sha256-${createHash('sha256').update(s).digest('base64')}'`;

describe('inline scripts, as a browser sees them', () => {
  const rows: [string, string, string[]][] = [
    ['one', '<head><script>a()</script></head>', ['a()']],
    ['attributes and upper case', '<SCRIPT id="_R_" ASYNC="">b("</p>")</SCRIPT>', ['b("</p>")']],
    ['external ones are the business of self', '<script src="/x.js"></script><script src=y></script>', []],
    ['data blocks do not run', '<script type="application/ld+json">{}</script><script type="application/json">1</script>', []],
    ['modules run', '<script type="module">import "/m.js"</script>', ['import "/m.js"']],
    ['text that looks like a script', '<p title="<script>no()</script>">&lt;script&gt;no()</p><!-- <script>no()</script> -->', []],
    ['in a template', '<template><script>t()</script></template>', ['t()']],
    ['entities in scripts are not decoded', '<script>x = "&amp;"</script>', ['x = "&amp;"']],
  ];
  it.each(rows)('%s', (_, html, scripts) => expect(inlineScripts(html)).toEqual(scripts));
});

describe('the policy', () => {
  it('names each hash once and allows neither eval nor unnamed scripts', () => {
    const policy = policyFor(['a', 'b', 'a']);
    expect(policy).toContain(`script-src 'self' ${sha('a')} ${sha('b')};`);
    expect(policy).not.toMatch(/script-src[^;]*(unsafe|\*|data:)/);
  });

  it('comes before anything else in the head', () => {
    const html = '<!DOCTYPE html><html><head data-x=">"><meta charSet="utf-8"/><script>a</script></head><body></body></html>';
    expect(seal(html)).toBe(
      `<!DOCTYPE html><html><head data-x=">"><meta http-equiv="Content-Security-Policy" content="${policyFor(['a'])}"/>` +
        '<meta charSet="utf-8"/><script>a</script></head><body></body></html>',
    );
  });

  it('is put in once, and only into a page', () => {
    expect(() => seal(seal('<html><head></head></html>'))).toThrow('already carries');
    expect(() => seal('plain text')).toThrow('no <head>');
  });
});

it('tells what every browser fetches from what only old ones do', () => {
  const html = '<script src="/a.js" async></script><script src="/old.js" noModule=""></script><script>inline()</script>';
  expect(externalScripts(html)).toEqual(['/a.js']);
  expect(externalScripts(html, true)).toEqual(['/old.js']);
});
