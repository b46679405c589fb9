import type { ChannelChange, EmojiChange, SlackEvent } from '../events.ts';
import { boundDepth } from '../format/bound-depth.ts';
import type { SlackUserId, TeamId } from '../ids.ts';
import { channelId, slackUserId, teamId, ts } from '../ids.ts';
import { lastOfSecond, teamOf, toldByHistory } from './envelope.ts';
import type { Fields } from './fields.ts';
import { look, lookType, membersType } from './looks.ts';
import { fieldsOf, isFields, maybe, textOf } from './fields.ts';
import { messageEvent } from './inbound-message.ts';
import { userProfile } from './profile.ts';

/** What reading a payload needs to know of the configured workspaces. */
export interface InboundTeams {
  has(team: string): boolean;
  botOf(team: TeamId): SlackUserId | undefined;
  readonly memberOf?: (organisation: string) => TeamId | undefined;
}

/** A payload that can't be what it says; never bridged, kept as a dead letter. */
export class MalformedPayload extends Error {
  constructor(what: string, options: { readonly cause?: unknown } = {}) {
    super(`malformed payload from Slack: ${what}`, options);
    this.name = 'MalformedPayload';
  }
}

/**
 * What a stored payload says, in our words. Pure. Every payload gives exactly one event: what isn't bridged gives
 * `ignored` with a constant reason (`unknown:<type>` for a kind that we don't know).
 *
 * Throws `MalformedPayload` or `InvalidId` when it isn't JSON, is for none of our workspaces, or lacks what its kind
 * always has.
 * @see https://docs.slack.dev/reference/events
 */
export function slackEvent(payload: Buffer, teams: InboundTeams): SlackEvent {
  const body = parse(payload);
  const team = teamId(teamOf(body, (id) => teams.has(id), teams.memberOf));
  if (body['type'] === 'app_rate_limited') return { type: 'team', team, change: 'rate-limited' };
  const event = body['event'];
  if (!isFields(event)) throw new MalformedPayload('no event in it');
  const type = textOf(event['type']);
  if (type === undefined) throw new MalformedPayload('an event without a type');
  switch (type) {
    case 'message': {
      const told = messageEvent(team, event);
      if (body[toldByHistory] !== true) return told;
      if (told.type === 'message') return { ...told, late: true };
      if (told.type !== 'edit') return told;
      return { ...told, late: true, ...(body[lastOfSecond] === true && { isLast: true }) };
    }
    case 'reaction_added':
    case 'reaction_removed':
      return reaction(team, event, type === 'reaction_added' ? 'added' : 'removed');
    case 'pin_added':
    case 'pin_removed':
      return pin(team, event, type === 'pin_added' ? 'added' : 'removed');
    case 'channel_id_changed':
      return idChanged(team, event);
    case membersType:
      if (body[toldByHistory] !== true) return otherEvent(team, type, event);
      return { type: 'members', team, channel: channelId(event['channel']) };
    case lookType:
      return body[toldByHistory] === true ? look(team, event) : otherEvent(team, type, event);
    case 'user_change':
    case 'team_join':
      return { type: 'profile', team, profile: userProfile(team, fieldsOf(event['user'])) };
    case 'subteam_created':
    case 'subteam_updated':
      return { type: 'usergroups', team };
    case 'member_joined_channel':
    case 'member_left_channel':
      return membership(team, event, teams.botOf(team));
    case 'tokens_revoked':
      return tokensRevoked(team, event);
    case 'emoji_changed':
      return { type: 'emoji', team, change: emojiChange(event) };
    case 'app_uninstalled':
      return { type: 'team', team, change: 'uninstalled' };
    default:
      return otherEvent(team, type, event);
  }
}

function parse(payload: Buffer): Fields {
  let body: unknown;
  try {
    body = boundDepth(JSON.parse(payload.toString('utf8')));
  } catch (cause) {
    throw new MalformedPayload('not JSON', { cause });
  }
  if (!isFields(body)) throw new MalformedPayload('not an object');
  return body;
}

