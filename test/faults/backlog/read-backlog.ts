import { z } from 'zod';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { arrivalOf } from '../../support/bridge/arrival.ts';
import { nothing, sumOf } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';
import { numberIn } from './plan.ts';

const page = z.object({
  chunk: z.array(z.object({ content: z.record(z.string(), z.unknown()) })),
  end: z.string().optional(),
});

/**
 * What became of a backlog whose events went to these rooms in turns. Of each room the oldest events stand there, and `left` of
 * all wait still: what neither stands there nor waits is lost.
 */
export async function readBacklog(
  { alice }: Scene,
  rooms: readonly LinkedRoom[],
  { events, left }: { readonly events: number; readonly left: number },
): Promise<Verdict> {
  const verdicts: Verdict[] = [{ ...nothing, lost: -left }];
  for (const [index, { room }] of rooms.entries()) {
    const written: string[] = [];
    for (let number = index; number < events; number += rooms.length) written.push(String(number));
    const arrival = arrivalOf(written, await numbersIn(alice, room));
    verdicts.push({
      ...nothing,
      sent: written.length,
      lost: arrival.lost.length,
      doubled: arrival.doubled.length,
      outOfOrder: arrival.outOfOrder.length,
    });
  }
  return sumOf(verdicts);
}

async function numbersIn(alice: Scene['alice'], room: string): Promise<readonly string[]> {
  const newest: string[] = [];
  for (let from: string | undefined, more = true; more; more = from !== undefined) {
    const path = `/rooms/${encodeURIComponent(room)}/messages`;
    const answer = page.parse(await alice.api.call('GET', path, { query: { dir: 'b', limit: 500, from } }));
    for (const { content } of answer.chunk) {
      const number = typeof content['body'] === 'string' ? numberIn(content['body']) : undefined;
      if (number !== undefined) newest.push(String(number));
    }
    from = answer.chunk.length > 0 ? answer.end : undefined;
  }
  return newest.toReversed();
}
