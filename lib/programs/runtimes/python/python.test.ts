/** Python programs as CPython 3.11 answers them (rows.json: what `python3 -c` prints, the last line of its errors, its status); and in containers. */
import { describe, expect, test } from 'vitest';
import '../../../machine/whole';
import { boot, type Machine, step } from '../../../machine';
import rows from './rows.json';

const session = () => {
  let { machine }: { machine: Machine } = boot('lab', 1);
  return (text: string) => {
    const done = step(machine, { kind: 'line', text });
    machine = done.machine;
    return done.trace.output.replaceAll('\r\n', '\n');
  };
};
const save = (name: string, text: string) => `cat > ${name} <<'END'\n${text}\nEND`;

describe('programs', () => {
  const run = session();
  run('docker run -d --name py -v .:/w -w /w python:3.12-slim sleep 100000');
  test.each(rows.map((r) => [r.program.split('\n')[0], r] as const))('%s', (_, r) => {
    run(save('p.py', r.program));
    const told = run('docker exec py sh -c \'python3 -c "$(cat p.py)" 2> err; echo "= $?"; tail -n 1 err\'').replace(/\n[^\n]*$/, '');
    expect(told.slice(told.indexOf('\n') + 1)).toBe(`${r.out}= ${r.status}${r.err ? `\n${r.err}` : ''}`);
  });
});

test.each([
  ['def f():\n    yield 1', '"yield"'],
  ['print(y := 1)', '":="'],
  ['import sqlite3', 'the module sqlite3'],
  ['import os; os.fork()', 'os.fork'],
])('%s is not modelled, and says so', (program, what) => {
  expect(session()(`docker run --rm python:3.12-slim python3 -c '${program}'`)).toContain(`drydock: ${what} of Python is not modelled\n`);
});

test.each([
  [`echo 'print("from", 1 + 1)' | docker run --rm -i python:3.12-slim python`, 'from 2\n'],
  [`printf 'import sys\nprint(sys.argv)' | docker run --rm -i python:3.12-slim python - a b`, "['-', 'a', 'b']\n"],
  [`docker run --rm -i python:3.12-slim python3 <<'E'\nfor i in range(2):\n    print(i)\nE`, '0\n1\n'],
  [`(echo 'x = 1'; sleep 1; echo 'print(x)') | docker run --rm -i python:3.12-slim python`, '1\n'],
])('%s', (text, told) => expect(session()(text)).toContain(told));

describe('servers', () => {
  const run = session();
  const FLASK = `from flask import Flask
import socket
app = Flask(__name__)
hits = 0
@app.route("/")
def home():
    global hits
    hits += 1
    return f"hello {hits}\\n"
@app.route("/item/<int:n>")
def item(n):
    return {"n": n}
@app.route("/bad")
def bad():
    return 1 / 0
if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)`;
  run(save('web.py', FLASK));
  run(
    save(
      'plain.py',
      'def app(environ, start_response):\n    start_response("200 OK", [("Content-Type", "text/plain")])\n    return [b"plain " + environ["PATH_INFO"].encode()]',
    ),
  );
  run(
    save(
      'base.py',
      'from http.server import HTTPServer, BaseHTTPRequestHandler\nclass H(BaseHTTPRequestHandler):\n    def do_GET(self):\n        self.send_response(200)\n        self.send_header("Content-Type", "text/plain")\n        self.end_headers()\n        self.wfile.write(b"at " + self.path.encode())\nHTTPServer(("", 8000), H).serve_forever()',
    ),
  );
  run(
    save(
      'Dockerfile',
      'FROM python:3.12-slim\nRUN pip install --no-cache-dir flask gunicorn\nWORKDIR /app\nCOPY *.py .\nCMD ["gunicorn", "-w", "2", "-b", "0.0.0.0:8000", "web:app"]',
    ),
  );
  run('docker build -q -t shop .');

  test('http.server', () => {
    run('docker run -d --name base -p 8001:8000 shop python base.py; sleep 1');
    expect(run('curl -s localhost:8001/x')).toContain('\nat /x');
    expect(run('docker logs base')).toMatch(/172\.17\.0\.1 - - \[\d\d\/Nov\/2025 [\d:]+\] "GET \/x HTTP\/1\.1" 200 -\n/);
  });
  test('-m http.server says where it is only when its buffer is written', () => {
    run('docker run -d --name files -p 8002:8000 shop python -m http.server; sleep 1');
    expect(run('curl -s -o /dev/null -w "%{http_code}\\n" localhost:8002/none; docker logs files')).toMatch(
      /\n404\n172.* code 404, message File not found\n172.*"GET \/none HTTP\/1\.1" 404 -\nroot@/,
    );
    expect(run('docker kill -s INT files; docker logs files')).toContain('Serving HTTP on 0.0.0.0 port 8000');
  });
  test('Flask', () => {
    run('docker run -d --name flask -p 5000:5000 shop python web.py; sleep 1');
    expect(
      run(
        'curl -s localhost:5000/; curl -s localhost:5000/; curl -s localhost:5000/item/7; curl -s -o /dev/null -w "%{http_code}\\n" localhost:5000/bad',
      ),
    ).toContain('hello 1\nhello 2\n{"n":7}\n500\n');
    expect(run('docker logs flask 2>&1 | tail -8')).toMatch(
      /ERROR in app: Exception on \/bad \[GET\]\nTraceback[\s\S]*ZeroDivisionError: division by zero\n/,
    );
  });
  test('gunicorn: workers, and a stop that lets them go', () => {
    run('docker run -d --name gu -p 8000:8000 shop; sleep 1');
    expect(run('curl -s localhost:8000/; docker top gu | wc -l')).toContain('hello 1\n4\n');
    expect(run('docker stop gu; docker logs gu 2>&1 | tail -4')).toMatch(
      /\[1\] \[INFO\] Handling signal: term\n.*Worker exiting[\s\S]*\[1\] \[INFO\] Shutting down: Master\n/,
    );
  });
  test('gunicorn replaces a worker that was killed', () => {
    run('docker run -d --name gk shop gunicorn -b 0.0.0.0:8000 plain:app; sleep 1; docker exec gk sh -c "kill -9 2"; sleep 1');
    expect(run('docker logs gk 2>&1 | tail -2')).toMatch(
      /\(pid:2\) was sent SIGKILL! Perhaps out of memory\?\n.*Booting worker with pid: \d+\n/,
    );
  });
  test('gunicorn needs a place for its heartbeat', () => {
    expect(run('docker run --rm --read-only shop 2>&1 | tail -1; echo ${PIPESTATUS[0]}')).toMatch(/Reason: Worker failed to boot\.\n3\n/);
    expect(
      run(
        'docker run -d --read-only --name ro shop gunicorn --worker-tmp-dir /dev/shm -b 0.0.0.0:8000 plain:app; sleep 1; docker exec ro ls /dev/shm; docker inspect -f "{{.State.Status}}" ro',
      ),
    ).toContain('running');
  });
  test('memory counts', () => {
    expect(
      run(
        `docker run --rm -m 32m shop python -c 'x = []\nfor i in range(9):\n    x.append(bytearray(10 * 1024 * 1024))\n    print(i, flush=True)'; echo $?`,
      ),
    ).toMatch(/\n0\n1\n137\n/);
  });
});
