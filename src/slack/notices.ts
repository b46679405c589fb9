import { CannotBridge, Uncertain } from '../errors.ts';
import { textDoc } from '../format/doc.ts';
import type { SlackNotices } from '../portal/notice-ports.ts';
import type { Call, CallSlack } from './calls.ts';
import { renderPost } from './render-post.ts';

/**
 * See `SlackNotices`.
 * @see https://docs.slack.dev/reference/methods/chat.postEphemeral
 */
export function createNotices(call: CallSlack): SlackNotices {
  return {
    toPerson: async ({ team, channel }, person, text, threadTs) => {
      if (!/^[UW]/.test(person)) return false; // an app reads nothing
      const args = { channel, user: person, ...words(text), ...inThread(threadTs) };
      return isShown(call, { team, method: 'chat.postEphemeral', effect: 'repeatable', args });
    },
    toChannel: ({ team, channel }, text, threadTs) => {
      const args = { channel, ...words(text), ...inThread(threadTs) };
      return isShown(call, { team, channel, method: 'chat.postMessage', effect: 'post', args });
    },
  };
}

function words(text: string) {
  return { text: renderPost({ text: textDoc(text), emote: false }).text };
}

function inThread(threadTs: string | undefined) {
  return threadTs === undefined ? {} : { thread_ts: threadTs };
}

async function isShown(call: CallSlack, request: Call): Promise<boolean> {
  try {
    await call(request);
    return true;
  } catch (error) {
    if (error instanceof Uncertain) return true; // most likely it is there; said twice it would be a nuisance
    if (error instanceof CannotBridge) return false;
    throw error;
  }
}
