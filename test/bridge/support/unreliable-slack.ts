import { TryLater, Uncertain } from '../../../src/errors.ts';
import { plainText } from '../../../src/format/doc.ts';
import { ts as tsId } from '../../../src/ids.ts';
import type { Ts } from '../../../src/ids.ts';
import type { OutgoingPost } from '../../../src/portal/ports.ts';
import type { RecordedSlack } from '../../portal/support/recorded-slack.ts';
import { ourApp } from '../../portal/support/recorded-slack.ts';
import { callback } from '../../slack/support/payloads.ts';
import type { Json } from '../../slack/support/payloads.ts';

interface Posted {
  text: string;
  readonly key: string;
  readonly reactions: Set<string>;
}

/** What stands in the channel. */
export interface Channel {
  readonly messages: ReadonlyMap<Ts, Posted>;
}

/**
 * A channel of Slack in which calls fail before and after they are done, and that tells of what happened in it before the
 * answer, after it, or (of posts, sometimes) never.
 */
export function makeUnreliable(
  slack: RecordedSlack,
  random: () => number,
  tell: (body: Json) => Promise<void>,
): Channel {
  const messages = new Map<Ts, Posted>();
  const gone = new Set<Ts>();
  let last = 0;
  const away = (): TryLater => new TryLater('away', { target: 'slack:T1', after: 5 });

  async function event(fields: Json): Promise<void> {
    last += 1;
    const event_ts = `1800000000.${String(last).padStart(6, '0')}`;
    const body = callback({ channel: 'C1', event_ts, ...fields }, { event_id: `EvOurs${last}` });
    if (random() < 0.5) await tell(body);
    else setTimeout(() => void tell(body), random() * 20);
  }

  /** A call whose repetition is the same effect. */
  async function repeatable(work: () => Promise<void>): Promise<void> {
    const dice = random();
    if (dice < 0.04) throw away();
    await work();
    if (dice > 0.96) throw away();
  }

  async function take(post: OutgoingPost): Promise<Ts> {
    last += 1;
    const ts = tsId(`1800000000.${String(last).padStart(6, '0')}`);
    const text = plainText(post.text);
    messages.set(ts, { text, key: post.opKey, reactions: new Set() });
    const metadata = { event_type: 'matrix_slack_bridge', event_payload: { k: post.opKey } };
    const from = { bot_id: 'B0OURS', app_id: ourApp, username: 'Ann (Matrix)' };
    if (random() < 0.8) await event({ type: 'message', subtype: 'bot_message', ts, text, metadata, ...from });
    return ts;
  }

  slack.post = async (_place, post) => {
    const dice = random();
    if (dice < 0.03) throw away();
    if (dice < 0.08) throw new Uncertain('not applied');
    const ts = await take(post);
    if (dice > 0.9) throw new Uncertain('applied');
    return ts;
  };
  slack.update = (_place, ts, post) =>
    repeatable(async () => {
      const message = messages.get(ts);
      if (message) message.text = plainText(post.text);
    });
  slack.remove = (_place, ts) =>
    repeatable(async () => {
      messages.delete(ts);
      if (gone.has(ts)) return;
      gone.add(ts);
      await event({ type: 'message', subtype: 'message_deleted', deleted_ts: ts, ts });
    });
  slack.react = (_place, ts, name) => repeatable(async () => void messages.get(ts)?.reactions.add(name));
  slack.unreact = (_place, ts, name) => repeatable(async () => void messages.get(ts)?.reactions.delete(name));
  slack.findByOpKey = async (_place, key) =>
    [...messages].flatMap(([ts, message]) => (message.key === key ? ts : [])).toSorted();
  return { messages };
}
