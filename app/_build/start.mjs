/** `npm start`: on a machine with nothing but Node, installs, builds if stale, serves, and prints where. PORT chooses the port. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { build, checkNode, install } from './prepare.mjs';

const isFree = (port) =>
  new Promise((answer) => {
    const probe = createServer();
    probe.once('error', () => answer(false));
    probe.listen(port, () => probe.close(() => answer(true)));
  });

async function choosePort() {
  const wanted = process.env.PORT;
  if (wanted !== undefined) {
    const port = Number(wanted);
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`PORT must be a number from 1 to 65535, not "${wanted}".`);
    if (!(await isFree(port))) throw new Error(`Port ${port} is in use. Choose another: PORT=${port + 1} npm start`);
    return port;
  }
  for (let port = 3000; port < 3100; port++) if (await isFree(port)) return port;
  throw new Error('No free port between 3000 and 3099. Choose one: PORT=8000 npm start');
}

try {
  checkNode();
  install();
  build();
  const port = await choosePort();
  const server = spawn(process.execPath, [path.join('app', '_build', 'serve.mjs'), String(port)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
  server.on('exit', (code) => process.exit(code ?? 0));
  console.log(`\nDrydock is at http://localhost:${port}\n`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
