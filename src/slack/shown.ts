import { CannotBridge } from '../errors.ts';
import { parseMrkdwn } from '../format/mrkdwn.ts';
import { safeUrl } from '../format/url.ts';
import type { Doc } from '../format/doc.ts';
import type { SlackPlace } from '../events.ts';
import type { Ts } from '../ids.ts';
import type { Bookmark, SlackPort } from '../portal/ports.ts';
import type { Call, CallSlack } from './calls.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, objectsOf, textOf } from './fields.ts';

/** What a channel shows of itself: its topic, name, pins and bookmarks. */
export type ShownWrites = Pick<SlackPort, 'bookmarks' | 'setTopic' | 'rename' | 'pin' | 'unpin'>;

export function createShownWrites(call: CallSlack): ShownWrites {
  const pins = (
    method: string,
    { team, channel }: SlackPlace,
    { at: timestamp, by }: { readonly at: Ts; readonly by: Call['by'] },
    done: readonly string[],
  ) => unlessDone(call, { team, by, method, effect: 'repeatable', args: { channel, timestamp } }, done);
  return {
    bookmarks: async ({ team, channel }) => {
      const args = { channel_id: channel };
      const answer = await call({ team, method: 'bookmarks.list', effect: 'read', args });
      return objectsOf(answer['bookmarks']).flatMap(bookmarkOf);
    },
    setTopic: async ({ team, channel }, topic, by) => {
      const args = { channel, topic: escaped(topic) };
      const answer = await call({ team, by, method: 'conversations.setTopic', effect: 'repeatable', args });
      return topicIn(answer) ?? parseMrkdwn(args.topic);
    },
    rename: async ({ team, channel }, name, by) => {
      const args = { channel, name };
      await call({ team, by, method: 'conversations.rename', effect: 'repeatable', args });
    },
    pin: (place, at, by) => pins('pins.add', place, { at, by }, ['already_pinned']),
    unpin: (place, at, by) =>
      pins('pins.remove', place, { at, by }, ['no_pin', 'not_pinned', 'message_not_found']),
  };
}

async function unlessDone(call: CallSlack, request: Call, done: readonly string[]): Promise<void> {
  try {
    await call(request);
  } catch (error) {
    if (!(error instanceof CannotBridge) || !done.includes(error.reason)) throw error;
  }
}

/** @see https://docs.slack.dev/reference/methods/bookmarks.list */
function bookmarkOf(raw: Fields): readonly Bookmark[] {
  const url = safeUrl(textOf(raw['link']) ?? '');
  if (url === undefined) return [];
  return [{ title: textOf(raw['title']) ?? url, url }];
}

function topicIn(answer: Fields): Doc | undefined {
  const value = textOf(fieldsOf(fieldsOf(answer['channel'])['topic'])['value']);
  return value === undefined ? undefined : parseMrkdwn(value);
}

/** As in messages: nothing in it becomes a mention. */
function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
