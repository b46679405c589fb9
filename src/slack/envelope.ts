import { createHash } from 'node:crypto';
import type { Delivery } from '../queue/ports.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, isFields, objectsOf, textOf } from './fields.ts';
import { changeKind, facts } from './facts.ts';

/** What the intake asks of the configured workspaces. */
export interface KnownTeams {
  /** Whether events for this workspace, told by this app, are ours. `app` is absent where the payload names none. */
  accepts(team: string, app: string | undefined): boolean;
  /** A workspace of ours that an organisation's installation is for. */
  readonly memberOf?: ((organisation: string) => string | undefined) | undefined;
  /** The bridge's bot in it; absent where nobody's coming and going is told. */
  botOf?(team: string): string | undefined;
}

export type Received =
  | { readonly type: 'delivery'; readonly delivery: Delivery }
  /** Nothing to store; it is acknowledged. `reason` is a constant for logs and metrics. */
  | { readonly type: 'skip'; readonly reason: string; readonly team?: string; readonly app?: string };

/** Messages of Slack's own that say that a channel became private, or public. */
export const conversions: ReadonlySet<string> = new Set([
  'channel_convert_to_private',
  'channel_convert_to_public',
]);

/** Messages of Slack's own that say that what a channel shows of itself has changed. */
export const shownSubtypes: Readonly<Record<string, 'topic' | 'name'>> = {
  channel_topic: 'topic',
  channel_purpose: 'topic',
  channel_name: 'name',
  group_topic: 'topic',
  group_purpose: 'topic',
  group_name: 'name',
};

/** A field of ours in an envelope: the channel's history told it, and no event. */
export const toldByHistory = 'told_by_history';

/** The same, of an edit: nobody edited that message again within the same second. */
export const lastOfSecond = 'last_of_second';

/**
 * The address label of an event as Slack sent it; `raw` is its JSON. Reads only what routing, dedupe and order need.
 *
 * | payload                                   | result                                                    |
 * | ----------------------------------------- | --------------------------------------------------------- |
 * | an event for a workspace of ours          | delivery `slack:<team>:<event id>`                        |
 * | `app_rate_limited`                        | delivery `slack:<team>:app_rate_limited:<minute>`         |
 * | an event for others                       | skip `unknown-team`                                       |
 * | no event in it, or none of its parts fit  | delivery that is marked malformed: stored, never handled  |
 *
 * @see https://docs.slack.dev/apis/events-api/#events-JSON
 */
export function deliveryOf(body: Fields, raw: Buffer, teams: KnownTeams): Received {
  const app = textOf(body['api_app_id']);
  const team = teamOf(body, (id) => teams.accepts(id, app), teams.memberOf);
  if (team === undefined) {
    const told = textOf(body['team_id']);
    return { type: 'skip', reason: 'unknown-team', ...(told && { team: told }), ...(app && { app }) };
  }
  if (body['type'] === 'app_rate_limited')
    return { type: 'delivery', delivery: rateLimited(body, raw, team) };
  if (body['type'] !== 'event_callback') return malformed(raw, team, 'not an event_callback');
  const event = body['event'];
  if (!isFields(event) || textOf(event['type']) === undefined) return malformed(raw, team, 'no event in it');
  const eventId = textOf(body['event_id']);
  if (eventId === undefined) return malformed(raw, team, 'no event_id');
  const srcTs = srcTsOf(event, body);
  if (srcTs === undefined) return malformed(raw, team, 'no ts');
  const fact = factOf(event);
  return {
    type: 'delivery',
    delivery: {
      from: 'slack',
      route: { team, ...placeOf(event), ...(isChat(event, body) && { chat: true }) },
      deliveryKey: `slack:${team}:${eventId}`,
      ...(fact !== undefined && { fact }),
      ...laneOf(event, teams.botOf?.(team)),
      ...aboutOf(event),
      srcTs,
      payload: raw,
    },
  };
}

/**
 * The workspace that an event was told to: the installation it was sent for, else the team it names. In shared channels
 * `team_id` can be the other organisation. What an organisation's installation is told without naming a workspace of ours is
 * told to any of its workspaces.
 */
export function teamOf(
  body: Fields,
  isOurs: (team: string) => boolean,
  memberOf: (organisation: string) => string | undefined = () => undefined,
): string | undefined {
  const authorizations = objectsOf(body['authorizations']);
  const authorized = authorizations.map((each) => each['team_id']);
  const named = [...authorized, body['team_id'], body['context_team_id'], fieldsOf(body['team'])['id']];
  const teams = named.filter((id) => typeof id === 'string');
  const ours = teams.find(isOurs);
  if (ours !== undefined) return ours;
  const organisations = [...authorizations.map((each) => textOf(each['enterprise_id'])), ...teams];
  for (const id of organisations) {
    const member = id === undefined ? undefined : memberOf(id);
    if (member !== undefined) return member;
  }
  return undefined;
}

function malformed(raw: Buffer, team: string, why: string): Received {
  const id = createHash('sha256').update(raw).digest('base64url').slice(0, 22);
  const deliveryKey = `slack:${team}:malformed:${id}`;
  return {
    type: 'delivery',
    delivery: { from: 'slack', route: { team }, deliveryKey, srcTs: '', payload: raw, malformed: why },
  };
}

