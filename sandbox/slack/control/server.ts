import type { IncomingMessage, ServerResponse } from 'node:http';

import { BadBody, readBody } from '../http/body.ts';
import { keepUpload } from '../http/uploads.ts';
import { newId } from '../ids.ts';
import type { Log } from '../log.ts';
import type { Upload } from '../model.ts';
import type { Settings } from '../settings.ts';
import type { World } from '../world.ts';
import { ControlError } from './action.ts';
import { actionNames, findAction } from './control.ts';
import type { Control } from './control.ts';

/** Answers `/_sandbox/<action>`: JSON in (or a query string with GET), JSON out, `{ "error": … }` with 400 or 404. */
export async function serveControl(
  control: Control,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (refuseForeignPage(request, response)) return;
  const action = findAction(control, name);
  if (!action) {
    sendJson(response, 404, {
      error: `There is no action "${name}". There are: ${actionNames().join(', ')}.`,
    });
    return;
  }
  try {
    const url = new URL(request.url ?? '/', 'http://sandbox');
    const { fields, files } = await readBody(request);
    const uploads = files.map(({ name, mimetype, bytes }) => ({
      name,
      mimetype,
      base64: bytes.toString('base64'),
    }));
    const input = {
      ...Object.fromEntries(url.searchParams),
      ...fields,
      ...(uploads.length > 0 && { files: uploads }),
    };
    sendJson(response, 200, (await action(input)) ?? { ok: true });
  } catch (error) {
    if (!(error instanceof ControlError) && !(error instanceof BadBody)) throw error;
    sendJson(response, 400, { error: error.message });
  }
}

function refuseForeignPage(request: IncomingMessage, response: ServerResponse): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || URL.parse(origin)?.host === host) return false;
  sendJson(response, 403, { error: `Pages of ${origin} may not control the sandbox.` });
  return true;
}

/** `POST /_sandbox/upload?user=…&name=…` with the bytes as the body: a person's file, which `post` shares by its id. */
export async function serveOwnUpload(
  { world, settings }: { readonly world: World; readonly settings: Settings },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (refuseForeignPage(request, response)) return;
  const query = new URL(request.url ?? '/', 'http://sandbox').searchParams;
  const user = world.users.get(query.get('user') ?? '');
  const name = query.get('name') ?? '';
  if (request.method !== 'POST' || !user || name === '') {
    sendJson(response, 400, { error: 'POST the bytes, with `user` and `name` in the query string.' });
    return;
  }
  const length = settings.largestFile;
  const upload: Upload = {
    id: newId('F'),
    secret: newId('S'),
    teamId: user.teamId,
    user: user.id,
    name,
    altText: undefined,
    length,
    exact: false,
    arrived: undefined,
  };
  const kept = await keepUpload(world, upload, request, request);
  if (kept === 'gone_away') return;
  if (kept !== 'kept') {
    sendJson(response, 400, { error: `Files may have at most ${length} bytes.` });
    return;
  }
  world.uploads.set(upload.id, upload);
  sendJson(response, 200, { upload: upload.id, size: upload.arrived?.size });
}

/** `/_sandbox/stream`: server-sent events, `log` with a log entry and `change` with what changed in the world. */
export function serveStream(
  world: World,
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    connection: 'keep-alive',
  });
  const write = (event: string, data: unknown): void => {
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  write('hello', { url: world.url });
  const stops = [
    log.follow((entry) => write('log', entry)),
    world.onChange((change) => write('change', change)),
  ];
  request.on('close', () => {
    for (const stop of stops) stop();
  });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