function reaction(team: TeamId, event: Fields, change: 'added' | 'removed'): SlackEvent {
  const item = fieldsOf(event['item']);
  if (item['type'] !== 'message') return { type: 'ignored', reason: 'reaction-to-other' };
  const name = textOf(event['reaction']);
  if (name === undefined) throw new MalformedPayload('a reaction without a name');
  return {
    type: 'reaction',
    change,
    team,
    channel: channelId(item['channel']),
    ts: ts(item['ts']),
    user: slackUserId(event['user']),
    name,
  };
}

function pin(team: TeamId, event: Fields, change: 'added' | 'removed'): SlackEvent {
  const item = fieldsOf(event['item']);
  if (item['type'] !== 'message') return { type: 'ignored', reason: 'pin-of-other' };
  const channel = channelId(event['channel_id'] ?? item['channel']);
  const by = maybe(slackUserId, event['user']);
  const message = ts(fieldsOf(item['message'])['ts']);
  return { type: 'pin', change, team, channel, ts: message, ...(by !== undefined && { by }) };
}

/** Slack gives a channel another id when it is moved between workspaces or shared. */
function idChanged(team: TeamId, event: Fields): SlackEvent {
  const channel = channelId(event['old_channel_id']);
  return { type: 'channel', change: 'moved', team, channel, to: channelId(event['new_channel_id']) };
}

function membership(team: TeamId, event: Fields, bot: SlackUserId | undefined): SlackEvent {
  const channel = channelId(event['channel']);
  const joined = event['type'] === 'member_joined_channel';
  if (bot !== undefined && event['user'] === bot)
    return { type: 'channel', change: joined ? 'bot-joined' : 'bot-left', team, channel };
  const user = maybe(slackUserId, event['user']);
  if (user === undefined) return { type: 'ignored', reason: 'member' };
  return { type: 'member', change: joined ? 'joined' : 'left', user, team, channel };
}

/** Tokens of people are revoked too, one by one; only the bot's stop the bridge. */
function tokensRevoked(team: TeamId, event: Fields): SlackEvent {
  const { bot, oauth } = fieldsOf(event['tokens']);
  if (Array.isArray(bot) && bot.length > 0) return { type: 'team', team, change: 'tokens-revoked' };
  const users = Array.isArray(oauth) ? oauth.flatMap((user: unknown) => maybe(slackUserId, user) ?? []) : [];
  return { type: 'logins-revoked', team, users };
}

/** @see https://docs.slack.dev/reference/events/emoji_changed */
function emojiChange(event: Fields): EmojiChange {
  const [name, value] = [textOf(event['name']), textOf(event['value'])];
  const [from, to] = [textOf(event['old_name']), textOf(event['new_name'])];
  const { names } = event;
  switch (event['subtype']) {
    case 'add':
      return name !== undefined && value !== undefined ? { type: 'added', name, value } : { type: 'unknown' };
    case 'remove':
      return Array.isArray(names)
        ? { type: 'removed', names: names.filter((each) => typeof each === 'string') }
        : { type: 'unknown' };
    case 'rename':
      return from !== undefined && to !== undefined && value !== undefined
        ? { type: 'renamed', from, to, value }
        : { type: 'unknown' };
    default:
      return { type: 'unknown' };
  }
}

const channelChanges: Readonly<Record<string, ChannelChange>> = {
  channel_archive: 'archived',
  channel_unarchive: 'unarchived',
  channel_deleted: 'deleted',
  channel_rename: 'renamed',
  channel_left: 'bot-left',
  group_archive: 'archived',
  group_unarchive: 'unarchived',
  group_deleted: 'deleted',
  group_rename: 'renamed',
  group_left: 'bot-left',
};

function otherEvent(team: TeamId, type: string, event: Fields): SlackEvent {
  const change = Object.hasOwn(channelChanges, type) ? channelChanges[type] : undefined;
  if (change === undefined) return { type: 'ignored', reason: `unknown:${type.slice(0, 60)}` };
  const channel = isFields(event['channel']) ? event['channel']['id'] : event['channel'];
  return { type: 'channel', change, team, channel: channelId(channel) };
}
