import type { MatrixEvent, SlackEvent } from '../events.ts';
import type { Clock } from '../portal/context.ts';

/**
 * How fast files may move. While people write, all files together take what leaves the processors and both networks to
 * the texts; else as much as there is.
 */
export interface TransferPace {
  /** Something was written that isn't a file. */
  written(): void;
  /** The same bytes, as fast as they may move. */
  paced(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void>;
}

/** How long after something was written, in milliseconds. */
const lately = 3000;
/** So many bytes a millisecond, of all files together. */
const gentle = 4000;
/** No file waits longer between two of its chunks, in milliseconds, also where the clock was put back. */
const longest = 1000;

export function createTransferPace(clock: Clock): TransferPace {
  let writtenAt = Number.NEGATIVE_INFINITY;
  /** When the bytes that were let through have used up their time. */
  let free = 0;

  async function pass(bytes: number): Promise<void> {
    const now = clock.now();
    if (now - writtenAt > lately) return;
    free = Math.min(Math.max(free, now), now + longest) + bytes / gentle;
    await clock.sleep(free - now);
  }

  return {
    written() {
      writtenAt = clock.now();
    },
    async *paced(body) {
      for await (const chunk of body) {
        await pass(chunk.length);
        yield chunk;
      }
    },
  };
}

/** Whether people wait for it: words, changes, reactions; not a file, nor what concerns nobody. */
export function isWriting(event: SlackEvent | MatrixEvent): boolean {
  switch (event.type) {
    case 'message':
      return (event.files ?? []).length === 0;
    case 'edit':
      return (event.message.files ?? []).length === 0;
    case 'delete':
    case 'reaction':
    case 'redaction':
    case 'poll-change':
      return true;
    default:
      return false;
  }
}
