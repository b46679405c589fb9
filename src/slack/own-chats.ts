import { TryLater } from '../errors.ts';
import { channelId } from '../ids.ts';
import type { SlackPort } from '../portal/ports.ts';
import type { CallSlack } from './calls.ts';
import { fieldsOf, maybe } from './fields.ts';

/**
 * What only people have: chats among themselves, and how far they have read.
 * @see https://docs.slack.dev/reference/methods/conversations.open
 */
export function createOwnChats(call: CallSlack): Pick<SlackPort, 'markRead' | 'openChat'> {
  return {
    markRead: async ({ team, channel }, ts, by) => {
      const args = { channel, ts };
      await call({ team, by, method: 'conversations.mark', effect: 'repeatable', background: true, args });
    },
    openChat: async (team, users, by) => {
      const args = { users: users.join(',') };
      const answer = await call({ team, by, method: 'conversations.open', effect: 'repeatable', args });
      const opened = maybe(channelId, fieldsOf(answer['channel'])['id']);
      if (opened === undefined) throw new TryLater('Slack didn’t say which chat it opened');
      return opened;
    },
  };
}
