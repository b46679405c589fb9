import type { IncomingMessage, ServerResponse } from 'node:http';

import type { World } from '../world.ts';
import { BadBody, readUpload } from './body.ts';

/**
 * Takes the bytes of a file at the address that `files.getUploadURLExternal` gave: as they are, or as the one file of a
 * multipart form. Who has the address needs no token. `false`: the path is none of these.
 */
export async function serveUploads(
  world: World,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const [, id = '', secret = ''] = /^\/upload\/v1\/(F[A-Z0-9]{10})(\w+)$/.exec(path) ?? [];
  if (id === '') return false;
  const upload = world.uploads.get(id);
  if (request.method !== 'POST' || upload?.secret !== secret) {
    answer(response, 404, 'Not found');
    return true;
  }
  try {
    const bytes = await readUpload(request);
    if (bytes.length === upload.length) upload.bytes = bytes;
    answer(response, upload.bytes ? 200 : 400, upload.bytes ? `OK - ${bytes.length}` : 'Wrong length');
  } catch (error) {
    if (request.destroyed && !request.complete) return true; // whoever sent it went away
    if (!(error instanceof BadBody)) throw error;
    answer(response, 400, error.message);
  }
  return true;
}

function answer(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(words);
}
