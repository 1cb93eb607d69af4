/** An archive that `docker save` of Engine 28.5 wrote: loaded, the same image; saved again, the same layers, config and manifest. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { consoleOn } from '../machine';

// docker build -t recorded-small:1 on: FROM scratch; COPY x l /d/; ADD x /d/y; ENV A=1; CMD ["/d/x"], where l is a link to x
const RECORDED = readFileSync(join(import.meta.dirname, 'recorded/saved-image.tar.gz.base64'), 'utf8');
const ID = 'sha256:335b211b7eb47993c0d8347dab52265caac00b1d7c4247937bd85e2ed5f0f51d';
const LAYERS = [
  'sha256:33cec29e5256322d164f85f38bb8dc9f2ec73278ad1e48ab238a38a7c4e3d88a',
  'sha256:439c4605ddeb79bc177d88f83ea8f56218688fd10350f9588da708f85e9f1f25',
];

function machine() {
  const c = consoleOn('lab', 1);
  const say = (command: string) => c.run(command).output.trim();
  c.run(`cat > a.b64 <<'EOF'\n${RECORDED}EOF`);
  say('base64 -d a.b64 | gunzip > a.tar');
  return say;
}

test('what the engine saved is loaded as it was', () => {
  const say = machine();
  expect(say('docker load -i a.tar')).toBe('Loaded image: recorded-small:1');
  expect(say("docker inspect -f '{{.Id}} {{json .RootFS.Layers}}' recorded-small:1")).toBe(`${ID} ${JSON.stringify(LAYERS)}`);
  expect(say('docker create --name one recorded-small:1 >/dev/null; docker cp one:/d/y - | tar xO')).toBe('hello');
});

test('saved again, it has the same blobs and the same documents', () => {
  const say = machine();
  say('docker load -i a.tar; docker save -o b.tar recorded-small:1');
  for (const f of ['a', 'b']) say(`mkdir ${f}; tar xf ${f}.tar -C ${f}`);
  expect(say('diff -r a b')).toBe('');
  expect(say('for f in a b; do tar tvf $f.tar | grep -v /$ > $f.txt; done; diff a.txt b.txt')).toBe('');
});

test('an archive with a layer that was tampered with is refused', () => {
  const say = machine();
  say(`mkdir a; tar xf a.tar -C a; echo more >> a/blobs/sha256/${(LAYERS[0] as string).slice(7)}; tar cf b.tar -C a .`);
  expect(say('docker load -i b.tar')).toContain('invalid diffID for layer 0');
});

test('an image that was pruned away comes back by a pull, the same and whole', () => {
  const say = (
    (c) => (command: string) =>
      c.run(command).output.trim()
  )(consoleOn('lab', 1));
  const id = say("docker inspect -f '{{.Id}}' busybox:1.36");
  const files = 'docker run --rm busybox:1.36 find / -xdev | sort | sha256sum';
  const before = say(files);
  say('docker system prune -af');
  expect(say('docker images -q')).toBe('');
  say('docker pull busybox:1.36');
  expect(say("docker inspect -f '{{.Id}}' busybox:1.36")).toBe(id);
  expect(say(files)).toBe(before);
});
