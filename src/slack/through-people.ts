import { CannotBridge } from '../errors.ts';
import type { SlackPlace } from '../events.ts';
import { channelId } from '../ids.ts';
import type { Call, CallSlack } from './calls.ts';
import { maybe } from './fields.ts';
import type { ChannelReaders } from './ports.ts';

/** What the bridge asks nobody's permission for. */
const notPermitted: ReadonlySet<string> = new Set(['bookmarks.list']);

/** What Slack says to somebody who isn't in a private channel, or not any more. */
const notShown: ReadonlySet<string> = new Set(['channel_not_found', 'not_in_channel']);

/**
 * Reads channels that the bot isn't in by linked people's tokens, and goes on with the next person where Slack shows one of
 * them nothing any more. What isn't only read, or says by whom, is left as it is.
 */
export function readThroughPeople(call: CallSlack, readers: ChannelReaders): CallSlack {
  return async (request) => {
    const place = placeOf(request);
    const people = place && readers.of(place);
    if (!place || !people) return call(request);
    if (notPermitted.has(request.method))
      throw new CannotBridge('missing_scope', 'people don’t let the bridge read this.');
    for (const by of people) {
      try {
        return await call({ ...request, by });
      } catch (error) {
        if (!(error instanceof CannotBridge && notShown.has(error.reason))) throw error;
        readers.lost(place, by);
      }
    }
    throw new CannotBridge('channel_not_found', nobody);
  };
}

const nobody = 'nobody who is logged in to Slack here is in this conversation any more.';

function placeOf({ team, by, effect, within, args }: Call): SlackPlace | undefined {
  if (effect !== 'read' || by !== undefined) return undefined;
  const channel = maybe(channelId, within ?? args['channel'] ?? args['channel_id']);
  return channel === undefined ? undefined : { team, channel };
}
