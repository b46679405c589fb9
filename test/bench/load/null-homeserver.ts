// A process that stands for a homeserver and costs next to nothing: it takes what is sent, and sends transactions as fast as
// they are taken. Started by null-world.ts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { serve } from './child.ts';
import { listen, reply } from './http.ts';
import { names, numberIn, people } from './names.ts';
import { openPipe } from './pipe.ts';
import { createTally, epochNow } from './tally.ts';
import { matrixContent } from './texts.ts';

const settings = z.object({ port: z.number(), bridge: z.number(), hsToken: z.string() });
const inspection = z.object({
  places: z.number(),
  each: z.number(),
  refused: z.array(z.tuple([z.number(), z.number()])),
});
const load = z.object({ count: z.number(), rooms: z.number() });

/** Events in one transaction: as many as Synapse puts in. */
const inTransaction = 100;

const sends = createTally();
/** Transaction ids that were taken, with their event ids: a repeated send has no second effect. */
const taken = new Map<string, string>();
const known = { bridge: 0, authorization: '' };
let [events, transactions] = [0, 0];
let prepared: readonly string[] = [];
/** While it is away nothing is taken. */
let away = false;

serve({
  async listen(details) {
    const { port, bridge, hsToken } = settings.parse(details);
    Object.assign(known, { bridge, authorization: `authorization: Bearer ${hsToken}\r\n` });
    await listen(port, answer);
  },
  away(details) {
    ({ away } = z.object({ away: z.boolean() }).parse(details));
  },
  /** Makes the transactions, so that this costs nothing while they are sent. */
  prepare(details) {
    const { count, rooms } = load.parse(details);
    const all = Array.from({ length: count }, (_, index) =>
      messageEvent(index % rooms, Math.floor(index / rooms)),
    );
    prepared = Array.from({ length: Math.ceil(count / inTransaction) }, (_, index) =>
      JSON.stringify({ events: all.slice(index * inTransaction, (index + 1) * inTransaction) }),
    );
  },
  /** One transaction after the other, as a homeserver does it. */
  async deliver() {
    const pipe = await openPipe(known.bridge, 'PUT');
    const started = epochNow();
    for (const transaction of prepared) {
      transactions += 1;
      const path = `/_matrix/app/v1/transactions/${transactions}`;
      while ((await pipe.post(path, known.authorization, transaction)) !== 200) await sleep(100);
    }
    pipe.close();
    return { started, ended: epochNow(), refused: [] };
  },
  clear: () => sends.clear(),
  sent: () => ({ count: sends.count, first: sends.first, last: sends.last }),
  check(details) {
    const { places, each, refused } = inspection.parse(details);
    const rooms = Array.from({ length: places }, (_, index) => names.room(index));
    return sends.check(
      rooms,
      each,
      new Set(refused.map(([index, number]) => `${names.room(index)} ${number}`)),
    );
  },
});

function messageEvent(room: number, number: number): object {
  events += 1;
  return {
    type: 'm.room.message',
    room_id: names.room(room),
    sender: names.matrixUser(events % people),
    event_id: `$in${String(events).padStart(41, 'A')}`,
    origin_server_ts: Date.now(),
    content: matrixContent(number, events),
    unsigned: { age: 5 },
  };
}

const sending = /^\/_matrix\/client\/v3\/rooms\/([^/]+)\/send\/[^/]+\/([^?]+)/;

function answer(request: IncomingMessage, body: string, response: ServerResponse): void {
  if (away) return void response.writeHead(502).end('<html>Bad Gateway</html>');
  const url = request.url ?? '';
  const send = request.method === 'PUT' ? sending.exec(url) : null;
  if (send)
    return reply(response, { event_id: take(decodeURIComponent(send[1] ?? ''), send[2] ?? '', body) });
  if (url.endsWith('/ping')) return ping(body, response);
  reply(response, answerTo(url));
}

function take(room: string, transaction: string, body: string): string {
  const before = taken.get(transaction);
  if (before !== undefined) return before;
  const event = `$out${String(taken.size).padStart(40, 'A')}`;
  taken.set(transaction, event);
  sends.note(room, numberIn(body) ?? -1);
  return event;
}

function answerTo(url: string): object {
  if (url.endsWith('/versions')) return { versions: ['v1.11', 'v1.13'], unstable_features: {} };
  if (url.includes('/state/m.room.member/')) return { membership: 'join', displayname: 'A person' };
  if (url.includes('/joined_members')) return { joined: {} };
  if (url.includes('/messages')) return { chunk: [], start: 's0' }; // the end: nothing leads on
  if (url.includes('/whoami')) return { user_id: `@slackbot:${names.server}` };
  return {};
}

/** The bridge asks to be asked. */
function ping(body: string, response: ServerResponse): void {
  void openPipe(known.bridge).then(
    async (pipe) => {
      await pipe.post('/_matrix/app/v1/ping', known.authorization, body);
      pipe.close();
      reply(response, { duration_ms: 1 });
    },
    () => reply(response, { errcode: 'M_CONNECTION_FAILED', error: 'nobody answers' }),
  );
}