function rateLimited(body: Fields, raw: Buffer, team: string): Delivery {
  const told = body['minute_rate_limited'];
  const minute = typeof told === 'number' || typeof told === 'string' ? String(told) : '';
  return {
    from: 'slack',
    route: { team },
    deliveryKey: `slack:${team}:app_rate_limited:${minute}`,
    srcTs: /^\d{1,12}$/.test(minute) ? `${minute}.000000` : '',
    payload: raw,
  };
}

function placeOf(event: Fields): { readonly channel?: string; readonly user?: string } {
  const channel = channelOf(event);
  if (channel !== undefined) return { channel };
  const user = textOf(event['user']) ?? textOf(fieldsOf(event['user'])['id']);
  return user === undefined ? {} : { user };
}

function channelOf(event: Fields): string | undefined {
  return (
    textOf(event['channel']) ??
    textOf(fieldsOf(event['channel'])['id']) ??
    textOf(fieldsOf(event['item'])['channel']) ??
    textOf(event['channel_id']) ??
    textOf(event['old_channel_id'])
  );
}

/**
 * Whether it happened in a direct or group message, and comes because one of its people has an account here. The bot's own
 * chats with people are none.
 */
function isChat(event: Fields, body: Fields): boolean {
  const kind = textOf(event['channel_type']);
  const isDirect = channelOf(event)?.startsWith('D') === true || kind === 'im' || kind === 'mpim';
  return isDirect && readersOf(body).length > 0;
}

/**
 * The people through whose accounts an event came; none where the bot was told.
 * @see https://docs.slack.dev/apis/events-api/#authorizations
 */
export function readersOf(body: Fields): readonly string[] {
  return objectsOf(body['authorizations'])
    .filter((each) => each['is_bot'] === false)
    .flatMap((each) => textOf(each['user_id']) ?? []);
}

/**
 * A change of the channel steers, and so does the bot's own coming and going. Most message subtypes that say the same for people to read don't; but
 * nothing else tells that a channel became private, or what it shows of itself.
 */
function laneOf(event: Fields, bot: string | undefined): Pick<Delivery, 'control' | 'members' | 'shown'> {
  const type = textOf(event['type']) ?? '';
  const subtype = type === 'message' ? textOf(event['subtype']) : undefined;
  if (/^member_(?:joined|left)_channel$/.test(type))
    return bot !== undefined && event['user'] !== bot ? { members: true } : { control: true };
  if (/^(?:channel|group)_/.test(type)) return { control: true };
  if (subtype !== undefined && conversions.has(subtype)) return { control: true };
  if (type === 'pin_added' || type === 'pin_removed') return { shown: true };
  return subtype !== undefined && Object.hasOwn(shownSubtypes, subtype) ? { shown: true } : {};
}

/** The root of the thread, for a reply; the message that is pinned. */
function aboutOf(event: Fields): { readonly about?: readonly string[] } {
  const pinned = textOf(fieldsOf(fieldsOf(event['item'])['message'])['ts']);
  if (pinned !== undefined) return { about: [pinned] };
  const root = textOf(event['thread_ts']) ?? textOf(fieldsOf(event['message'])['thread_ts']);
  return root === undefined || root === event['ts'] ? {} : { about: [root] };
}

/** A message is placed by its own ts, everything that happens to it or to the channel by when it happened. */
function srcTsOf(event: Fields, body: Fields): string | undefined {
  const own = event['type'] === 'message' && !isChange(event) ? event['ts'] : undefined;
  for (const value of [own, event['event_ts'], event['ts']])
    if (typeof value === 'string' && tsPattern.test(value)) return value;
  const seconds = body['event_time'];
  return typeof seconds === 'number' && Number.isSafeInteger(seconds) ? `${seconds}.000000` : undefined;
}

const tsPattern = /^\d{1,12}\.\d{6}$/;

function isChange(event: Fields): boolean {
  return event['subtype'] === 'message_changed' || event['subtype'] === 'message_deleted';
}

function factOf(event: Fields): string | undefined {
  const type = textOf(event['type']) ?? '';
  const eventTs = textOf(event['event_ts']) ?? '';
  if (type === 'message') return messageFact(event);
  if (type === 'reaction_added' || type === 'reaction_removed') {
    const ts = textOf(fieldsOf(event['item'])['ts']);
    const [user, name] = [textOf(event['user']), textOf(event['reaction'])];
    if (ts === undefined || user === undefined || name === undefined) return undefined;
    return facts.reaction(type === 'reaction_added' ? 'added' : 'removed', ts, user, name, eventTs);
  }
  if (channelOf(event) === undefined || eventTs === '') return undefined;
  return facts.channel(type, textOf(event['user']) ?? '', eventTs);
}

function messageFact(event: Fields): string | undefined {
  if (event['subtype'] === 'message_deleted') {
    const deleted = textOf(event['deleted_ts']);
    return deleted === undefined ? undefined : facts.delete(deleted);
  }
  const message = event['subtype'] === 'message_changed' ? fieldsOf(event['message']) : event;
  const ts = textOf(message['ts']);
  if (ts === undefined) return undefined;
  if (event['subtype'] !== 'message_changed') return facts.message(ts);
  const kind = changeKind(message, fieldsOf(event['previous_message']));
  switch (kind) {
    case 'delete':
      return facts.delete(ts);
    case 'edit':
      return facts.edit(ts, message);
    case 'files':
      return facts.files(ts, message);
    case 'other':
      return facts.change(ts, message);
  }
}
