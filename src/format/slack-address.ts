/** Addresses of messages on Slack, as people copy them: `https://example.slack.com/archives/C1/p1700000000000100`. */
import { channelId, ts as tsId } from '../ids.ts';
import type { ChannelId, Ts } from '../ids.ts';

export interface SlackMessageAddress {
  /** Of the workspace: `example.slack.com`, with a port where it has one. */
  readonly host: string;
  readonly channel: ChannelId;
  readonly ts: Ts;
  /** The root of the thread that it stands in, where the address says so. */
  readonly threadTs?: Ts;
}

const path = /^\/archives\/([CDG][A-Z0-9]{1,250})\/p(\d{1,12})(\d{6})$/;
const tsPattern = /^\d{1,12}\.\d{6}$/;

/**
 * Reads the address of a message; undefined for any other address, a channel's included.
 * @see https://docs.slack.dev/reference/methods/chat.getPermalink
 */
export function readSlackAddress(address: string): SlackMessageAddress | undefined {
  if (!address.includes('/archives/') || !URL.canParse(address)) return undefined;
  const { host, pathname, searchParams } = new URL(address);
  const [, channel, seconds, fraction] = path.exec(pathname) ?? [];
  if (channel === undefined) return undefined;
  const root = searchParams.get('thread_ts') ?? '';
  return {
    host,
    channel: channelId(channel),
    ts: tsId(`${seconds}.${fraction}`),
    ...(tsPattern.test(root) && { threadTs: tsId(root) }),
  };
}
