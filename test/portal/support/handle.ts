import { TryLater } from '../../../src/errors.ts';
import type { MatrixEvent } from '../../../src/events.ts';
import type { PortalAttempt } from '../../../src/portal/turn.ts';
import type { TurnOptions, World } from './world.ts';
import { makeTurn } from './world.ts';

/** Handles the event as the queue would: with the attempts that are open, after the time that was asked for. */
export async function handleUntilDone(
  world: World,
  event: MatrixEvent,
  open: readonly PortalAttempt[] = [],
  options: TurnOptions = {},
): Promise<void> {
  let openAttempts = open;
  for (let tries = 0; tries < 20; tries += 1) {
    const { turn, begun } = makeTurn(world.links, { ...options, openAttempts });
    const before = world.links.settled.length;
    try {
      return await world.portals.fromMatrix(event, turn);
    } catch (error) {
      if (!(error instanceof TryLater)) throw error;
      const settled = new Set(world.links.settled.slice(before).map((each) => each.piece));
      openAttempts = [...openAttempts, ...begun].filter((each) => !settled.has(each.piece));
      world.clock.at += error.after ?? 1000;
    }
  }
  throw new Error('it never ends');
}
