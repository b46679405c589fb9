import { createHash } from 'node:crypto';
import { TryLater } from '../errors.ts';
import type { SlackMessage } from '../events.ts';
import type { Doc } from '../format/doc.ts';
import type { ShownText } from '../format/edits.ts';
import { tsToMillis } from '../ids.ts';
import type { Ts } from '../ids.ts';
import type { Work } from './context.ts';

/** What a text says, as a short key: Slack's telling of it has the same. */
export function textKey(text: Doc): string {
  return createHash('sha256').update(JSON.stringify(text.blocks)).digest('base64url').slice(0, 16);
}

/** Of what somebody wrote, without what Slack adds below. */
export function keyOfMessage({ ownText, text }: Pick<SlackMessage, 'ownText' | 'text'>): string {
  return textKey(ownText ?? text);
}

/** Of more nothing is told any more. */
const most = 5;

/** The texts that a message had, with one more. */
export function withText(texts: readonly ShownText[], text: ShownText): readonly ShownText[] {
  return [...texts, text].slice(-most);
}

/** So long a change of ours may be on its way, in milliseconds. */
const longestWay = 30_000;

/**
 * Whether an edit that Slack tells of is news to the room. `texts`: what the room showed of the message lately, newest last.
 * Where events come late Slack is asked what the message says now; where a change of ours is on its way, that is waited for.
 *
 * | edit                                                  | news                                     |
 * | ----------------------------------------------------- | ---------------------------------------- |
 * | Slack says that it is ours                            | no                                       |
 * | says what the room shows                              | no                                       |
 * | says what the room showed, and a change of ours is on its way | no: it is the echo of an earlier one |
 * | other, and Slack shows it now                         | yes                                      |
 * | other, and Slack shows something else                 | no: it was written over                  |
 */
export async function isNews(
  work: Work,
  message: SlackMessage & { readonly editTs: Ts },
  { texts, isOwn }: { readonly texts: readonly ShownText[]; readonly isOwn: boolean },
): Promise<boolean> {
  if (isOwn) return false;
  const last = texts.at(-1);
  if (last === undefined) return true;
  const key = keyOfMessage(message);
  if (last.key === key) return false;
  const { context, portal } = work;
  if (last.onItsWay && context.clock.now() - tsToMillis(message.editTs) < longestWay) {
    if (texts.some((text) => text.key === key)) return false;
    throw new TryLater('a change of the message is on its way to Slack', { after: 500 });
  }
  const now = await context.slack.message(portal.channels[0], message.ts, message.threadTs);
  return now !== undefined && keyOfMessage(now) === key;
}
