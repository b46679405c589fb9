import { CannotBridge } from '../errors.ts';
import { InvalidId } from '../ids.ts';
import type { MatrixEvent, SlackEvent } from '../events.ts';
import type { Logger } from '../log.ts';
import { matrixEvent } from '../matrix/inbound.ts';
import type { Portals } from '../portal/portal.ts';
import type { Change } from '../portal/ports.ts';
import type { GiveUp, Handle, Item } from '../queue/ports.ts';
import { MalformedPayload } from '../slack/inbound.ts';
import type { SlackAdapter } from '../slack/start.ts';
import { isWriting } from './transfer-pace.ts';

/**
 * What the queue does with an item: reads what its payload says, and hands that to the portals. `written` is told of what
 * people wait for.
 */
export function createHandlers(
  slack: Pick<SlackAdapter, 'read' | 'peek'>,
  portals: Pick<Portals, 'fromSlack' | 'fromMatrix' | 'giveUp'>,
  log: Logger,
  written: () => void,
): { readonly handle: Handle<Change>; readonly giveUp: GiveUp } {
  const noted = <Event extends SlackEvent | MatrixEvent>(event: Event): Event => {
    if (isWriting(event)) written();
    return event;
  };
  return {
    handle: async (turn) => {
      const { item } = turn;
      if (item.from === 'matrix') return portals.fromMatrix(noted(readable(item, log, matrixEvent)), turn);
      return portals.fromSlack(noted(readable(item, log, (payload) => slack.read(payload))), turn);
    },
    giveUp: (item, reason) => portals.giveUp(failedItem(slack, item, log), reason),
  };
}

/** An event that can't be what it says is nobody's bug here: it is set aside, and no try will do better. */
function readable<Event>(item: Item, log: Logger, read: (payload: Buffer) => Event): Event {
  try {
    return read(item.payload);
  } catch (error) {
    if (!(error instanceof InvalidId || error instanceof MalformedPayload)) throw error;
    const { seq, from, lane } = item;
    log.error('an event that cannot be read was set aside', { seq, from, lane, reason: error.message });
    throw new CannotBridge('malformed', error.message, { cause: error });
  }
}

function failedItem(
  slack: Pick<SlackAdapter, 'peek'>,
  item: Item,
  log: Logger,
): Parameters<Portals['giveUp']>[0] {
  const { seq, from, payload } = item;
  try {
    return from === 'slack'
      ? { from, seq, event: slack.peek(payload) }
      : { from, seq, event: matrixEvent(payload) };
  } catch (error) {
    log.debug('an item that is given up cannot be read', { seq, error });
    return { from, seq };
  }
}
