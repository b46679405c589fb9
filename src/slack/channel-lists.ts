import type { ChannelId, TeamId } from '../ids.ts';
import type { SlackChannel } from '../portal/ports.ts';
import type { CallSlack } from './calls.ts';
import { slackChannel } from './channel.ts';
import { fieldsOf, maybe, objectsOf, textOf } from './fields.ts';

/** A list that is still being read: a limit of Slack's ends a call, and the next one goes on from here. */
interface Reading {
  readonly startedAt: number;
  /** Pages overlap where channels are made meanwhile, or two ask at once. */
  readonly channels: Map<ChannelId, SlackChannel>;
  cursor: string | undefined;
}

/** After this, in milliseconds, an unfinished list is begun anew. */
const resumable = 5 * 60_000;
const pageSize = 999;

/**
 * Reads all channels that a team's bot can see, archived ones too. When Slack's limit ends it with `TryLater`, the next
 * call goes on where it stopped: in large workspaces a list takes more calls than may be made at once.
 */
export function createListReader(call: CallSlack): (team: TeamId) => Promise<readonly SlackChannel[]> {
  const readings = new Map<TeamId, Reading>();

  return async (team) => {
    const left = readings.get(team);
    const reading: Reading =
      left !== undefined && performance.now() - left.startedAt < resumable
        ? left
        : { startedAt: performance.now(), channels: new Map(), cursor: undefined };
    readings.set(team, reading);
    do {
      const args = { types: 'public_channel,private_channel', limit: pageSize, cursor: reading.cursor };
      const page = await call({ team, method: 'conversations.list', effect: 'read', args });
      for (const raw of objectsOf(page['channels'])) {
        const channel = maybe((value) => slackChannel(team, fieldsOf(value)), raw);
        if (channel !== undefined) reading.channels.set(channel.channel, channel);
      }
      reading.cursor = textOf(fieldsOf(page['response_metadata'])['next_cursor']);
    } while (reading.cursor !== undefined);
    readings.delete(team);
    return [...reading.channels.values()];
  };
}
