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
