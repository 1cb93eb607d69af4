/** After `next build`: gives every built page its Content-Security-Policy (policy.ts), then notes what was built (stamp.mjs). */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { seal } from './policy';
import { writeStamp } from './stamp.mjs';

const built = path.join('.next', 'server', 'app');
const pages = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
for (const page of pages) {
  const file = path.join(built, page);
  writeFileSync(file, seal(readFileSync(file, 'utf8')));
}
writeStamp();
process.stdout.write(`Sealed ${pages.length} pages.\n`);
