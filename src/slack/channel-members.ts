import { CannotBridge } from '../errors.ts';
import type { SlackPlace } from '../events.ts';
import type { SlackUserId } from '../ids.ts';
import { slackUserId } from '../ids.ts';
import type { SlackPort } from '../portal/ports.ts';
import type { Call, CallSlack } from './calls.ts';
import { fieldsOf, maybe, textOf } from './fields.ts';

/** Who is in a channel. */
export type ChannelMembers = Pick<SlackPort, 'members' | 'inviteMember' | 'removeMember'>;

/** A list that is still being read: a limit of Slack's ends a call, and the next one goes on from here. */
interface Reading {
  readonly startedAt: number;
  readonly members: SlackUserId[];
  cursor: string | undefined;
}

/** After this, in milliseconds, an unfinished list is begun anew. */
const resumable = 5 * 60_000;
const pageSize = 1000;

/** @see https://docs.slack.dev/reference/methods/conversations.members */
export function createChannelMembers(call: CallSlack): ChannelMembers {
  const readings = new Map<string, Reading>();

  return {
    async members({ team, channel }, most) {
      const key = `${team} ${channel}`;
      const left = readings.get(key);
      const reading =
        left !== undefined && performance.now() - left.startedAt < resumable
          ? left
          : { startedAt: performance.now(), members: [], cursor: undefined };
      readings.set(key, reading);
      do {
        const args = { channel, limit: pageSize, cursor: reading.cursor };
        const page = await call({
          team,
          method: 'conversations.members',
          effect: 'read',
          background: true,
          args,
        });
        const told: readonly unknown[] = Array.isArray(page['members']) ? page['members'] : [];
        reading.members.push(...told.flatMap((each) => maybe(slackUserId, each) ?? []));
        reading.cursor = textOf(fieldsOf(page['response_metadata'])['next_cursor']);
      } while (reading.cursor !== undefined && reading.members.length <= most);
      readings.delete(key);
      return reading.members.length > most ? undefined : reading.members;
    },
    inviteMember: (place, user, by) =>
      unlessSo(call, change('conversations.invite', place, { users: user }, by), 'already_in_channel'),
    removeMember: (place, user, by) =>
      unlessSo(call, change('conversations.kick', place, { user }, by), 'not_in_channel'),
  };
}

function change(
  method: string,
  { team, channel }: SlackPlace,
  args: Call['args'],
  by: SlackUserId | undefined,
): Call {
  return { team, method, effect: 'repeatable', args: { channel, ...args }, ...(by !== undefined && { by }) };
}

/** Resolves with whether that changed anything. */
async function unlessSo(call: CallSlack, request: Call, already: string): Promise<boolean> {
  try {
    await call(request);
    return true;
  } catch (error) {
    if (error instanceof CannotBridge && error.reason === already) return false;
    throw error;
  }
}
