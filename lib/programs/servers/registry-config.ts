/**
 * A registry's configuration: a file of YAML, and variables that say the same: distribution, configuration/parser.go.
 *
 *   REGISTRY_STORAGE_DELETE_ENABLED=true      storage: { delete: { enabled: true } }
 *
 * Simplified: of YAML, maps by indentation, words, and lists of words in brackets.
 */

export type Tree = { [key: string]: Tree | string };

const word = (text: string): string => text.replace(/^(["'])(.*)\1$/, '$2');

/** The lines of a file as maps within maps. */
export function parseYaml(text: string): Tree {
  const root: Tree = {};
  const open: { indent: number; tree: Tree }[] = [{ indent: -1, tree: root }];
  for (const line of text.split('\n')) {
    const m = /^( *)([^\s#][^:]*?):(?:\s+(.*?))?\s*$/.exec(line.replace(/\s+#.*$/, ''));
    if (!m) continue;
    const [indent, key, value] = [(m[1] as string).length, word(m[2] as string), m[3] ?? ''];
    while (indent <= (open.at(-1) as { indent: number }).indent) open.pop();
    const { tree } = open.at(-1) as { tree: Tree };
    if (value === '') {
      const inner: Tree = {};
      tree[key] = inner;
      open.push({ indent, tree: inner });
    } else tree[key] = word(value.replace(/^\[(.*)\]$/, '$1'));
  }
  return root;
}

/** REGISTRY_A_B=c sets a.b; what stood there as a map or as a word gives way. */
export function withEnv(tree: Tree, env: Readonly<Record<string, string>>): Tree {
  const out = JSON.parse(JSON.stringify(tree)) as Tree;
  for (const [name, value] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith('REGISTRY_')) continue;
    const path = name.slice('REGISTRY_'.length).toLowerCase().split('_');
    const last = path.pop() as string;
    let at = out;
    for (const part of path) {
      const there = at[part];
      const inner: Tree = typeof there === 'object' ? there : {};
      // A word that names a kind, as in REGISTRY_AUTH=htpasswd, becomes a map of that kind's settings.
      if (typeof there === 'string') inner[there] = {};
      at[part] = inner;
      at = inner;
    }
    if (!(typeof at[last] === 'object' && value in (at[last] as Tree))) at[last] = value;
  }
  return out;
}

export const at = (tree: Tree, ...path: string[]): Tree | string | undefined => {
  let here: Tree | string | undefined = tree;
  for (const part of path) here = typeof here === 'object' ? here[part] : undefined;
  return here;
};

export const textAt = (tree: Tree, ...path: string[]): string => {
  const found = at(tree, ...path);
  return typeof found === 'string' ? found : '';
};
