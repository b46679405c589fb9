import type { Logger } from '../log.ts';
import { matrixEvent } from '../matrix/inbound.ts';
import type { Portals } from '../portal/portal.ts';
import type { Change } from '../portal/ports.ts';
import type { GiveUp, Handle, Item } from '../queue/ports.ts';
import type { SlackAdapter } from '../slack/start.ts';

/** What the queue does with an item: reads what its payload says, and hands that to the portals. */
export function createHandlers(
  slack: Pick<SlackAdapter, 'read'>,
  portals: Pick<Portals, 'fromSlack' | 'fromMatrix' | 'giveUp'>,
  log: Logger,
): { readonly handle: Handle<Change>; readonly giveUp: GiveUp } {
  const { fromSlack, fromMatrix } = portals;
  return {
    handle: (turn) =>
      turn.item.from === 'slack'
        ? fromSlack(slack.read(turn.item.payload), turn)
        : fromMatrix(matrixEvent(turn.item.payload), turn),
    giveUp: (item, reason) => portals.giveUp(failedItem(slack, item, log), reason),
  };
}

function failedItem(
  slack: Pick<SlackAdapter, 'read'>,
  item: Item,
  log: Logger,
): Parameters<Portals['giveUp']>[0] {
  const { seq, from, payload } = item;
  try {
    return from === 'slack'
      ? { from, seq, event: slack.read(payload) }
      : { from, seq, event: matrixEvent(payload) };
  } catch (error) {
    log.debug('an item that is given up cannot be read', { seq, error });
    return { from, seq };
  }
}
