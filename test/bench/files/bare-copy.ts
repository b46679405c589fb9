// A process of its own that copies one file from one network to the other, as a bare client does: what it reads it sends.
// Its argument is a `Copy` as JSON; it prints the milliseconds that it took.
import { z } from 'zod';
import { request } from 'undici';
import type { Dispatcher } from 'undici';

const copy = z.discriminatedUnion('to', [
  z.object({
    to: z.literal('matrix'),
    /** The file's address at Slack, and the homeserver's. */
    file: z.string(),
    homeserver: z.string(),
    size: z.number(),
    slackToken: z.string(),
    matrixToken: z.string(),
  }),
  z.object({
    to: z.literal('slack'),
    /** The file's address at the homeserver, and that of Slack's methods. */
    file: z.string(),
    api: z.string(),
    channel: z.string(),
    size: z.number(),
    slackToken: z.string(),
    matrixToken: z.string(),
  }),
]);
export type Copy = z.infer<typeof copy>;

const place = z.object({ ok: z.literal(true), upload_url: z.string(), file_id: z.string() });
const done = z.object({ ok: z.literal(true) });

const wanted = copy.parse(JSON.parse(process.argv[2] ?? ''));
const from = performance.now();
if (wanted.to === 'matrix') await toMatrix(wanted);
else await toSlack(wanted);
console.log(String(performance.now() - from));

async function toMatrix({
  file,
  homeserver,
  size,
  slackToken,
  matrixToken,
}: Extract<Copy, { to: 'matrix' }>) {
  const source = await opened(file, slackToken);
  await send(`${homeserver}/_matrix/media/v3/upload?filename=copy.bin`, source, size, matrixToken);
}

async function toSlack({
  file,
  api,
  channel,
  size,
  slackToken,
  matrixToken,
}: Extract<Copy, { to: 'slack' }>) {
  const source = await opened(file, matrixToken);
  const about = { filename: 'copy.bin', length: size };
  const { upload_url, file_id } = place.parse(
    await call(api, slackToken, 'files.getUploadURLExternal', about),
  );
  await send(upload_url, source, size);
  const share = { files: [{ id: file_id }], channel_id: channel };
  done.parse(await call(api, slackToken, 'files.completeUploadExternal', share));
}

async function call(api: string, token: string, method: string, args: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' };
  const answer = await request(`${api}${method}`, { method: 'POST', headers, body: JSON.stringify(args) });
  return answer.body.json();
}

async function opened(url: string, token: string): Promise<Dispatcher.ResponseData['body']> {
  const answer = await request(url, { headers: { authorization: `Bearer ${token}` } });
  if (answer.statusCode !== 200) throw new Error(`${url} answers ${answer.statusCode}`);
  return answer.body;
}

async function send(url: string, body: Dispatcher.ResponseData['body'], size: number, token?: string) {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(size),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const times = { headersTimeout: 600_000, bodyTimeout: 600_000 };
  const answer = await request(url, { method: 'POST', headers, body, ...times });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`${url} answers ${answer.statusCode}`);
}
