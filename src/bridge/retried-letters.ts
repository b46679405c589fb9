import { CannotBridge, TryLater } from '../errors.ts';
import { textDoc } from '../format/doc.ts';
import type { EventId, RoomId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { createNoticeThrottle } from '../portal/notice-throttle.ts';
import type { NoticeThrottle } from '../portal/notice-throttle.ts';
import type { MatrixPort } from '../portal/ports.ts';
import type { Arrived, DeadLetters } from '../store/dead-letters.ts';
import { whyOf } from './dead-letter-words.ts';

/** While something is on its way again, and else: another process may have tried something; in milliseconds. */
const soon = 1_000;
const seldom = 60_000;
/** So many are waited for; of older ones nobody is told that they failed again. */
const mostAsked = 100;

interface Options {
  readonly letters: Pick<DeadLetters, 'arrived' | 'forget' | 'retried'>;
  readonly matrix: Pick<MatrixPort, 'bot' | 'edit' | 'send'>;
  readonly log: Logger;
}

/** What somebody in a room had tried again without waiting for an answer. */
export interface AskedRetry {
  readonly numbers: readonly number[];
  readonly cause: EventId;
  readonly room: RoomId;
}

interface OpenRetry extends AskedRetry {
  readonly number: number;
}

export interface RetriedLetters {
  /** Something was tried again. Who `asked` without getting an answer is told when it failed again. */
  look(asked?: AskedRetry): void;
  stop(): void;
}

/** Sees to it that the notice of a dead letter that was tried again and arrived says so, and that failing again is told. */
export function watchRetriedLetters(options: Options): RetriedLetters {
  const { letters, log } = options;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  /** Those that nobody knows yet what came of. */
  let asked: readonly OpenRetry[] = [];
  let lastNumber = 0;
  const throttle = createNoticeThrottle(() => Date.now());

  function lookIn(milliseconds: number): void {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void look(), milliseconds).unref();
  }

  async function look(): Promise<void> {
    try {
      const { arrived, waiting } = await letters.arrived();
      const open = asked;
      const known = await Promise.all(open.map((each) => tellFailure({ ...options, throttle }, each)));
      asked = asked.filter((each) => !known[open.indexOf(each)]);
      for (const letter of arrived) await settle(options, letter);
      lookIn(waiting + asked.length > 0 ? soon : seldom);
    } catch (error) {
      log.debug('dead letters that were tried again could not be looked at', { error });
      lookIn(seldom);
    }
  }

  lookIn(soon);
  return {
    look: (more) => {
      if (more) asked = [...asked, { ...more, number: (lastNumber += 1) }].slice(-mostAsked);
      lookIn(soon);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function settle({ letters, matrix, log }: Options, { seq, notice }: Arrived): Promise<void> {
  const content = { kind: 'notice', text: textDoc('✅ It was bridged to Slack after all.') } as const;
  const key = { fact: `dead-letter:${seq}`, part: 'arrived' };
  try {
    if (notice) await matrix.edit(matrix.bot, notice.room, notice.event, content, key);
  } catch (error) {
    log.debug('a notice could not be changed', { seq, error });
    if (isForNow(error)) return;
  }
  await letters.forget(seq);
}

/** Whether it is to be tried again. Throws what isn't about the one room: it stops the look. */
function isForNow(error: unknown): boolean {
  if (error instanceof CannotBridge) return false;
  if (error instanceof TryLater && error.target !== 'matrix') return true;
  throw error;
}

const moreFailed = '⚠️ More of it failed again. “!slack dead-letters” lists it all.';

/** Resolves with whether all of it has come to an end, and is told where the room takes that. */
async function tellFailure(
  { letters, matrix, throttle, log }: Options & { readonly throttle: NoticeThrottle },
  { number, numbers, cause, room }: OpenRetry,
): Promise<boolean> {
  const found = await letters.retried(numbers);
  if (found.some(({ state }) => state === 'waiting')) return false;
  const failed = found.filter(({ state }) => state === 'dead');
  if (failed[0] === undefined) return true;
  const telling = throttle.next(room, number);
  if (telling === 'silent') return true;
  const what = numbers.length === 1 ? 'It' : `${failed.length} of ${numbers.length}`;
  const text = textDoc(telling === 'own' ? `⚠️ ${what} failed again: ${whyOf(failed[0])}` : moreFailed);
  const key = { fact: `matrix:${cause}`, part: 'retried' };
  try {
    await matrix.send(matrix.bot, room, { kind: 'notice', text }, key);
    return true;
  } catch (error) {
    log.debug('that something failed again could not be told', { room, error });
    return !isForNow(error);
  }
}
