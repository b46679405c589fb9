import type { MatrixUserId } from '../ids.ts';
import { matrixEvent } from '../matrix/inbound.ts';
import type { LetterRetries, RetriableLetter } from '../portal/dead-letter-ports.ts';
import type { AuditLog } from '../portal/ports.ts';
import type { DeadLetter, DeadLetters } from '../store/dead-letters.ts';
import type { RetriedLetters } from './retried-letters.ts';

interface Options {
  readonly letters: Pick<DeadLetters, 'on' | 'retry'>;
  readonly audit: AuditLog;
  readonly retried: Pick<RetriedLetters, 'look'>;
}

/** Dead letters as portals try them again. */
export function createLetterRetries({ letters, audit, retried }: Options): LetterRetries {
  return {
    async lettersOn(portal, event) {
      const found = await letters.on(event);
      return found.filter(({ lane }) => lane.startsWith(`portal:${portal}:`)).flatMap(retriable);
    },
    async retry(asked, request) {
      const numbers = await letters.retry(asked.map(({ seq }) => seq));
      if (numbers.length === 0) return; // somebody else was faster
      const { by, portal } = request;
      await audit.record({ actor: by, action: 'retry', portal, details: { numbers } });
      retried.look({ numbers, cause: request.cause, room: request.room });
    },
  };
}

/** Messages and their edits: of a reaction that failed nobody says so by reacting to the message. */
function retriable({ seq, payload }: DeadLetter): readonly RetriableLetter[] {
  const writer = payload && writerOf(payload);
  return writer === undefined ? [] : [{ seq, writer }];
}

function writerOf(payload: Buffer): MatrixUserId | undefined {
  try {
    const event = matrixEvent(payload);
    const { type } = event; // what couldn't be read was most likely a message
    return type === 'message' || type === 'edit' || type === 'encrypted' ? event.sender : undefined;
  } catch {
    return undefined; // it was set aside because it can't be read
  }
}
