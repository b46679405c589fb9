import type { MatrixMessage } from '../../events.ts';
import type { Doc } from '../../format/doc.ts';
import { isEmpty } from '../../format/doc.ts';
import type { EventId, Ts } from '../../ids.ts';
import type { Work } from '../context.ts';
import { bodyToSlack } from './body.ts';
import { relayIdentity } from './identity.ts';
import { requireRelay } from './permission.ts';
import { placementInSlack } from './placement.ts';
import type { Plan } from './post.ts';
import { postPieces } from './post.ts';
import { textFile } from './text-file.ts';

/**
 * Matrix to Slack: under the sender's name and picture, in the thread where it belongs, in as many posts as it needs.
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
  const body = await bodyToSlack(work, message, quote);
  if (isEmpty(body)) return context.metrics.ignored('matrix', 'empty');
  const shown = { event: message.event, cause, ...(threadTs !== undefined && { threadTs }) };
  await postPlan(work, await planOf(work, message, body, shown));
  context.metrics.bridged('matrix', 'message');
}

/** Posts what isn't there yet of a message: its pieces, or its beginning and the whole text as a file. */
async function postPlan(work: Work, plan: Plan): Promise<void> {
  const file = await textFile(work, plan);
  await postPieces(work, file?.plan ?? plan);
  await file?.share();
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
  shown: { readonly event: EventId; readonly cause: EventId; readonly threadTs?: Ts },
): Promise<Plan> {
  return {
    ...shown,
    sender: message.sender,
    at: message.at,
    as: await relayIdentity(work.context, work.portal.room, message),
    emote: message.kind === 'emote',
    body,
    pieces: work.context.slack.pieces(body),
  };
}
