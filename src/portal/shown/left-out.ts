import { CannotBridge } from '../../errors.ts';
import { textDoc } from '../../format/doc.ts';
import type { EventId, MatrixUserId, SlackUserId } from '../../ids.ts';
import type { Side, Work } from '../context.ts';

/** What of the shown state a refusal is about, as people read it. */
export type ShownPart = 'topic' | 'name' | 'pin' | 'picture' | 'alias';

/** Slack's refusals that concern the portal as a whole: it pauses, and the change waits with it. */
const portalWide: ReadonlySet<string> = new Set(['channel_not_found', 'is_archived', 'not_in_channel']);
/** More than any process meets; past it all may be told anew. */
const remembered = 10_000;

/** What changing a room needs of a `Work`. */
export type RoomWork = Pick<Work, 'context' | 'portal'> & { readonly turn: Pick<Work['turn'], 'mayWrite'> };

/**
 * Changes what the room shows, as who did it in Slack, or the bot. False where the room doesn't let the bot: that part of the bridge isn't there then, which
 * `!slack status` says, and no reason to hold up anything.
 */
export async function changeRoom(
  work: RoomWork,
  part: ShownPart,
  change: (as?: MatrixUserId) => Promise<void>,
  by?: SlackUserId,
): Promise<boolean> {
  work.turn.mayWrite();
  try {
    if (!(await changeAsThemselves(work, change, by))) await change();
    return true;
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    leaveOut(work, 'slack', part, error);
    return false;
  }
}

/** Who did it in Slack does it in the room, where they have a double puppet that may. */
async function changeAsThemselves(
  { context, portal }: RoomWork,
  change: (as: MatrixUserId) => Promise<void>,
  by: SlackUserId | undefined,
): Promise<boolean> {
  const double = by === undefined ? undefined : context.matrix.doubleOf(portal.channels[0].team, by);
  if (double === undefined) return false;
  try {
    await change(double);
    return true;
  } catch (error) {
    if (error instanceof CannotBridge && error.reason === 'double-away') return false;
    throw error;
  }
}

/** What of it a channel has, too. */
type ChannelPart = Exclude<ShownPart, 'picture' | 'alias'>;

export interface ChannelChange {
  readonly part: ChannelPart;
  readonly event: EventId;
}

/** Changes what the channel shows. False where Slack refuses: the people of the room are told, once for each reason. */
export async function changeChannel(
  work: Work,
  cause: ChannelChange,
  change: () => Promise<void>,
): Promise<boolean> {
  return (await refusalOf(work, cause, change)) === undefined;
}

/** As `changeChannel`; resolves with Slack's reason where it refuses. */
export async function refusalOf(
  work: Work,
  { part, event }: ChannelChange,
  change: () => Promise<void>,
): Promise<string | undefined> {
  work.turn.mayWrite();
  try {
    await change();
    return undefined;
  } catch (error) {
    if (!(error instanceof CannotBridge) || portalWide.has(error.reason)) throw error;
    leaveOut(work, 'matrix', part, error);
    await tellOnce(work, { part, event, reason: error.reason }, `${notInSlack[part]}: ${error.message}`);
    return error.reason;
  }
}

const notInSlack: Readonly<Record<ChannelPart, string>> = {
  topic: 'The topic was not changed in Slack',
  name: 'The channel was not renamed in Slack',
  pin: 'The pinned messages were not changed in Slack',
};

function leaveOut(
  { context, portal }: Pick<Work, 'context' | 'portal'>,
  from: Side,
  part: ShownPart,
  { reason }: CannotBridge,
): void {
  context.log.info('A change of what a portal shows was refused', { portal: portal.id, from, part, reason });
  context.metrics.ignored(from, `${part}-refused`);
}

export interface Telling {
  readonly part: ShownPart;
  readonly event: EventId;
  /** A constant. */
  readonly reason: string;
}

/** By the bot, in the room; not again for the same reason while the process lives. */
export async function tellOnce(
  { context, memory, portal }: Work,
  { part, event, reason }: Telling,
  words: string,
): Promise<void> {
  const told = `${portal.id} ${part} ${reason}`;
  if (memory.toldRefusals.has(told)) return;
  const { matrix } = context;
  const notice = { kind: 'notice', text: textDoc(`⚠️ ${words}`), replyTo: event } as const;
  try {
    await matrix.send(matrix.bot, portal.room, notice, { fact: `matrix:${event}`, part: `shown:${part}` });
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error; // a room that takes no words from the bot goes without
  }
  if (memory.toldRefusals.size >= remembered) memory.toldRefusals.clear();
  memory.toldRefusals.add(told);
}
