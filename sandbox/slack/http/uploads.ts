import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Faults, UploadFault } from '../faults.ts';
import { newId } from '../ids.ts';
import type { Log } from '../log.ts';
import type { Upload } from '../model.ts';
import type { World } from '../world.ts';
import { BadBody, openUpload } from './body.ts';
import { sendError } from './download.ts';
import { firstBytes, throttled } from './throttle.ts';

export interface UploadParts {
  readonly world: World;
  readonly log: Log;
  readonly faults: Faults;
}

/**
 * Takes the bytes of a file at the address that `files.getUploadURLExternal` gave: as they are, or as the one file of a
 * multipart form. Who has the address needs no token. `false`: the path is none of these.
 */
export async function serveUploads(
  parts: UploadParts,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const [, id = '', secret = ''] = /^\/upload\/v1\/(F[A-Z0-9]{10})(\w+)$/.exec(path) ?? [];
  if (id === '') return false;
  const upload = parts.world.uploads.get(id);
  if (request.method !== 'POST' || upload?.secret !== secret) {
    answer(response, 404, 'Not found');
    return true;
  }
  const { teamId: team, user, name } = upload;
  const fault = parts.faults.forUpload({ team, user, file: id, name, part: 'file' });
  const from = parts.world.clock.now();
  response.once('close', () => {
    const details = { file: id, name, status: response.statusCode, size: upload.arrived?.size };
    parts.log.add('file', 'upload', fault?.type ?? (response.statusCode === 200 ? 'ok' : 'refused'), {
      ...details,
      token: request.headers.authorization !== undefined,
      ms: parts.world.clock.now() - from,
    });
  });
  await takeUpload(parts, { upload, fault }, request, response);
  return true;
}

async function takeUpload(
  { world }: UploadParts,
  { upload, fault }: { readonly upload: Upload; readonly fault: UploadFault | undefined },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  switch (fault?.type) {
    case 'http_error':
      request.resume();
      sendError(response, fault);
      return;
    case 'redirect':
      request.resume();
      response.writeHead(fault.status, { location: fault.location, 'content-length': 0 }).end();
      return;
    case 'break':
      for await (const _taken of firstBytes(request, fault.after));
      request.socket.resetAndDestroy();
      return;
    case 'slow': {
      const slowly = throttled(world.clock, openUpload(request), fault.bytesPerSecond);
      answerKept(response, await keepUpload(world, upload, slowly, request));
      return;
    }
    case 'lost_answer':
      await keepUpload(world, upload, openUpload(request), request);
      request.socket.resetAndDestroy();
      return;
    case undefined:
      answerKept(response, await keepUpload(world, upload, openUpload(request), request));
  }
}

/** What became of the bytes; a text says why they can't be read. */
type Kept = 'kept' | 'wrong_length' | 'gone_away' | { readonly problem: string };

/** Writes what comes to the disk; as many bytes as were promised, or as many as a file may have. */
export async function keepUpload(
  world: World,
  upload: Upload,
  content: AsyncIterable<Buffer>,
  request: IncomingMessage,
): Promise<Kept> {
  // Each try has a file of its own: two may come at a time.
  const name = `${upload.id}-${newId('U')}`;
  try {
    const written = await world.spool.write(name, content, upload.length);
    if (written && (upload.exact === false || written.size === upload.length)) {
      upload.arrived = { ...written, content: { type: 'disk', name } };
      return 'kept';
    }
    await world.spool.remove(name);
    return 'wrong_length';
  } catch (error) {
    if (error instanceof BadBody) return { problem: error.message };
    if (request.destroyed && !request.complete) return 'gone_away';
    throw error;
  }
}

function answerKept(response: ServerResponse, kept: Kept): void {
  if (kept === 'kept') answer(response, 200, 'OK');
  else if (kept === 'wrong_length') answer(response, 400, 'Wrong length');
  else if (kept !== 'gone_away') answer(response, 400, kept.problem);
}

function answer(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(words);
}
