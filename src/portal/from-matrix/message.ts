import type { CannotBridge } from '../../errors.ts';
import type { MatrixMessage } from '../../events.ts';
import type { Block, Doc } from '../../format/doc.ts';
import { isEmpty } from '../../format/doc.ts';
import type { EventId, SlackUserId } from '../../ids.ts';
import type { Work } from '../context.ts';
import { ownAccount, unlessOutside } from '../own-account.ts';
import { bodyToSlack } from './body.ts';
import { relayIdentity } from './identity.ts';
import { requireOwnAccount, requireRelay } from './permission.ts';
import { placementInSlack } from './placement.ts';
import { leftFiles, tellOfFiles } from './file-notice.ts';
import type { Plan } from './post.ts';
import { isOutdated, postPieces } from './post.ts';
import { bringFiles } from './sent-files.ts';
import { textFile } from './text-file.ts';
import type { Group } from './with-files.ts';
import { groupsOf, isAllShared, settleShares, shareGroups, withoutGroup } from './with-files.ts';

/**
 * Matrix to Slack: by the sender's own account there, or by the bot under their name and picture, in the thread where it belongs, in as many posts as it needs.
 * `cause` is the event that is being handled, when that is an edit of the message.
 */
export async function messageToSlack(
  work: Work,
  message: MatrixMessage,
  cause: EventId = message.event,
): Promise<void> {
  const { context } = work;
  const leftOut = reasonToLeaveOut(work, message);
  if (leftOut !== undefined) return context.metrics.ignored('matrix', leftOut);
  requireRelay(context, message.sender);
  const { threadTs, quote } = await placementInSlack(work, message.relation);
  const by = speakerOf(work, message);
  requireOwnAccount(work.portal, by);
  const shown = { event: message.event, cause, by, ...(threadTs !== undefined && { threadTs }) };
  const posted = await unlessOutside(work, { by, sender: message.sender, event: cause }, () =>
    message.files ? postFiles(work, message, { shown, quote }) : postText(work, message, { shown, quote }),
  );
  if (posted) context.metrics.bridged('matrix', 'message');
}

/** Who names somebody else as the one who speaks wants that name to be seen: only the bot's posts can show one. */
function speakerOf(work: Work, { sender, speaker, files }: MatrixMessage): SlackUserId | undefined {
  if (speaker) return undefined;
  return files
    ? ownAccount(work, sender, 'chat:write', 'files:write')
    : ownAccount(work, sender, 'chat:write');
}

interface Placed {
  readonly shown: Pick<Plan, 'event' | 'cause' | 'by' | 'threadTs'>;
  readonly quote: Block | undefined;
}

async function postText(work: Work, message: MatrixMessage, { shown, quote }: Placed): Promise<boolean> {
  const body = await bodyToSlack(work, message, { quote });
  if (isEmpty(body)) {
    work.context.metrics.ignored('matrix', 'empty');
    return false;
  }
  await postPlan(work, await planOf(work, message, body, shown), [], false);
  return true;
}

/** Files that can't be brought are told by their names; where none can, that is all there is to post. */
async function postFiles(work: Work, message: MatrixMessage, { shown, quote }: Placed): Promise<boolean> {
  const { sender, at, files = [] } = message;
  const { links } = work.context;
  if (isOutdated(shown, await links.byEvent(shown.event))) return true;
  await settleShares(work, { ...shown, sender, at });
  const isThere = isAllShared(await links.byEvent(shown.event), files.length);
  let fates = isThere ? [] : await bringFiles(work, message, shown);
  for (;;) {
    const body = await bodyToSlack(work, message, { quote, left: leftFiles(fates) });
    const groups = groupsOf(fates);
    const plan = await planOf(work, message, body, shown);
    const refused = await postPlan(work, plan, groups, isThere || groups.length > 0);
    if (!refused) break;
    fates = withoutGroup(fates, groups[0], refused);
  }
  await tellOfFiles(work, message, shown.cause, fates);
  return true;
}

/**
 * Posts what isn't there yet of a message: its files with the beginning of its text, then the rest of the text in posts or
 * as a file. Resolves with why Slack doesn't take the first files, before anything is posted. `beside`: the beginning of the
 * text stands beside files.
 */
async function postPlan(
  work: Work,
  plan: Plan,
  groups: readonly Group[],
  beside: boolean,
): Promise<CannotBridge | undefined> {
  const file = await textFile(work, plan);
  const posts = file?.plan ?? plan;
  const refused = await shareGroups(work, posts, groups, 'message');
  if (refused) return refused;
  await postPieces(work, posts, beside ? 1 : 0);
  await file?.share();
  return undefined;
}

/** What the people of the portal chose not to have in Slack. */
export function reasonToLeaveOut(
  { portal }: Pick<Work, 'portal'>,
  message: MatrixMessage,
): string | undefined {
  if (portal.policy.direction === 'to-matrix') return 'direction';
  if (message.kind === 'notice' && !portal.policy.notices) return 'notices';
  return undefined;
}

/** The posts that a message's text becomes; the same text gives the same posts. */
export async function planOf(
  work: Work,
  message: MatrixMessage,
  body: Doc,
  shown: Pick<Plan, 'event' | 'cause' | 'by' | 'threadTs'>,
): Promise<Plan> {
  return {
    ...shown,
    sender: message.sender,
    at: message.at,
    as: await relayIdentity(work.context, work.portal, message),
    emote: message.kind === 'emote',
    body,
    pieces: work.context.slack.pieces(body),
  };
}
