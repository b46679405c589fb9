import { parseMrkdwn } from '../format/mrkdwn.ts';
import type { TeamId } from '../ids.ts';
import { channelId, slackUserId } from '../ids.ts';
import type { SlackChannel } from '../portal/ports.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, maybe, textOf } from './fields.ts';

/**
 * A channel object, as `team` sees it. Direct messages have no name: their id stands in.
 * @see https://docs.slack.dev/reference/objects/conversation-object
 */
export function slackChannel(team: TeamId, raw: Fields): SlackChannel {
  const id = channelId(raw['id']);
  const topic = textOf(fieldsOf(raw['topic'])['value']);
  const purpose = textOf(fieldsOf(raw['purpose'])['value']);
  const { num_members: memberCount } = raw;
  const creator = maybe(slackUserId, raw['creator']);
  return {
    team,
    channel: id,
    name: textOf(raw['name']) ?? id,
    private: raw['is_private'] === true || raw['is_im'] === true || raw['is_mpim'] === true,
    archived: raw['is_archived'] === true,
    member: raw['is_member'] === true || raw['is_im'] === true,
    ...(topic !== undefined && { topic: parseMrkdwn(topic) }),
    ...(purpose !== undefined && { purpose: parseMrkdwn(purpose) }),
    ...setterOf(raw),
    ...(typeof memberCount === 'number' && { memberCount }),
    ...(creator !== undefined && { creator }),
  };
}

/** Who wrote the topic, and the description, last. */
function setterOf(raw: Fields): Pick<SlackChannel, 'topicBy'> {
  const written = [raw['topic'], raw['purpose']].flatMap((note) => {
    const by = maybe(slackUserId, fieldsOf(note)['creator']);
    return by === undefined ? [] : [by];
  });
  return written.length > 0 ? { topicBy: written } : {};
}
