import { createHmac, timingSafeEqual } from 'node:crypto';
import { authorId, InvalidId } from '../ids.ts';
import type { AuthorId } from '../ids.ts';
import { numberAt, objectAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { transactionKey } from './transaction-id.ts';

/** Under this key an event that we sent as a person's double puppet says for whom of Slack, and proves that we did. */
export const markKey = 'matrix_slack_bridge.echo';

/** What we do as a person. */
export interface MarkedDeed {
  readonly sender: string;
  readonly room: string;
  readonly transaction: string;
  /** What no copy of the content has: the event that is redacted, else the time that the event is given, in milliseconds. */
  readonly bound: string | number;
  readonly author: AuthorId;
}

export interface EchoMarks {
  /** The mark of an event, for its content. */
  mark(deed: MarkedDeed): string;
  /**
   * Who in Slack did what an event does, if we sent it for them as somebody's double puppet; undefined for what people do
   * themselves. Content can be copied, by its own sender too (a client that forwards a message takes all of it): a mark
   * counts only from the account, in the room and for the time or target that it was made for.
   */
  authorOf(event: JsonObject): AuthorId | undefined;
}

export function createEchoMarks(bridgeId: string): EchoMarks {
  const proofOf = ({ sender, room, transaction, bound, author }: MarkedDeed): Buffer =>
    createHmac('sha256', bridgeId)
      .update(JSON.stringify(['echo', sender, room, transaction, String(bound), author]))
      .digest();
  return {
    mark: (deed) => `${deed.author}.${proofOf(deed).toString('base64url')}`,
    authorOf(event) {
      const mark = textAt(objectAt(event, 'content'), markKey);
      const found = mark === undefined ? undefined : readMark(mark);
      const deed = found && deedIn(event, found.author);
      if (!deed) return undefined;
      const proof = proofOf(deed);
      return found.proof.length === proof.length && timingSafeEqual(found.proof, proof)
        ? found.author
        : undefined;
    },
  };
}

function readMark(mark: string): { readonly author: AuthorId; readonly proof: Buffer } | undefined {
  const [author, proof, ...more] = mark.split('.');
  if (proof === undefined || more.length > 0) return undefined;
  try {
    return { author: authorId(author), proof: Buffer.from(proof, 'base64url') };
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
}

function deedIn(event: JsonObject, author: AuthorId): MarkedDeed | undefined {
  const content = objectAt(event, 'content');
  const bound =
    event['type'] === 'm.room.redaction'
      ? (textAt(content, 'redacts') ?? textAt(event, 'redacts'))
      : numberAt(event, 'origin_server_ts');
  const sender = textAt(event, 'sender');
  const room = textAt(event, 'room_id');
  const transaction = textAt(content, transactionKey);
  if (bound === undefined || sender === undefined || room === undefined || transaction === undefined)
    return undefined;
  return { sender, room, transaction, bound, author };
}
