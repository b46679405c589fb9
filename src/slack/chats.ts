import { CannotBridge } from '../errors.ts';
import type { SlackPlace } from '../events.ts';
import { slackUserId } from '../ids.ts';
import type { SlackUserId, TeamId } from '../ids.ts';
import type { SlackChannel, SlackChat, SlackPort } from '../portal/ports.ts';
import type { CallSlack } from './calls.ts';
import { slackChannel } from './channel.ts';
import { fieldsOf, maybe, objectsOf, textOf } from './fields.ts';
import type { Fields } from './fields.ts';

/** More than may be in a group message; of a channel these are enough to know some. */
const mostMembers = 200;
const pageSize = 200;

/** Conversations that Slack shows to their people only. */
export function createChats(call: CallSlack): Pick<SlackPort, 'chat' | 'privateChannels'> {
  return {
    chat: async ({ team, channel }, by) => {
      const args = { channel };
      const request = { team, by, method: 'conversations.info', effect: 'read', args } as const;
      const raw = await unlessGone(() => call(request));
      if (!raw) return undefined;
      const info = fieldsOf(raw['channel']);
      return { ...kindOf(info), members: await membersOf(call, { team, channel }, by) };
    },
    privateChannels: (team, by) => privateChannels(call, team, by),
  };
}

function kindOf(info: Fields): Pick<SlackChat, 'kind' | 'name'> {
  const kind = info['is_im'] === true ? 'direct' : info['is_mpim'] === true ? 'group' : 'channel';
  const name = textOf(info['name']);
  return { kind, ...(name !== undefined && kind === 'channel' && { name }) };
}

/** @see https://docs.slack.dev/reference/methods/conversations.members */
async function membersOf(
  call: CallSlack,
  { team, channel }: SlackPlace,
  by: SlackUserId,
): Promise<readonly SlackUserId[]> {
  const args = { channel, limit: mostMembers };
  const answer = await call({ team, by, method: 'conversations.members', effect: 'read', args });
  const { members } = answer;
  return Array.isArray(members) ? members.flatMap((each: unknown) => maybe(slackUserId, each) ?? []) : [];
}

/** @see https://docs.slack.dev/reference/methods/users.conversations */
async function privateChannels(
  call: CallSlack,
  team: TeamId,
  by: SlackUserId,
): Promise<readonly SlackChannel[]> {
  const found: SlackChannel[] = [];
  let cursor: string | undefined;
  do {
    const args = { types: 'private_channel', limit: pageSize, exclude_archived: true, cursor };
    const page = await call({ team, by, method: 'users.conversations', effect: 'read', args });
    for (const raw of objectsOf(page['channels'])) {
      const channel = maybe((value) => slackChannel(team, fieldsOf(value)), raw);
      if (channel) found.push({ ...channel, private: true, member: true });
    }
    cursor = textOf(fieldsOf(page['response_metadata'])['next_cursor']);
  } while (cursor !== undefined);
  return found;
}

async function unlessGone(read: () => Promise<Fields>): Promise<Fields | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CannotBridge && error.reason === 'channel_not_found') return undefined;
    throw error;
  }
}
