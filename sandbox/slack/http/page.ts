import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'page');

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.json', 'application/json; charset=utf-8'],
]);

/**
 * Serves a file of the page's folder; `/` is `index.html`, and signs the page in: from then on it may show private files.
 * What isn't there is 404.
 */
export async function servePage(path: string, response: ServerResponse, cookie: string): Promise<void> {
  const relative = normalize(path === '/' ? '/index.html' : path);
  try {
    const bytes = await readFile(join(FOLDER, relative));
    const type = TYPES.get(extname(relative)) ?? 'application/octet-stream';
    response.writeHead(200, {
      'content-type': type,
      'content-length': bytes.length,
      'cache-control': 'no-cache',
      ...(path === '/' && { 'set-cookie': `${cookie}; Path=/; HttpOnly; SameSite=Strict` }),
    });
    response.end(bytes);
  } catch {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('Nothing here. The Web API is below /api/, the control API below /_sandbox/.\n');
  }
}
