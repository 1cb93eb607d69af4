/** `python -m http.server`: files of a directory, and lists of directories. SimpleHTTPRequestHandler of Python 3.12. */
import { attempt, Errno, type Sys } from '../../../kernel';
import { slurp } from '../../io';
import { cleanPath, type HttpRequest, typeOf, unescapePath } from '../../servers/http';
import type { Response } from './web';
import { strftime } from './web';

const escape = (s: string) => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const MESSAGES: Readonly<Record<number, [reason: string, says: string, explain: string]>> = {
  404: ['File not found', 'File not found', '404 - Nothing matches the given URI.'],
  501: ['Unsupported method', 'Unsupported method', '501 - Server does not support this operation.'],
};
function fault(code: number, detail = ''): Response {
  const [reason, says, explain] = MESSAGES[code] as [string, string, string];
  return {
    code,
    reason: reason + detail,
    headers: 'Connection: close\r\nContent-Type: text/html;charset=utf-8\r\n',
    body: `<!DOCTYPE HTML>\n<html lang="en">\n    <head>\n        <meta charset="utf-8">\n        <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error response</h1>\n        <p>Error code: ${code}</p>\n        <p>Message: ${says}${detail}.</p>\n        <p>Error code explanation: ${explain}</p>\n    </body>\n</html>\n`,
  };
}

function listing(sys: Sys, dir: string, target: string): string {
  const names = sys
    .readdir(dir)
    .map((e) => (e.type === 'dir' ? `${e.name}/` : e.type === 'symlink' ? `${e.name}@` : e.name))
    .filter((n) => n !== './' && n !== '../')
    .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const title = `Directory listing for ${escape(target)}`;
  const items = names.map((n) => `<li><a href="${encodeURI(n.replace(/@$/, ''))}">${escape(n)}</a></li>\n`).join('');
  return `<!DOCTYPE HTML>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n</head>\n<body>\n<h1>${title}</h1>\n<hr>\n<ul>\n${items}</ul>\n<hr>\n</body>\n</html>\n`;
}

const TYPES: Readonly<Record<string, string>> = { py: 'text/x-python', md: 'text/markdown', sh: 'application/x-sh', js: 'text/javascript' };

export function served(sys: Sys, root: string, r: HttpRequest): Response {
  if (r.method !== 'GET' && r.method !== 'HEAD') return fault(501, ` ('${r.method}')`);
  const target = unescapePath((r.target.split('?')[0] as string).split('#')[0] as string);
  const path = `${root === '/' ? '' : root}${cleanPath(target)}`;
  const s = attempt(() => sys.stat(path));
  if (s instanceof Errno) return fault(404);
  if (s.type === 'dir') {
    if (!target.endsWith('/'))
      return { code: 301, reason: 'Moved Permanently', headers: `Location: ${r.target}/\r\nContent-Length: 0\r\n`, body: '' };
    for (const index of ['index.html', 'index.htm']) {
      const file = `${path.replace(/\/$/, '')}/${index}`;
      if (!(attempt(() => sys.stat(file)) instanceof Errno)) return fileOf(sys, file);
    }
    const body = attempt(() => listing(sys, path, target));
    return body instanceof Errno ? fault(404) : { code: 200, reason: 'OK', headers: 'Content-type: text/html; charset=utf-8\r\n', body };
  }
  return fileOf(sys, path);
}

function fileOf(sys: Sys, path: string): Response {
  const body = attempt(() => slurp(sys, path));
  if (body instanceof Errno) return fault(404);
  const type = TYPES[path.split('.').pop() ?? ''] ?? typeOf(path);
  const modified = strftime('%a, %d %b %Y %H:%M:%S GMT', sys.stat(path).mtime);
  return {
    code: 200,
    reason: 'OK',
    headers: `Content-type: ${type}\r\nContent-Length: ${body.length}\r\nLast-Modified: ${modified}\r\n`,
    body,
  };
}
