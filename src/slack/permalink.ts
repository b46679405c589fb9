import { InvalidId, ts as tsId } from '../ids.ts';
import type { ChannelId, Ts } from '../ids.ts';

/**
 * A message's address: `<workspace>archives/C1/p1700000000000100`, for replies with the thread they stand in. The same
 * that `chat.getPermalink` gives, without a call.
 */
export function permalink(workspace: string | undefined, channel: ChannelId, ts: Ts, threadTs?: Ts): string {
  const address = new URL(`archives/${channel}/p${ts.replace('.', '')}`, workspace ?? 'https://slack.com/');
  if (threadTs !== undefined && threadTs !== ts) {
    address.searchParams.set('thread_ts', threadTs);
    address.searchParams.set('cid', channel);
  }
  return address.href;
}

/** Which message an address that `permalink` made names; `undefined` for any other. */
export function readPermalink(address: string): { readonly ts: Ts; readonly threadTs?: Ts } | undefined {
  const named = /\/archives\/[CDG][A-Z0-9]+\/p(\d{1,12})(\d{6})(?:\?|$)/.exec(address);
  if (!named) return undefined;
  try {
    const threadTs = new URL(address).searchParams.get('thread_ts') ?? undefined;
    return {
      ts: tsId(`${named[1]}.${named[2]}`),
      ...(threadTs !== undefined && { threadTs: tsId(threadTs) }),
    };
  } catch (error) {
    if (error instanceof InvalidId || error instanceof TypeError) return undefined;
    throw error;
  }
}
