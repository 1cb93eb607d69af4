import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';
const [, , html, out, theme = 'day', width = '1080'] = process.argv;
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--allow-file-access-from-files'] });
const p = await b.newPage({ viewport: { width: Number(width), height: 800 } });
let text = readFileSync(html, 'utf8').replace('<html>', `<html data-theme="${theme}">`).replaceAll('url("/fonts', `url("file:///work/wt/compose/public/fonts`).replaceAll("url('/fonts", "url('file:///work/wt/compose/public/fonts").replaceAll('url(/fonts','url(file:///work/wt/compose/public/fonts');
(await import('node:fs')).writeFileSync(html + '.x.html', text);
await p.goto('file://' + html + '.x.html'); await p.waitForTimeout(300);
await p.screenshot({ path: out, fullPage: true }); await b.close();
