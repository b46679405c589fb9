import type { SlackMessage, SlackPlace } from '../events.ts';
import type { Ts } from '../ids.ts';
import { ts as tsOf } from '../ids.ts';
import { looksLikeBridge } from './bridge-names.ts';
import type { CallSlack } from './calls.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, maybe, objectsOf } from './fields.ts';
import { opKeyOf, slackMessage } from './message.ts';
import type { Range } from './read-pages.ts';
import { readMessages } from './read-pages.ts';

/** Slack's clock and ours may differ by so many milliseconds. */
const clockSlack = 60_000;
/** How far back another bridge's posts count, and how many messages are looked at. */
const lately = 24 * 60 * 60_000;
const manyMessages = 200;

/**
 * See `SlackPort.findByOpKey`. Reads all pages: a post that is overlooked would be posted again. The end of the time keeps
 * them few, however long ago it was: Slack lets nobody read very many in a row.
 */
export async function findByOpKey(
  call: CallSlack,
  place: SlackPlace,
  opKey: string,
  made: { readonly since: number; readonly until: number },
  threadTs?: Ts,
): Promise<readonly Ts[]> {
  const bounds = {
    oldest: ((made.since - clockSlack) / 1000).toFixed(6),
    latest: ((made.until + clockSlack) / 1000).toFixed(6),
  };
  const ranges: readonly Range[] = [
    bounds,
    ...(threadTs === undefined ? [] : [{ thread: threadTs, ...bounds }]),
  ];
  const found = new Set<Ts>();
  for (const range of ranges)
    for await (const raw of readMessages(call, place, range))
      if (opKeyOf(raw) === opKey || fileKeysOf(raw).includes(opKey)) found.add(tsOf(raw['ts']));
  return [...found].toSorted();
}

function fileKeysOf(raw: Fields): readonly string[] {
  return objectsOf(raw['files']).map((file) => `file:${String(file['id'])}`);
}

/** See `SlackPort.message`. Without its thread a message is looked for in the channel, then as a reply. */
export async function oneMessage(
  call: CallSlack,
  place: SlackPlace,
  at: Ts,
  threadTs?: Ts,
): Promise<SlackMessage | undefined> {
  const only = { oldest: at, latest: at, inclusive: true, limit: 2 };
  const ranges: readonly Range[] =
    threadTs !== undefined && threadTs !== at
      ? [{ ...only, thread: threadTs }]
      : [only, { ...only, thread: at }];
  for (const range of ranges) {
    const raw = await firstWithTs(readMessages(call, place, range), at);
    if (raw !== undefined) return raw['subtype'] === 'tombstone' ? undefined : slackMessage(place, raw);
  }
  return undefined;
}

async function firstWithTs(messages: AsyncGenerator<Fields>, at: Ts): Promise<Fields | undefined> {
  for await (const raw of messages) if (raw['ts'] === at) return raw;
  return undefined;
}

/** See `SlackPort.otherBridges`: the newest messages of the last day are looked at. */
export async function otherBridges(
  call: CallSlack,
  place: SlackPlace,
  isOurs: (message: Pick<SlackMessage, 'author' | 'app'>) => boolean,
): Promise<readonly string[]> {
  const oldest = ((Date.now() - lately) / 1000).toFixed(6);
  const names = new Set<string>();
  let seen = 0;
  for await (const raw of readMessages(call, place, { oldest, background: true })) {
    const message = maybe((value) => slackMessage(place, fieldsOf(value)), raw);
    const name = message === undefined || isOurs(message) ? undefined : looksLikeBridge(raw);
    if (name !== undefined) names.add(name);
    seen += 1;
    if (seen >= manyMessages) break;
  }
  return [...names];
}
