import type { ChannelId, SlackUserId, TeamId, Ts } from '../ids.ts';
import { channelId } from '../ids.ts';
import type { Delivery } from '../queue/ports.ts';
import type { CallSlack } from './calls.ts';
import type { Patience } from './channel-history.ts';
import { waitingOut } from './channel-history.ts';
import { deliveryOf, toldByHistory } from './envelope.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, maybe, objectsOf, textOf } from './fields.ts';
import { messageEvent } from './inbound-message.ts';
import type { Teams } from './teams.ts';

/** Whose chats are looked at. */
export interface ChatOwner {
  readonly team: TeamId;
  readonly user: SlackUserId;
  /** What they let the bridge do. */
  readonly scopes: readonly string[];
}

export interface MissedSince extends Patience {
  readonly since: Ts;
  /** A chat that needs no look. */
  readonly isKnown: (channel: ChannelId) => boolean;
}

/**
 * The first message since then of each of a person's chats, as the event that would have told it: what follows it is found by
 * whoever reads the chat from there. In the background, and of so many chats only: those that Slack calls most important.
 * Throws like `createHistory`.
 */
export type FindMissedChats = (owner: ChatOwner, missed: MissedSince) => AsyncIterable<Delivery>;

const pageSize = 200;
const mostPages = 5;
const mostChats = 50;
const slackbot = 'USLACKBOT';

export function createMissedChats(call: CallSlack, teams: Pick<Teams, 'botOf'>): FindMissedChats {
  return async function* (owner, { since, isKnown, ...patience }) {
    const patient = waitingOut(call, patience);
    const chats = await chatsOf(patient, owner, teams.botOf(owner.team));
    for (const chat of chats.filter(({ id }) => !isKnown(id)).slice(0, mostChats)) {
      const first = await firstSince(patient, owner, chat, since);
      if (first) yield deliveryFor(owner, chat, first);
    }
  };
}

interface Chat {
  readonly id: ChannelId;
  readonly type: 'im' | 'mpim';
  readonly priority: number;
}

/** Those with other people, most important first. */
async function chatsOf(
  call: CallSlack,
  { team, user, scopes }: ChatOwner,
  bot: SlackUserId | undefined,
): Promise<readonly Chat[]> {
  const isPermitted = (type: string): boolean =>
    scopes.includes(`${type}:read`) && scopes.includes(`${type}:history`);
  const types = ['im', 'mpim'].filter(isPermitted).join(',');
  if (types === '') return [];
  const found: Chat[] = [];
  const nobody = new Set<unknown>([bot, user, slackbot]);
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const args = { types, limit: pageSize, exclude_archived: true, cursor };
    const request = { team, by: user, method: 'users.conversations', effect: 'read', args } as const;
    const answer = await call({ ...request, background: true });
    for (const raw of objectsOf(answer['channels'])) {
      const id = maybe(channelId, raw['id']);
      const { priority } = raw;
      if (id === undefined || nobody.has(raw['user'])) continue;
      const type = raw['is_im'] === true ? 'im' : 'mpim';
      found.push({ id, type, priority: typeof priority === 'number' ? priority : 0 });
    }
    cursor = textOf(fieldsOf(answer['response_metadata'])['next_cursor']);
    if (cursor === undefined) break;
  }
  return found.toSorted((one, other) => other.priority - one.priority);
}

async function firstSince(
  call: CallSlack,
  { team, user }: ChatOwner,
  { id: channel, type }: Chat,
  since: Ts,
): Promise<Fields | undefined> {
  let first: Fields | undefined;
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const args = { channel, oldest: since, limit: pageSize, cursor };
    const request = { team, by: user, method: 'conversations.history', effect: 'read', args } as const;
    const answer = await call({ ...request, background: true });
    const told = (raw: Fields): Fields => ({ ...raw, type: 'message', channel, channel_type: type });
    first = objectsOf(answer['messages']).findLast((raw) => isMessage(team, told(raw))) ?? first;
    cursor = textOf(fieldsOf(answer['response_metadata'])['next_cursor']);
    if (cursor === undefined) break;
  }
  return first;
}

function isMessage(team: TeamId, event: Fields): boolean {
  return maybe(() => messageEvent(team, event), event)?.type === 'message';
}

function deliveryFor({ team, user }: ChatOwner, { id: channel, type }: Chat, raw: Fields): Delivery {
  const { ts } = raw;
  const body = {
    type: 'event_callback',
    team_id: team,
    event_id: `history:chat:${channel}:${String(ts)}`,
    event: { ...raw, type: 'message', channel, channel_type: type, event_ts: ts },
    authorizations: [{ team_id: team, user_id: user, is_bot: false }],
    [toldByHistory]: true,
  };
  const received = deliveryOf(body, Buffer.from(JSON.stringify(body)), { accepts: () => true });
  if (received.type !== 'delivery') throw new Error('it is of a workspace of ours');
  return received.delivery;
}
