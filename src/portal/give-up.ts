import { TryLater } from '../errors.ts';
import type { MatrixEvent, SlackEvent } from '../events.ts';
import { textDoc } from '../format/doc.ts';
import type { OutgoingEvent } from './ports.ts';
import type { PortalContext } from './context.ts';

/** An item that is given up. `event` is absent where its payload can't be read. */
export type Failed =
  | { readonly from: 'slack'; readonly seq: number; readonly event?: SlackEvent }
  | { readonly from: 'matrix'; readonly seq: number; readonly event?: MatrixEvent };

export interface FailureReason {
  /** A constant, for logs and metrics. */
  readonly code: string;
  /** For the sender to read: why, and what can be done. */
  readonly message: string;
}

/**
 * Tells those concerned that something will not be bridged: a sender in Matrix by an answer of the bot in the room,
 * everybody else through the audit log. Saying it again is the same effect.
 *
 * @throws TryLater when the sender can't be told now, and nothing else
 */
export async function giveUp(context: PortalContext, failed: Failed, reason: FailureReason): Promise<void> {
  if (failed.from === 'matrix' && failed.event) {
    const sent = failed.event;
    await orLog(context, failed, () => tellSender(context, sent, reason));
  }
  await orLog(context, failed, () => record(context, failed, reason));
  context.metrics.failed(failed.from, reason.code);
}

async function orLog(context: PortalContext, { seq }: Failed, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof TryLater) throw error;
    context.log.error('Nobody could be told that something was not bridged', { seq, error });
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

const what = {
  message: 'This message was not bridged to Slack',
  edit: 'This edit was not bridged to Slack',
  redaction: 'The removal was not bridged to Slack',
  reaction: 'The reaction was not bridged to Slack',
} as const;

async function tellSender(context: PortalContext, event: MatrixEvent, reason: FailureReason): Promise<void> {
  if (event.type === 'ignored' || event.type === 'member' || event.type === 'state') return;
  const { matrix } = context;
  if (matrix.isOurs(event.sender)) return;
  const notice: OutgoingEvent = {
    kind: 'notice',
    text: textDoc(`⚠️ ${what[event.type]}: ${reason.message}`),
    ...answering(event),
  };
  await matrix.send(matrix.bot, event.room, notice, { fact: `matrix:${event.event}`, part: 'notice' });
}

/** The notice stands beside what it is about: an answer to it, in its thread. */
function answering(event: MatrixEvent): Pick<OutgoingEvent, 'replyTo' | 'thread'> {
  switch (event.type) {
    case 'message': {
      const root = event.relation.thread;
      return { replyTo: event.event, ...(root !== undefined && { thread: { root, latest: event.event } }) };
    }
    case 'edit':
    case 'reaction':
      return { replyTo: event.target };
    default:
      return {};
  }
}
