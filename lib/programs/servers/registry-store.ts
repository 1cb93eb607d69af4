/**
 * A registry's disk, laid out as distribution does: distribution, registry/storage/paths.go.
 *
 *   docker/registry/v2/
 *     blobs/sha256/ab/abcd…/data                             every layer, config and manifest, once
 *     repositories/NAME/_layers/sha256/abcd…/link            which of them a repository may give out
 *     repositories/NAME/_manifests/revisions/sha256/…/link   which of them are manifests of it
 *     repositories/NAME/_manifests/tags/TAG/current/link     what a tag stands for; …/index/ what it has stood for
 *     repositories/NAME/_uploads/UUID/{data,startedat}       what is on its way
 *
 * A link is a file that holds a digest.
 */

import { sha256 } from '../../base';
import { attempt, Errno, removeTree, type Sys } from '../../kernel';
import { slurp, spill } from '../io';

const hex = (digest: string) => digest.replace(/^sha256:/, '');

export class Store {
  readonly sys: Sys;
  /** Of the configuration: rootdirectory. */
  readonly dir: string;
  constructor(sys: Sys, dir: string) {
    this.sys = sys;
    this.dir = dir;
  }

  /** Below this lies everything. */
  get root(): string {
    return `${this.dir}/docker/registry/v2`;
  }
  private repository(name: string): string {
    return `${this.root}/repositories/${name}`;
  }
  private data(digest: string): string {
    return `${this.root}/blobs/sha256/${hex(digest).slice(0, 2)}/${hex(digest)}/data`;
  }

  private write(path: string, data: string) {
    const parts = path.split('/').slice(1, -1);
    let at = '';
    for (const part of parts) {
      at += `/${part}`;
      const made = attempt(() => this.sys.mkdir(at, 0o755));
      if (made instanceof Errno && made.code !== 'EEXIST') throw made;
    }
    spill(this.sys, path, data, 0o644);
  }
  private read(path: string): string | null {
    const text = attempt(() => slurp(this.sys, path));
    return text instanceof Errno ? null : text;
  }
  private names(path: string): string[] {
    const list = attempt(() => this.sys.readdir(path));
    return list instanceof Errno ? [] : list.map((e) => e.name).sort();
  }
  private remove(path: string) {
    attempt(() => removeTree(this.sys, path));
  }
  exists(path: string): boolean {
    return !(attempt(() => this.sys.stat(path)) instanceof Errno);
  }

  // ——— repositories and tags

  /** Names of repositories, in order. */
  repositories(): string[] {
    const walk = (prefix: string): string[] =>
      this.names(`${this.root}/repositories/${prefix}`).flatMap((n) =>
        n.startsWith('_')
          ? []
          : [...(this.exists(`${this.repository(prefix + n)}/_layers`) ? [prefix + n] : []), ...walk(`${prefix}${n}/`)],
      );
    return walk('').sort();
  }
  knows(name: string): boolean {
    return this.exists(this.repository(name));
  }
  /** Null: the repository has never had a tag. */
  tags(name: string): string[] | null {
    const path = `${this.repository(name)}/_manifests/tags`;
    return this.exists(path) ? this.names(path) : null;
  }
  tagged(name: string, tag: string): string | null {
    return this.read(`${this.repository(name)}/_manifests/tags/${tag}/current/link`);
  }
  tag(name: string, tag: string, digest: string) {
    const path = `${this.repository(name)}/_manifests/tags/${tag}`;
    this.write(`${path}/index/sha256/${hex(digest)}/link`, digest);
    this.write(`${path}/current/link`, digest);
  }
  untag(name: string, tag: string) {
    this.remove(`${this.repository(name)}/_manifests/tags/${tag}`);
  }

  // ——— manifests
  manifest(name: string, digest: string): string | null {
    return this.exists(`${this.repository(name)}/_manifests/revisions/sha256/${hex(digest)}/link`) ? this.blob(digest) : null;
  }
  manifests(name: string): string[] {
    return this.names(`${this.repository(name)}/_manifests/revisions/sha256`).map((h) => `sha256:${h}`);
  }
  putManifest(name: string, text: string): string {
    const digest = this.putBlob(text);
    this.write(`${this.repository(name)}/_manifests/revisions/sha256/${hex(digest)}/link`, digest);
    return digest;
  }
  /** The tags that stand for it go too. */
  dropManifest(name: string, digest: string) {
    this.remove(`${this.repository(name)}/_manifests/revisions/sha256/${hex(digest)}`);
    for (const tag of this.tags(name) ?? []) if (this.tagged(name, tag) === digest) this.untag(name, tag);
  }

  // ——— blobs
  blob(digest: string): string | null {
    return this.read(this.data(digest));
  }
  blobs(): string[] {
    return this.names(`${this.root}/blobs/sha256`).flatMap((two) =>
      this.names(`${this.root}/blobs/sha256/${two}`).map((h) => `sha256:${h}`),
    );
  }
  private putBlob(data: string): string {
    const digest = `sha256:${sha256(data)}`;
    if (!this.exists(this.data(digest))) this.write(this.data(digest), data);
    return digest;
  }
  /** A layer or a config of a repository; null where it has none of this digest. */
  layer(name: string, digest: string): string | null {
    return this.exists(`${this.repository(name)}/_layers/sha256/${hex(digest)}/link`) ? this.blob(digest) : null;
  }
  putLayer(name: string, data: string): string {
    const digest = this.putBlob(data);
    this.link(name, digest);
    return digest;
  }
  link(name: string, digest: string) {
    this.write(`${this.repository(name)}/_layers/sha256/${hex(digest)}/link`, digest);
  }
  dropLayer(name: string, digest: string) {
    this.remove(`${this.repository(name)}/_layers/sha256/${hex(digest)}`);
  }
  dropBlob(digest: string) {
    this.remove(this.data(digest).replace(/\/data$/, ''));
  }

  // ——— uploads
  private upload(name: string, id: string): string {
    return `${this.repository(name)}/_uploads/${id}`;
  }
  begin(name: string, id: string, startedAt: string) {
    this.write(`${this.upload(name, id)}/startedat`, startedAt);
    this.write(`${this.upload(name, id)}/data`, '');
  }
  /** What has come of an upload. */
  came(name: string, id: string): string | null {
    return this.read(`${this.upload(name, id)}/data`);
  }
  append(name: string, id: string, more: string): number {
    const all = (this.came(name, id) ?? '') + more;
    if (more !== '') this.write(`${this.upload(name, id)}/data`, all);
    return all.length;
  }
  end(name: string, id: string) {
    this.remove(this.upload(name, id));
  }
}
