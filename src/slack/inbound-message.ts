import type { SlackEvent, Telling } from '../events.ts';
import type { TeamId, Ts } from '../ids.ts';
import { channelId, slackUserId, ts } from '../ids.ts';
import { conversions, shownSubtypes } from './envelope.ts';
import { changeKind, editHashOf, editTsOf, sameContent } from './facts.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, maybe, textOf } from './fields.ts';
import { opKeyOf, slackMessage } from './message.ts';
import { becomesMessage } from './subtypes.ts';

/**
 * A `message` event, with all its subtypes.
 *
 * | subtype                                                            | event                                  |
 * | ------------------------------------------------------------------ | -------------------------------------- |
 * | none, bot_message, me_message, file_share, thread_broadcast, …     | `message`                              |
 * | message_changed: the author's edit, or an app's silent update      | `edit`                                 |
 * | message_changed: a reply was sent to the channel, too              | `edit`                                 |
 * | message_changed: files of it came or were deleted                  | `edit` of `only: 'files'`              |
 * | message_changed: links were unfurled, a thread grew                | `ignored`: `unfurl`, `unchanged`       |
 * | message_changed to a tombstone, message_deleted                    | `delete`                               |
 * | huddle_thread, reminder_add, bot_add, …: see `subtypes.ts`          | `message`, in words of its kind        |
 * | channel_topic, channel_purpose, channel_name                       | `shown`                                |
 * | channel_convert_to_private, channel_convert_to_public              | `channel`: `converted`                 |
 * | channel_join, …: see `subtypes.ts`                                 | `ignored`: `subtype:<name>`            |
 *
 * A subtype that we don't know is bridged as a message where it has an author: better shown plainly than lost.
 * @see https://docs.slack.dev/reference/events/message
 */
export function messageEvent(team: TeamId, event: Fields): SlackEvent {
  const place = { team, channel: channelId(event['channel']) };
  const subtype = textOf(event['subtype']);
  if (subtype === 'message_changed') return changed(place, event);
  if (subtype === 'message_deleted') return { type: 'delete', ...place, ts: ts(event['deleted_ts']) };
  if (subtype !== undefined && Object.hasOwn(shownSubtypes, subtype))
    return shown(place, event, shownSubtypes[subtype] ?? 'topic');
  if (subtype !== undefined && conversions.has(subtype))
    return { type: 'channel', change: 'converted', ...place };
  if (!becomesMessage(subtype)) return { type: 'ignored', reason: `subtype:${subtype}` };
  const message = slackMessage(place, event);
  if (message === undefined) return { type: 'ignored', reason: 'no-author' };
  return { type: 'message', ...privacyOf(event), ...message };
}

function shown(
  place: Parameters<typeof slackMessage>[0],
  event: Fields,
  what: 'topic' | 'name',
): Extract<SlackEvent, { readonly type: 'shown' }> {
  const by = maybe(slackUserId, event['user']);
  const name = what === 'name' ? textOf(event['name']) : undefined;
  return {
    type: 'shown',
    what,
    ...place,
    ...(by !== undefined && { by }),
    ...(name !== undefined && { name }),
  };
}

function privacyOf(event: Fields): Pick<Telling, 'inPrivate'> {
  return event['channel_type'] === 'group' ? { inPrivate: true } : {};
}

function changed(place: Parameters<typeof slackMessage>[0], event: Fields): SlackEvent {
  const now = fieldsOf(event['message']);
  const before = fieldsOf(event['previous_message']);
  const at = ts(now['ts']);
  const kind = changeKind(now, before);
  if (kind === 'delete') return { type: 'delete', ...place, ts: at };
  const subtype = textOf(now['subtype']);
  if (!becomesMessage(subtype)) return { type: 'ignored', reason: `subtype:${subtype}` };
  const sentToChannel = now['subtype'] === 'thread_broadcast' && before['subtype'] !== 'thread_broadcast';
  const same = !sentToChannel && sameContent(now, before);
  if (kind === 'other' && (before['ts'] === undefined || same))
    return { type: 'ignored', reason: unfurled(now, before) ? 'unfurl' : 'unchanged' };
  const message = slackMessage(place, now);
  if (message === undefined) return { type: 'ignored', reason: 'no-author' };
  const edit = { type: 'edit', ...privacyOf(event), ...place, ts: at } as const;
  if (kind === 'files') return { ...edit, message, only: 'files' };
  // an app may change its message without an edit mark: the change itself says when
  const changedAt = ts(event['event_ts'] ?? event['ts']);
  const editTs = kind === 'edit' ? later(ts(editTsOf(now)), changedAt) : changedAt;
  const isOwn = isOurChange(now, before) ? { isOwn: true as const } : {};
  return { ...edit, ...isOwn, message: { ...message, editTs, editHash: editHashOf(now) } };
}

/** Each change of ours carries a key of its own, which a person's leaves as it is. */
function isOurChange(now: Fields, before: Fields): boolean {
  // what history tells says nothing of how it was before
  return (
    before['text'] !== undefined && opKeyOf(now) !== undefined && changeKeyOf(now) !== changeKeyOf(before)
  );
}

function changeKeyOf(message: Fields): string {
  const { k, e } = fieldsOf(fieldsOf(message['metadata'])['event_payload']);
  return JSON.stringify([k, e]);
}

/** Of two edits within one second only their events say which came last. */
function later(a: Ts, b: Ts): Ts {
  return a > b ? a : b;
}

function unfurled(now: Fields, before: Fields): boolean {
  return JSON.stringify(now['attachments'] ?? []) !== JSON.stringify(before['attachments'] ?? []);
}
