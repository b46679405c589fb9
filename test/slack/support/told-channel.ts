import type { SlackMessage } from '../../../src/events.ts';
import { editMarkOf, endOfSecond, isKnownEdit } from '../../../src/format/edits.ts';
import type { Ts } from '../../../src/ids.ts';
import { portalId, roomId, slackUserId, ts as tsId } from '../../../src/ids.ts';
import { channelId, teamId } from '../../../src/ids.ts';
import { silentLogger } from '../../../src/log.ts';
import type { KnownMessage, KnownReaction } from '../../../src/portal/catch-up-ports.ts';
import type { Portal } from '../../../src/portal/ports.ts';
import type { Delivery } from '../../../src/queue/ports.ts';
import type { CatchUpParts } from '../../../src/slack/catch-up.ts';
import type { HistoryRange } from '../../../src/slack/channel-history.ts';
import { slackEvent } from '../../../src/slack/inbound.ts';
import { metadataType } from '../../../src/slack/message.ts';
import type { Json } from './payloads.ts';
import { defaultPolicy } from '../../support/default-policy.ts';

export const bot = slackUserId('U0BOT');
const teams = { has: (team: string) => team === 'T1', botOf: () => bot };

const ourTeam = {
  id: teamId('T1'),
  name: 'Acme',
  url: 'https://acme.slack.com/',
  appId: 'A1',
  bot,
  botId: 'B0',
};

export const portal: Portal = {
  id: portalId(1),
  room: roomId('!room:example.org'),
  kind: 'channel',
  through: 'bot',
  status: 'live',
  policy: defaultPolicy,
  channels: [{ team: teamId('T1'), channel: channelId('C1'), name: 'town' }],
  since: tsId('1000.000000'),
};

/** A message as the channel's history has it. */
export interface Told {
  readonly ts: Ts;
  readonly threadTs?: Ts;
  readonly broadcast?: boolean;
  readonly kind: 'message' | 'tombstone' | 'notice' | 'ours' | 'ours-without-key';
  readonly edited?: string;
  /** `<user> <name>` each. */
  readonly reactions: readonly string[];
}

/** A message as the bridge has it. */
export interface Kept extends Omit<KnownMessage, 'reactions'> {
  readonly reactions: ReadonlyMap<string, Omit<KnownReaction, 'user' | 'name'>>;
}

function rawOf({ ts, threadTs, broadcast, kind, edited, reactions }: Told, all: readonly Told[]): Json {
  const replies = all.filter((each) => each.threadTs === ts);
  const subtypes = { tombstone: 'tombstone', notice: 'channel_topic' } as const;
  const subtype = kind === 'tombstone' || kind === 'notice' ? subtypes[kind] : undefined;
  const names = Map.groupBy(reactions, (each) => each.split(' ')[1]);
  const thread = threadTs ?? (replies.length > 0 ? ts : undefined);
  return {
    type: 'message',
    ts,
    text: `text of ${ts}`,
    ...(kind.startsWith('ours') ? { bot_id: 'B0', user: bot } : { user: 'U1' }),
    ...(kind === 'ours' && { metadata: { event_type: metadataType, event_payload: { k: `key ${ts}` } } }),
    ...(thread !== undefined && { thread_ts: thread }),
    ...(replies.length > 0 && { reply_count: replies.length, latest_reply: replies.at(-1)?.ts }),
    ...(subtype !== undefined && { subtype }),
    ...(broadcast === true && { subtype: 'thread_broadcast' }),
    ...(edited !== undefined && { edited: { user: 'U1', ts: edited } }),
    reactions: [...names].map(([name, given]) => ({
      name,
      users: given.map((each) => each.split(' ')[0]),
      count: given.length,
    })),
  };
}

