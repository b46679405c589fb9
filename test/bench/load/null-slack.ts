// A process that stands for Slack and costs next to nothing: it takes what is posted and tells the bridge of it, and tells
// of what people write as fast as that is taken. Started by null-world.ts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { requiredScopes } from '../../../src/slack/scopes.ts';
import { serve } from './child.ts';
import { listen, reply } from './http.ts';
import { names, numberIn } from './names.ts';
import { openPipe } from './pipe.ts';
import type { Pipe } from './pipe.ts';
import { echoEvent, messageEvent, nextTs } from './slack-events.ts';
import type { SignedEvent } from './slack-events.ts';
import { createTally, epochNow } from './tally.ts';

const path = '/slack/events';
const posts = createTally();
const scopes = {
  'x-oauth-scopes': [...requiredScopes, 'channels:join', 'groups:history', 'groups:read'].join(','),
};
let secret = '';
let echoes: readonly Pipe[] = [];
let prepared: (readonly SignedEvent[])[] = [];
let told = 0;

const load = z.object({ count: z.number(), channels: z.number(), from: z.number().default(0) });
const inspection = z.object({ places: z.number(), each: z.number() });

serve({
  async listen(details) {
    const { port, signingSecret } = z.object({ port: z.number(), signingSecret: z.string() }).parse(details);
    secret = signingSecret;
    await listen(port, answer);
  },
  /** Where the bridge takes events. */
  async connect(details) {
    const { port } = z.object({ port: z.number() }).parse(details);
    for (const pipe of echoes) pipe.close();
    echoes = await Promise.all(Array.from({ length: 16 }, () => openPipe(port)));
  },
  /** Makes events, so that this costs nothing while they are told. */
  prepare(details) {
    const { count, channels, from } = load.parse(details);
    const events = Array.from({ length: channels }, (): SignedEvent[] => []);
    for (let number = from; number < from + count / channels; number += 1)
      for (const [channel, list] of events.entries()) list.push(messageEvent(secret, channel, number));
    prepared = events;
  },
  /** Tells what was prepared, each channel's events in order and with so many under way. */
  async deliver(details) {
    const { ports, atOnce } = z.object({ ports: z.array(z.number()), atOnce: z.number() }).parse(details);
    const started = epochNow();
    const refused = await inPortions(prepared, (events, place) => deliver(events, ports, atOnce, place));
    return { started, ended: epochNow(), refused: refused.flat() };
  },
  clear: () => {
    posts.clear();
    told = 0;
  },
  /** `told`: how many of the posts the bridge has taken back in. */
  posted: () => ({ count: posts.count, first: posts.first, last: posts.last, told }),
  check(details) {
    const { places, each } = inspection.parse(details);
    return posts.check(
      Array.from({ length: places }, (_, index) => names.channel(index)),
      each,
      new Set(),
    );
  },
});

/** Channels that something is told of at the same time. */
const mostChannels = 128;

async function inPortions<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const line = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: mostChannels }, line));
  return results;
}

/** A channel's events go to one process after the other; with several processes one at a time, so that their order is known. */
async function deliver(
  events: readonly SignedEvent[],
  ports: readonly number[],
  atOnce: number,
  place: number,
): Promise<readonly (readonly [number, number])[]> {
  const pipes = await Promise.all(ports.map((port) => openPipe(port)));
  const refused: [number, number][] = [];
  let next = 0;
  async function line(): Promise<void> {
    for (let number = next++; number < events.length; number = next++) {
      const event = events[number];
      const pipe = pipes[number % pipes.length];
      if (!event || !pipe) return;
      while ((await pipe.post(path, event.headers, event.body)) !== 200) {
        refused.push([place, number]);
        await sleep(100);
      }
    }
  }
  await Promise.all(Array.from({ length: ports.length > 1 ? 1 : atOnce }, line));
  for (const pipe of pipes) pipe.close();
  return refused;
}

/** @see https://docs.slack.dev/reference/methods */
function answer(request: IncomingMessage, body: string, response: ServerResponse): void {
  const method = request.url?.split('/').at(-1)?.split('?')[0] ?? '';
  if (method === 'chat.postMessage') return post(body, response);
  reply(response, { ok: true, ...answerTo(method, new URLSearchParams(body)) }, scopes);
}

function answerTo(method: string, args: URLSearchParams): object {
  switch (method) {
    case 'auth.test':
      return {
        url: 'https://bench.slack.com/',
        team: 'Bench',
        user: 'bridge',
        team_id: names.team,
        user_id: names.bot,
        bot_id: names.botId,
      };
    case 'bots.info':
      return {
        bot: {
          id: names.botId,
          app_id: names.app,
          user_id: names.bot,
          name: 'Rooms',
          deleted: false,
          icons: {},
        },
      };
    case 'users.info':
      return { user: userObject(args.get('user') ?? '') };
    case 'conversations.info':
      return {
        channel: {
          id: args.get('channel'),
          name: 'bench',
          is_channel: true,
          is_member: true,
          is_archived: false,
        },
      };
    case 'conversations.history':
    case 'conversations.replies':
      return { messages: [], has_more: false };
    default:
      return {};
  }
}

function userObject(id: string): object {
  const name = `Person ${id.slice(-5)}`;
  const profile = { display_name: name, real_name: name };
  return {
    id,
    team_id: names.team,
    name: id.toLowerCase(),
    real_name: name,
    deleted: false,
    is_bot: false,
    profile,
  };
}

/** Slack tells an app of its own posts too. */
function post(body: string, response: ServerResponse): void {
  const args = new URLSearchParams(body);
  const [channel = '', text = ''] = [args.get('channel') ?? undefined, args.get('text') ?? undefined];
  posts.note(channel, numberIn(text) ?? -1);
  const ts = nextTs();
  const message = {
    text,
    username: args.get('username'),
    blocks: JSON.parse(args.get('blocks') ?? '[]') as unknown,
    metadata: JSON.parse(args.get('metadata') ?? '{}') as unknown,
  };
  reply(response, {
    ok: true,
    channel,
    ts,
    message: { ...message, type: 'message', ts, bot_id: names.botId },
  });
  const { headers, body: event } = echoEvent(secret, channel, ts, message);
  const pipe = echoes[Number(channel.slice(-5)) % echoes.length];
  void pipe?.post(path, headers, event).then(
    (status) => {
      if (status === 200) told += 1;
    },
    () => undefined, // counted as not acknowledged
  );
}
