import { TryLater } from '../errors.ts';
import { channelId } from '../ids.ts';
import type { SlackPort } from '../portal/ports.ts';
import type { CallSlack } from './calls.ts';
import { fieldsOf, maybe, textOf } from './fields.ts';

/**
 * What only people have: chats among themselves, and how far they have read.
 * @see https://docs.slack.dev/reference/methods/conversations.open
 */
export function createOwnChats(call: CallSlack): Pick<SlackPort, 'markRead' | 'openChat'> {
  return {
    markRead: async ({ team, channel }, ts, by) => {
      const asked = { team, by, background: true } as const;
      const info = await call({ ...asked, method: 'conversations.info', effect: 'read', args: { channel } });
      const last = textOf(fieldsOf(info['channel'])['last_read']);
      if (last !== undefined && last >= ts) return; // Slack would set it back
      const args = { channel, ts };
      await call({ ...asked, method: 'conversations.mark', effect: 'repeatable', args });
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