/** A bridge that knows `kept`, at a channel whose history is `told`. What it is told to store has its effect at once. */
export function toldChannel(told: readonly Told[], kept: Map<Ts, Kept>) {
  const stored: Delivery[] = [];
  const facts = new Set<string>();
  const known = (): readonly KnownMessage[] => [...kept.values()].map(shownTo);
  const parts: CatchUpParts = {
    history: () => ({ messages: (_place, range) => messages(told, range) }),
    store: {
      known: async () => known(),
      knownThread: async (_portal, root) =>
        known().filter(({ ts, threadTs }) => ts === root || threadTs === root),
      activeThreads: async () => [...new Set(known().flatMap(({ threadTs = [] }) => threadTs))],
      seenFacts: async (_portal, some) => new Set(some.filter((fact) => facts.has(fact))),
    },
    intake: {
      store: async (deliveries) => {
        for (const delivery of deliveries) {
          if (delivery.fact === undefined || facts.has(delivery.fact)) throw new Error('not once');
          facts.add(delivery.fact);
          stored.push(delivery);
        }
      },
    },
    slack: { isOurs: ({ author }) => author.id === bot, teams: () => [ourTeam] },
    found: () => undefined,
    log: silentLogger,
  };
  /** What the portals do with it, in the order of the lane. */
  const handle = (): void => {
    for (const delivery of stored.splice(0).toSorted((a, b) => (a.srcTs < b.srcTs ? -1 : 1)))
      apply(kept, delivery);
  };
  return { parts, stored, handle };
}

async function* messages(
  told: readonly Told[],
  { oldest, latest, thread }: HistoryRange,
): AsyncGenerator<Json> {
  const shown = told.filter(({ threadTs, broadcast }) =>
    thread === undefined ? threadTs === undefined || broadcast === true : threadTs === thread,
  );
  const root = told.find(({ ts }) => ts === thread);
  if (thread !== undefined && root === undefined) return;
  if (root !== undefined) yield rawOf(root, told);
  for (const each of shown)
    if (each.ts >= oldest && (latest === undefined || each.ts <= latest)) yield rawOf(each, told);
}

function shownTo({ reactions, ...message }: Kept): KnownMessage {
  const list = [...reactions].map(([key, value]) => {
    const [user = '', name = ''] = key.split(' ');
    return Object.assign({ user, name }, value);
  });
  return { ...message, reactions: list };
}

function markOf({ editTs, editHash = '' }: Pick<SlackMessage, 'editTs' | 'editHash'>): string | undefined {
  return editTs && editMarkOf({ editTs, editHash });
}

function apply(kept: Map<Ts, Kept>, { payload, srcTs }: Delivery): void {
  const event = slackEvent(payload, teams);
  if (
    event.type !== 'message' &&
    event.type !== 'edit' &&
    event.type !== 'delete' &&
    event.type !== 'reaction'
  )
    throw new Error(`not to be stored: ${event.type}`);
  const before = kept.get(event.ts);
  switch (event.type) {
    case 'message': {
      if (before !== undefined && before.state !== 'waiting') throw new Error('it is known');
      const { ts, threadTs, opKey } = event;
      const thread = threadTs === undefined ? {} : { threadTs };
      const origin = opKey === undefined ? 'slack' : 'matrix';
      const copied = event.broadcast ? ({ inChannel: true } as const) : {};
      const now = {
        ts,
        ...thread,
        ...copied,
        state: 'standing',
        origin,
        edits: [markOf(event) ?? ''],
      } as const;
      kept.set(ts, { ...now, reactions: new Map() });
      return;
    }
    case 'edit': {
      if (before === undefined) throw new Error('an edit of nothing');
      const { editTs, editHash = '' } = event.message;
      if (editTs === undefined) throw new Error('an edit without its time');
      const isFirst = before.edits.length === 0; // it waits itself
      const old = !isFirst && isKnownEdit({ editTs, editHash }, before.edits, event.isLast);
      const newest = { ...event.message, editTs: event.isLast ? endOfSecond(editTs) : editTs };
      kept.set(event.ts, {
        ...before,
        state: 'standing',
        edits: old ? before.edits : [markOf(newest) ?? ''],
        ...(event.message.broadcast && !old && { inChannel: true }),
      });
      return;
    }
    case 'delete': {
      const nothing = { ts: event.ts, origin: 'slack', edits: [] } as const;
      kept.set(event.ts, { ...(before ?? nothing), state: 'gone', reactions: new Map() });
      return;
    }
    case 'reaction': {
      if (before === undefined) throw new Error('a reaction to nothing');
      const key = `${event.user} ${event.name}`;
      const last = before.reactions.get(key)?.changedAt ?? '';
      if (last > srcTs) return;
      const now = { given: event.change === 'added', changedAt: srcTs };
      kept.set(event.ts, { ...before, reactions: new Map(before.reactions).set(key, now) });
      return;
    }
  }
}
