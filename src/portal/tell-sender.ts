import { TryLater } from '../errors.ts';
import type { MatrixEvent, SlackEvent } from '../events.ts';
import { textDoc } from '../format/doc.ts';
import type { AuthorId, EventId, Ts } from '../ids.ts';
import type { PortalContext } from './context.ts';
import { retrySign } from './from-matrix/retry.ts';
import type { Telling } from './notice-throttle.ts';
import type { OutgoingEvent } from './ports.ts';

export interface FailureReason {
  /** A constant, for logs and metrics. */
  readonly code: string;
  /** For the sender to read: why, and what can be done. */
  readonly message: string;
}

const notInSlack = {
  message: 'This message was not bridged to Slack',
  edit: 'This edit was not bridged to Slack',
  redaction: 'The removal was not bridged to Slack',
  reaction: 'The reaction was not bridged to Slack',
  'poll-change': 'Slack does not show the poll as it stands',
  encrypted: 'This message was not bridged to Slack',
} as const;

interface MatrixFailure {
  /** The number of the dead letter. */
  readonly seq: number;
  readonly reason: FailureReason;
  readonly telling: Telling;
}

/** Whom a failure concerns: those who may be told too often. Undefined: nobody is told. */
export function matrixReader(context: PortalContext, event: MatrixEvent): string | undefined {
  if (event.type === 'ignored' || event.type === 'member' || event.type === 'state') return undefined;
  return context.matrix.isOurs(event.sender) ? undefined : event.room;
}

/** By the bot, beside what it is about. Resolves with the notice, where it is about this event alone. */
export async function tellInMatrix(
  { matrix }: PortalContext,
  event: MatrixEvent,
  { seq, reason, telling }: MatrixFailure,
): Promise<EventId | undefined> {
  if (event.type === 'ignored' || event.type === 'member' || event.type === 'state') return undefined;
  if (telling === 'silent') return undefined;
  const fact = `matrix:${event.event}`;
  if (telling === 'summary') {
    const text = textDoc('⚠️ More is not bridged to Slack just now. “!slack dead-letters” lists it all.');
    await matrix.send(matrix.bot, event.room, { kind: 'notice', text }, { fact, part: 'notices' });
    return undefined;
  }
  const text = textDoc(`⚠️ ${notInSlack[event.type]}: ${reason.message}${howToRetry(event, seq, reason)}`);
  const notice: OutgoingEvent = { kind: 'notice', text, ...answering(event) };
  return matrix.send(matrix.bot, event.room, notice, { fact, part: 'notice' });
}

/** Reasons that hold as long as nobody changes the message, or who may write. */
const final: ReadonlySet<string> = new Set(['malformed', 'no-parent', 'permission']);

function howToRetry({ type }: MatrixEvent, seq: number, { code, message }: FailureReason): string {
  if ((type !== 'message' && type !== 'edit' && type !== 'encrypted') || final.has(code)) return '';
  const stop = /[.!?]$/.test(message) ? '' : '.';
  return `${stop} React with ${retrySign} to try again, or say “!slack retry ${seq}”.`;
}

/** The notice stands beside what it is about: an answer to it, in its thread. */
function answering(event: MatrixEvent): Pick<OutgoingEvent, 'replyTo' | 'thread'> {
  switch (event.type) {
    case 'message':
    case 'encrypted': {
      const root = event.relation.thread;
      return { replyTo: event.event, ...(root !== undefined && { thread: { root, latest: event.event } }) };
    }
    case 'edit':
    case 'reaction':
    case 'poll-change':
      return { replyTo: event.target };
    default:
      return {};
  }
}

interface SlackSender {
  readonly person: AuthorId;
  readonly what: string;
  readonly ts: Ts;
  readonly threadTs?: Ts;
}

/** Apps aren't told; nor is who deleted a message, which Slack doesn't say. */
function senderOf(event: SlackEvent): SlackSender | undefined {
  switch (event.type) {
    case 'message':
    case 'edit': {
      const { author, ts, threadTs } = event.type === 'edit' ? event.message : event;
      if (author.type !== 'user') return undefined;
      const what = event.type === 'edit' ? 'Your edit of this message' : 'Your message';
      return { person: author.id, what, ts, ...(threadTs !== undefined && { threadTs }) };
    }
    case 'reaction':
      return { person: event.user, what: 'Your reaction to this message', ts: event.ts };
    default:
      return undefined;
  }
}

export function slackReader(event: SlackEvent): string | undefined {
  const sender = senderOf(event);
  return sender && 'channel' in event ? `${event.channel} ${sender.person}` : undefined;
}

/**
 * To the person alone; where Slack can't show them that, as a reply to their message. A limit of Slack's is no reason to
 * hold up what comes from there: then it is left to the list of dead letters.
 */
export async function tellInSlack(
  context: PortalContext,
  event: SlackEvent,
  reason: FailureReason,
  telling: Telling,
): Promise<void> {
  const sender = senderOf(event);
  if (!sender || !('channel' in event) || telling === 'silent') return;
  const { notices, slack } = context;
  const { person, what, ts, threadTs } = sender;
  const words =
    telling === 'summary'
      ? 'More of what you write is not shown in the Matrix room just now. The administrators of the bridge see it all and can try again.'
      : `${what} is not shown in the Matrix room: ${reason.message} ${slack.permalink(event, ts, threadTs)}`;
  try {
    if (await notices.toPerson(event, person, words, threadTs)) return;
    if (telling === 'own') await notices.toChannel(event, words, threadTs ?? ts);
  } catch (error) {
    if (!(error instanceof TryLater) || error.after === undefined) throw error;
    context.log.warn('A person in Slack could not be told that something was not bridged', { error });
  }
}
