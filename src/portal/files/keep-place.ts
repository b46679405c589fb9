import { setImmediate } from 'node:timers/promises';
import { WaitForFile } from '../../errors.ts';
import type { Work } from '../context.ts';
import type { Transfer } from '../ports.ts';

/** How long a message keeps its place for a file, in milliseconds from `Transfer.since` on. */
const keepsPlace = 10_000;

const tooLate = Symbol('too late');

/**
 * What a transfer brought. A message waits for it in its place for up to ten seconds; then later messages pass, and it
 * follows. Begin the transfers of all files of a message before the first wait.
 *
 * @throws WaitForFile when it takes longer; what the transfer rejects with
 */
export async function arrival<Result>(
  { context: { clock } }: Pick<Work, 'context'>,
  transfer: Transfer<Result>,
): Promise<Result> {
  const atHand = await Promise.race([transfer.result, setImmediate(tooLate)]);
  if (atHand !== tooLate) return atHand;
  const left = Math.max(0, transfer.since + keepsPlace - clock.now());
  const outcome = await Promise.race([
    transfer.result,
    clock.sleep(left).then((): typeof tooLate => tooLate),
  ]);
  if (outcome === tooLate) throw new WaitForFile(transfer.key);
  return outcome;
}
