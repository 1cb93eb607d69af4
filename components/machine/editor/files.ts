/** What is known of a file by its name. */

export type FileKind = 'dockerfile' | 'compose' | 'other';

export function kindOfFile(path: string): FileKind {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^(docker|container)file(\..+)?$|\.dockerfile$/i.test(name)) return 'dockerfile';
  return /^(docker-)?compose([.-].+)?\.ya?ml$/.test(name) ? 'compose' : 'other';
}
