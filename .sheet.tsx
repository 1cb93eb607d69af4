import * as React from 'react';
(globalThis as any).React = React;
import { readFileSync, writeFileSync } from 'node:fs';
import { renderToStaticMarkup } from 'react-dom/server';
import { Pens } from './components/figures/pens';
import { boot, step } from './components/machine/engine';
import './lib/machine/whole';
const [, , id, name, out] = process.argv;
const { kind } = await import(`./components/xrays/${id}`);
const scripts = JSON.parse(readFileSync(name, 'utf8')) as { title: string; lines: string[]; of?: string }[];
let html = '';
for (const s of scripts) {
  let at: any = { ...boot('lab', 13), before: null };
  for (const text of s.lines) {
    const r = step(at.machine, text.startsWith('@') ? { kind: 'wait', seconds: Number(text.slice(1)) } : { kind: 'line', text });
    at = { machine: r.machine, trace: r.trace, before: r.trace.changed ? at.machine : at.before };
    if (r.trace.notice) console.log(r.trace.notice);
  }
  const of = s.of ?? kind.among?.names(at.machine)[0] ?? null;
  const view = kind.view(at, of);
  if (!view) { console.log(s.title, 'nothing', at.trace.output); continue; }
  html += `<h3>${s.title}</h3><div style="display:flex;gap:40px;flex-wrap:wrap"><div class="W">${renderToStaticMarkup(<kind.Draw view={view} w={552} />)}</div><div class="N">${renderToStaticMarkup(<kind.Draw view={view} w={350} narrow />)}</div></div>`;
}
const css = ['tokens', 'drawing'].map((f) => { try { return readFileSync(`app/${f}.css`, 'utf8'); } catch { return ''; } }).join('\n');
writeFileSync(out, `<html><head><style>${css}\n.N .narrow,.W .wide{display:block!important} body{padding:20px;background:var(--paper);color:var(--ink);font-family:Iosevka,monospace}</style></head><body>${renderToStaticMarkup(<Pens />)}${html}</body></html>`);
