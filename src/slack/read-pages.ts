import { CannotBridge } from '../errors.ts';
import type { SlackPlace } from '../events.ts';
import type { Ts } from '../ids.ts';
import type { CallSlack } from './calls.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, objectsOf, textOf } from './fields.ts';

/** What to read of a channel: with `thread` the replies to it, its root among them. */
export interface Range {
  readonly thread?: Ts;
  /** Slack's timestamps, exclusive unless `inclusive`. */
  readonly oldest?: string;
  readonly latest?: string;
  readonly inclusive?: boolean;
  readonly limit?: number;
  readonly background?: boolean;
}

const pageSize = 200;

/**
 * Messages of a channel, newest first, or of a thread, oldest first and its root on each page. Pages are asked for as
 * they are read. A thread that is gone has none.
 * @see https://docs.slack.dev/reference/methods/conversations.history
 */
export async function* readMessages(
  call: CallSlack,
  place: SlackPlace,
  range: Range,
): AsyncGenerator<Fields> {
  const { thread, background = false, limit = pageSize, ...bounds } = range;
  const method = thread === undefined ? 'conversations.history' : 'conversations.replies';
  const args = { channel: place.channel, include_all_metadata: true, limit, ...bounds, ts: thread };
  let cursor: string | undefined;
  do {
    let page: Fields;
    try {
      const request = { ...args, cursor };
      page = await call({ team: place.team, method, effect: 'read', background, args: request });
    } catch (error) {
      if (error instanceof CannotBridge && error.reason === 'thread_not_found') return;
      throw error;
    }
    yield* objectsOf(page['messages']);
    const next = textOf(fieldsOf(page['response_metadata'])['next_cursor']);
    cursor = next === cursor ? undefined : next; // a page that leads to itself would be read for ever
  } while (cursor !== undefined);
}
