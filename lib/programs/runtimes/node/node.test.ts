/** Programs as Node 20 answers them, which says the same of these (rows.json: what `node -e` prints, the line of its error, its status); and servers in containers. */
import { describe, expect, test } from 'vitest';
import '../../../machine/whole';
import { boot, type Machine, step } from '../../../machine';
import rows from './rows.json';

const session = () => {
  let { machine }: { machine: Machine } = boot('lab', 1);
  return (text: string) => {
    const done = step(machine, { kind: 'line', text });
    machine = done.machine;
    const out = done.trace.output.replaceAll('\r\n', '\n');
    return out.slice(out.indexOf('\n') + 1).replace(/\n?root@dock:~\/lab# $/, '');
  };
};
const save = (name: string, text: string) => `cat > ${name} <<'END'\n${text}\nEND`;

describe('programs', () => {
  const run = session();
  run('docker pull -q node:22-slim; docker run -d --name js -v .:/w -w /w node:22-slim sleep 100000');
  test.each(rows.map((r) => [r.program, r] as const))('%s', (_, r) => {
    run(save('p.js', r.program));
    const told = run('docker exec js sh -c \'node -e "$(cat p.js)" 2> err; echo "= $?"; grep -m 1 "Error: " err\'');
    expect(told).toBe(`${r.out}= ${r.status}${r.err ? `\n${r.err}` : ''}`);
  });
});

test.each([
  ['console.log(12n)', 'BigInt'],
  ['require("child_process")', "require('child_process')"],
  ['async function* f() { yield 1 } f()', 'an async generator'],
  ['/(a+)+b/.test("a")', 'a regular expression in which what repeats is repeated'],
])('%s is not modelled, and says so', (program, what) => {
  const run = session();
  run('docker pull -q node:22-slim');
  expect(run(`docker run --rm node:22-slim node -e '${program}'`)).toBe(`drydock: ${what} of Node is not modelled`);
});

test.each([
  [`echo 'console.log("from", 1 + 1)' | docker run --rm -i node:22-slim`, 'from 2'],
  [`docker run --rm -i node:22-slim node - <<'E'\nconsole.log(__filename)\nE`, '[stdin]'],
])('%s', (text, told) => {
  const run = session();
  run('docker pull -q node:22-slim');
  expect(run(text)).toContain(told);
});

describe('servers', () => {
  const run = session();
  run('mkdir lib');
  run(
    save(
      'server.js',
      `import http from 'node:http';
let hits = 0;
const server = http.createServer((req, res) => {
  if (req.url !== '/') {
    res.writeHead(404, { 'Content-Type': 'text/plain' });
    return res.end('none\\n');
  }
  res.end(\`hello \${++hits}\\n\`);
});
server.listen(process.env.PORT ?? 3000, () => console.log('up at', server.address().port));
process.on('SIGTERM', () => {
  console.log('going');
  server.close(() => process.exit(0));
});`,
    ),
  );
  run(
    save(
      'app.js',
      `const express = require('express');
const app = express();
app.use((req, res, next) => { console.log(req.method, req.url); next(); });
app.get('/item/:id', (req, res) => res.status(201).json({ id: req.params.id, q: req.query.q }));
app.listen(3000);`,
    ),
  );
  run(save('lib/shop.js', 'exports.stock = { apples: 3 };\nmodule.exports.price = async (n) => { await null; return n * 2; };'));
  run(
    save(
      'api.js',
      `const http = require('http');
const { stock, price } = require('./lib/shop');
class Missing extends Error {}
http.createServer(async (req, res) => {
  try {
    const { pathname, searchParams } = new URL(req.url, 'http://x');
    if (!(pathname.slice(1) in stock)) throw new Missing(pathname);
    res.setHeader('Content-Type', 'application/json');
    res.end(JSON.stringify({ ...stock, cost: await price(Number(searchParams.get('n') ?? 1)) }));
  } catch (e) {
    res.writeHead(e instanceof Missing ? 404 : 500).end(e.message);
  }
}).listen(4000);`,
    ),
  );
  run(
    save(
      'Dockerfile',
      'FROM node:22-slim\nWORKDIR /app\nRUN npm install express@4 --no-audit --no-fund\nCOPY *.js .\nCOPY lib lib\nCMD ["node", "server.js"]',
    ),
  );
  run('docker build -q -t web .');

  test('http: answers, and ends when it is asked to', () => {
    run('docker run -d --name one -e PORT=8080 -p 8080:8080 web; sleep 1');
    expect(run("curl -s localhost:8080; curl -s localhost:8080; curl -s -o /dev/null -w '%{http_code}\\n' localhost:8080/x")).toBe(
      'hello 1\nhello 2\n404',
    );
    expect(run("docker stop one > /dev/null; docker logs one; docker inspect -f '{{.State.ExitCode}}' one")).toBe('up at 8080\ngoing\n0');
  });
  test('Express: routes, middleware, and no handler for TERM', () => {
    run('docker run -d --name two -p 3000:3000 web node app.js; sleep 1');
    expect(run("curl -s 'localhost:3000/item/7?q=x'; echo; curl -s localhost:3000/no | grep pre")).toBe(
      '{"id":"7","q":"x"}\n<pre>Cannot GET /no</pre>',
    );
    expect(run("docker logs two; docker stop -t 1 two > /dev/null; docker inspect -f '{{.State.ExitCode}}' two")).toBe(
      'GET /item/7?q=x\nGET /no\n137',
    );
  });
  test('a server with a handler that waits, and a module of its own', () => {
    run('docker run -d --name three -p 4000:4000 web node api.js; sleep 1');
    expect(run("curl -s 'localhost:4000/apples?n=4'; echo; curl -s -w ' %{http_code}' localhost:4000/pears")).toBe(
      '{"apples":3,"cost":8}\n/pears 404',
    );
  });
  test('a package that is not there', () => {
    expect(run('docker run --rm node:22-slim node -e \'require("express")\' 2>&1 | grep Error')).toBe(
      "Error: Cannot find module 'express'",
    );
  });
  test('what it may have, and what the host has', () => {
    expect(run('docker run --rm -m 128m node:22-slim -p \'process.constrainedMemory() + " " + os.totalmem()\'')).toBe(
      '134217728 4109590528',
    );
  });
});
