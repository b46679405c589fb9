import { TryLater } from '../errors.ts';
import type { MatrixEvent, SlackEvent } from '../events.ts';
import type { EventId } from '../ids.ts';
import type { PortalContext } from './context.ts';
import type { NoticeThrottle } from './notice-throttle.ts';
import { matrixReader, slackReader, tellInMatrix, tellInSlack } from './tell-sender.ts';
import type { FailureReason } from './tell-sender.ts';
import { isRead } from './unreadable.ts';

/** An item that is given up. `event` is absent where its payload can't be read. */
export type Failed =
  | { readonly from: 'slack'; readonly seq: number; readonly event?: SlackEvent }
  | { readonly from: 'matrix'; readonly seq: number; readonly event?: MatrixEvent };

/**
 * Tells those concerned that something will not be bridged: a sender in Matrix by an answer of the bot in the room, one in
 * Slack by words that only they see, and the audit log. When much fails at once, people get one notice for the rest.
 * Saying it again is the same effect, in Matrix. Resolves with the notice in Matrix, where there is one.
 *
 * @throws TryLater when the sender can't be told now, and nothing else
 */
export async function giveUp(
  context: PortalContext,
  throttle: NoticeThrottle,
  failed: Failed,
  reason: FailureReason,
): Promise<EventId | undefined> {
  const notice = await orLog(context, failed, () => tell(context, throttle, failed, reason));
  await orLog(context, failed, () => record(context, failed, reason));
  context.metrics.failed(failed.from, reason.code);
  return notice;
}

async function tell(
  context: PortalContext,
  throttle: NoticeThrottle,
  failed: Failed,
  reason: FailureReason,
): Promise<EventId | undefined> {
  const { from, event, seq } = failed;
  if (!event) return undefined;
  if (from === 'matrix') {
    const reader = matrixReader(context, event);
    if (reader === undefined) return undefined;
    if (event.type === 'encrypted' && !(await isRead(context, event.room))) return undefined;
    return tellInMatrix(context, event, { seq, reason, telling: throttle.next(reader, seq) });
  }
  const reader = slackReader(event);
  if (reader === undefined || !portalOf(context, failed)) return undefined;
  await tellInSlack(context, event, reason, throttle.next(reader, seq));
  return undefined;
}

async function orLog<T>(
  context: PortalContext,
  { seq }: Failed,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TryLater) throw error;
    context.log.error('Nobody could be told that something was not bridged', { seq, error });
    return undefined;
  }
}

async function record(context: PortalContext, failed: Failed, reason: FailureReason): Promise<void> {
  const { event } = failed;
  const portal = portalOf(context, failed);
  await context.audit.record({
    actor: 'bridge',
    action: 'give-up',
    ...(portal && { portal: portal.id }),
    details: { from: failed.from, seq: failed.seq, kind: event?.type ?? 'unreadable', reason: reason.code },
  });
}

function portalOf(context: PortalContext, failed: Failed) {
  if (failed.from === 'matrix')
    return failed.event && 'room' in failed.event ? context.portals.byRoom(failed.event.room) : undefined;
  return failed.event && 'channel' in failed.event
    ? context.portals.byChannel(failed.event.team, failed.event.channel)
    : undefined;
}
