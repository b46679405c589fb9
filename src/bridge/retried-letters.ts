import { CannotBridge } from '../errors.ts';
import { textDoc } from '../format/doc.ts';
import type { Logger } from '../log.ts';
import type { MatrixPort } from '../portal/ports.ts';
import type { Arrived, DeadLetters } from '../store/dead-letters.ts';

/** While something is on its way again, and else: another process may have tried something; in milliseconds. */
const soon = 1_000;
const seldom = 60_000;

interface Options {
  readonly letters: Pick<DeadLetters, 'arrived' | 'forget'>;
  readonly matrix: Pick<MatrixPort, 'bot' | 'edit'>;
  readonly log: Logger;
}

export interface RetriedLetters {
  /** Something was tried again. */
  look(): void;
  stop(): void;
}

/** Sees to it that the notice of a dead letter that was tried again and arrived says so. */
export function watchRetriedLetters(options: Options): RetriedLetters {
  const { letters, log } = options;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function lookIn(milliseconds: number): void {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void look(), milliseconds).unref();
  }

  async function look(): Promise<void> {
    try {
      const { arrived, waiting } = await letters.arrived();
      for (const letter of arrived) await settle(options, letter);
      lookIn(waiting > 0 ? soon : seldom);
    } catch (error) {
      log.debug('dead letters that were tried again could not be looked at', { error });
      lookIn(seldom);
    }
  }

  lookIn(soon);
  return {
    look: () => lookIn(soon),
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
    if (!(error instanceof CannotBridge)) throw error;
    log.debug('a notice could not be changed', { seq, reason: error.reason });
  }
  await letters.forget(seq);
}
