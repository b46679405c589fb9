import { CannotBridge } from '../errors.ts';
import type { MatrixMessage, MatrixRelation } from '../events.ts';
import type { MatrixUserId } from '../ids.ts';
import type { PortalContext } from './context.ts';
import { relayIdentity } from './from-matrix/identity.ts';
import { requireRelay } from './from-matrix/permission.ts';
import { isTextFile } from './from-matrix/text-file.ts';
import { writerOf } from './own-account.ts';
import type { MessageLink, Portal } from './ports.ts';

/**
 * Shows a reply that somebody wrote in a thread in the Slack channel, too, as Slack's "also send to channel" does. It is one
 * message in both places: later edits and deletes concern both. Repeating it changes nothing.
 *
 * @param relation what the request answers: the reply, or nothing but the thread, for its last message.
 * @throws CannotBridge with what is wrong, for the asker
 */
export type Broadcast = (portal: Portal, asker: MatrixUserId, relation: MatrixRelation) => Promise<void>;

export function createBroadcast(context: PortalContext): Broadcast {
  return async (portal, asker, relation) => {
    if (portal.policy.direction === 'to-matrix')
      throw new CannotBridge('direction', 'Nothing goes from this room to Slack: “!slack set” shows that.');
    if (portal.status !== 'live')
      throw new CannotBridge('not-live', 'The bridge rests here: “!slack status” says why.');
    requireRelay(context, asker);
    const links = await meant(context, portal, relation);
    const [first] = links;
    if (!first || first.event === undefined) throw new CannotBridge('no-message', howTo);
    if (first.origin !== 'matrix' || first.sender !== asker)
      throw new CannotBridge('not-own', `That isn’t your message. ${howTo}`);
    if (first.threadTs === undefined)
      throw new CannotBridge('no-thread', `That message is in the channel already. ${howTo}`);
    const message = await context.matrix.message(portal.room, first.event);
    if (!message) throw new CannotBridge('no-message', 'That message was removed.');
    for (const link of links) if (!isTextFile(link)) await show(context, portal, message, link);
  };
}

const howTo =
  'Answer a message of your own in a thread with this, and it is shown in the Slack channel, too; a message that you have just written may take a moment until it is in Slack.';

async function meant(
  { links }: PortalContext,
  portal: Portal,
  { replyTo, thread }: MatrixRelation,
): Promise<readonly MessageLink[]> {
  const inPortal = async (event: Parameters<typeof links.byEvent>[0]): Promise<readonly MessageLink[]> =>
    (await links.byEvent(event)).filter((link) => link.portal === portal.id);
  if (replyTo !== undefined) return inPortal(replyTo);
  const [root] = thread === undefined ? [] : await inPortal(thread);
  const latest = root && (await links.latestInThread(portal.id, root.threadTs ?? root.ts));
  return latest?.event === undefined ? [] : inPortal(latest.event);
}

/** What stands there stays as it is: Slack wants the content with every change. */
async function show(
  context: PortalContext,
  portal: Portal,
  message: MatrixMessage,
  link: MessageLink,
): Promise<void> {
  const { ts, threadTs, piece } = link;
  const [place] = portal.channels;
  const by = writerOf({ context, portal }, link);
  const there = await context.slack.message(place, ts, threadTs);
  if (!there) throw new CannotBridge('no-message', 'That message is gone from Slack.');
  await context.slack.update(place, ts, {
    text: there.ownText ?? there.text, // what Slack attached for a link in it, it attaches again
    emote: false, // it looks as it shall already
    ...(by === undefined ? { as: await relayIdentity(context, portal, message) } : { by }),
    opKey: context.opKey(message.event, piece),
    broadcast: true,
  });
}
