import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../support/random.ts';
import { pick } from './acts.ts';
import type { Act } from './acts.ts';
import type { Hand } from './hands.ts';
import { readWaiting } from './inbox.ts';
import type { Waiting } from './inbox.ts';

/** What the people of one room do on one side, one after the other. */
export interface Writing {
  readonly acts: readonly Act[];
  readonly hand: Hand;
  /** So many of the acts were done, or are being done. */
  begun: number;
}

export interface Pace {
  /** Acts a second: one that takes longer holds up the others. */
  readonly rate: number;
  /** The bridge has much to do already with what is written here: everybody waits. */
  readonly isTooMuch: () => boolean;
  readonly random: Random;
  readonly ended: AbortSignal;
}

/** Acts of different rooms that wait for the network at the same time. */
const mostAtOnce = 12;

/** Does all acts, those of each room in order, in any order among the rooms, about `rate` a second. */
export async function perform(
  writings: readonly Writing[],
  { rate, random, isTooMuch, ended }: Pace,
): Promise<void> {
  const underWay = new Map<Writing, Promise<void>>();
  for (let due = performance.now(); !ended.aborted; due = Math.max(due + 1000 / rate, performance.now())) {
    await sleep(Math.max(0, due - performance.now()));
    while (isTooMuch() && !ended.aborted) await sleep(200);
    while (underWay.size >= mostAtOnce) await Promise.race(underWay.values());
    const left = writings.filter(({ acts, begun }) => begun < acts.length);
    const writing = pick(left, random);
    const act = writing?.acts[writing.begun];
    if (!writing || !act || ended.aborted) break;
    await underWay.get(writing);
    writing.begun += 1;
    underWay.set(
      writing,
      writing.hand.act(act).then(() => void underWay.delete(writing)),
    );
  }
  await Promise.all(underWay.values());
}

/** Looks from time to time how many events wait in the bridge; while nobody can say the last number counts. */
export function watchBacklog(databaseUrl: string): {
  readonly waiting: () => Waiting;
  readonly stop: () => void;
} {
  let last: Waiting = { matrix: 0, slack: 0, parked: 0 };
  const timer = setInterval(() => {
    readWaiting(databaseUrl).then(
      (waiting) => (last = waiting),
      () => undefined,
    );
  }, 1000);
  return { waiting: () => last, stop: () => clearInterval(timer) };
}
