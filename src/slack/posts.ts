import { CannotBridge, Uncertain } from '../errors.ts';
import type { SlackPlace } from '../events.ts';
import { ts } from '../ids.ts';
import type { OutgoingPost, SlackPort } from '../portal/ports.ts';
import type { Call, CallSlack } from './calls.ts';
import type { Fields } from './fields.ts';
import { maybe } from './fields.ts';
import { metadataType } from './message.ts';
import { isBlockRefusal, renderPost } from './render-post.ts';

/** Writing messages and reactions. */
export type Posts = Pick<SlackPort, 'post' | 'update' | 'remove' | 'react' | 'unreact'>;

type By = Call['by'];

export function createPosts(call: CallSlack): Posts {
  const reaction = (
    place: SlackPlace,
    method: string,
    { by, ...args }: { readonly timestamp: string; readonly name: string; readonly by: By },
    done: readonly string[],
  ) => repeatable(call, { team: place.team, by, method, args: { channel: place.channel, ...args } }, done);

  return {
    post: async (place, post) => {
      const { team, channel } = place;
      const args = {
        channel,
        ...commonArgs(post),
        ...(post.threadTs !== undefined && { thread_ts: post.threadTs }),
        unfurl_links: true,
        unfurl_media: true,
      };
      const request = {
        team,
        channel,
        by: post.by,
        method: 'chat.postMessage',
        effect: 'post',
        args,
      } as const;
      const answer = await write(call, request, post, {});
      const posted = maybe(ts, answer['ts']);
      if (posted === undefined) throw new Uncertain('Slack took the post but didn’t say where it is');
      return posted;
    },
    update: async ({ team, channel }, at, post, { background = false } = {}) => {
      const args = { channel, ts: at, ...commonArgs(post), reply_broadcast: post.broadcast };
      // without blocks in the call the message would keep its old ones, and show these
      const plain = { blocks: [] };
      const { by } = post;
      const request = { team, by, method: 'chat.update', effect: 'repeatable', background, args } as const;
      await write(call, request, post, plain);
    },
    remove: ({ team, channel }, at, how) =>
      repeatable(call, { team, method: 'chat.delete', args: { channel, ts: at }, ...how }, [
        'message_not_found',
      ]),
    react: (place, timestamp, name, by) =>
      reaction(place, 'reactions.add', { timestamp, name, by }, ['already_reacted']),
    unreact: (place, timestamp, name, by) =>
      reaction(place, 'reactions.remove', { timestamp, name, by }, ['no_reaction', 'message_not_found']),
  };
}

/** With blocks, and if Slack refuses these for sure, once more with the text alone. */
async function write(call: CallSlack, request: Call, post: OutgoingPost, plain: Fields): Promise<Fields> {
  const { blocks, text, plainText } = renderPost(post);
  const textOnly = { ...request, args: { ...request.args, ...plain, text: plainText } };
  if (blocks.length === 0) return call(textOnly);
  try {
    return await call({ ...request, args: { ...request.args, text, blocks } });
  } catch (error) {
    if (!isBlockRefusal(error)) throw error;
    return call(textOnly);
  }
}

/** A call whose `alreadyDone` refusals are success. */
async function repeatable(
  call: CallSlack,
  request: Omit<Call, 'effect'>,
  alreadyDone: readonly string[],
): Promise<void> {
  try {
    await call({ ...request, effect: 'repeatable' });
  } catch (error) {
    if (!(error instanceof CannotBridge) || !alreadyDone.includes(error.reason)) throw error;
  }
}

/**
 * Name, picture and key. They are sent with each change too: an update without a name would show the bot's.
 * @see https://docs.slack.dev/reference/methods/chat.postMessage#authorship
 */
function commonArgs(post: OutgoingPost): Fields {
  return {
    ...(post.as !== undefined && { username: post.as.name }),
    ...(post.as?.picture !== undefined && { icon_url: post.as.picture }),
    metadata: {
      event_type: metadataType,
      event_payload: { k: post.opKey, ...(post.editKey !== undefined && { e: post.editKey }) },
    },
  };
}
