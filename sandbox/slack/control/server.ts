import type { IncomingMessage, ServerResponse } from 'node:http';

import { BadBody, readBody } from '../http/body.ts';
import type { Log } from '../log.ts';
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
  const { origin, host } = request.headers;
  if (origin !== undefined && URL.parse(origin)?.host !== host) {
    sendJson(response, 403, { error: `Pages of ${origin} may not control the sandbox.` });
    return;
  }
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
