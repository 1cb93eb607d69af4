/**
 * After `next build`: gives every built page its Content-Security-Policy (policy.ts), writes the service worker that keeps the
 * build (offline.ts), and notes what was built (stamp.mjs).
 *
 *   seal.ts          the server's build in .next
 *   seal.ts out      a static export
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ofExport, ofServer, writeWorker } from './offline';
import { seal } from './policy';
import { writeStamp } from './stamp.mjs';

const exported = process.argv[2];
const built = exported ?? path.join('.next', 'server', 'app');
const pages = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
for (const page of pages) {
  const file = path.join(built, page);
  writeFileSync(file, seal(readFileSync(file, 'utf8')));
}
const kept = exported ? writeWorker(ofExport(exported), exported) : writeWorker(ofServer(), 'public');
if (!exported) writeStamp();
process.stdout.write(`Sealed ${pages.length} pages; ${kept} files are kept for a time without a network.\n`);
