import type { IncomingMessage, ServerResponse } from 'node:http';

import { BadBody, readBody } from '../http/body.ts';
import { newSecret } from '../ids.ts';
import type { Log } from '../log.ts';
import type { App, Channel } from '../model.ts';
import { isFields } from '../text/check.ts';
import type { World } from '../world.ts';
import type { ResponseUrl } from './model.ts';
import { showAnswer } from './show-answer.ts';

/** @see https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
const LIFE_MS = 30 * 60_000;
const MOST_USES = 5;

/** An address by which the app answers in this channel, five times within half an hour. */
export function newResponseUrl(
  world: World,
  app: App,
  place: {
    readonly kind: 'app' | 'actions' | 'commands';
    readonly channel: Channel;
    readonly userId: string;
    readonly original?: ResponseUrl['original'];
  },
): string {
  const secret = newSecret();
  const expiresAt = world.clock.now() + LIFE_MS;
  world.responseUrls.set(secret, {
    appId: app.id,
    teamId: app.teamId,
    userId: place.userId,
    channelId: place.channel.id,
    original: place.original,
    expiresAt,
    left: MOST_USES,
  });
  world.clock.after(2 * LIFE_MS, () => world.responseUrls.delete(secret));
  return `${world.url}/hooks/${place.kind}/${app.teamId}/${secret}`;
}

/** `POST /hooks/…`: an answer. Slack says `ok`, or why not. */
export async function serveResponseUrl(
  { world, log }: { readonly world: World; readonly log: Log },
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = world.responseUrls.get(path.split('/').at(-1) ?? '');
  const { body, problem } = await readAnswer(request);
  const why = problem ?? use(world, target);
  const channel = world.channels.get(target?.channelId ?? '');
  const refusal = why ?? (target && channel ? showAnswer(world, target, channel, body) : 'invalid_url');
  log.add('interaction', 'response_url', refusal ?? 'ok', {
    channel: channel?.id,
    user: target?.userId,
    body,
  });
  if (refusal === undefined) response.writeHead(200, { 'content-type': 'text/html' }).end('ok');
  else
    response
      .writeHead(refusal === 'no_text' || refusal.startsWith('invalid_') ? 400 : 404, {
        'content-type': 'application/json',
      })
      .end(JSON.stringify({ ok: false, error: refusal }));
}

function use(world: World, target: ResponseUrl | undefined): string | undefined {
  if (!target) return 'invalid_url';
  if (world.clock.now() > target.expiresAt) return 'expired_url';
  if (target.left === 0) return 'used_url';
  target.left -= 1;
  return undefined;
}

async function readAnswer(
  request: IncomingMessage,
): Promise<{ readonly body: Readonly<Record<string, unknown>>; readonly problem?: string }> {
  try {
    const { fields } = await readBody(request);
    return isFields(fields) ? { body: fields } : { body: {}, problem: 'invalid_payload' };
  } catch (error) {
    if (!(error instanceof BadBody)) throw error;
    return { body: {}, problem: 'invalid_payload' };
  }
}
