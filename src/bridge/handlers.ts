import { CannotBridge } from '../errors.ts';
import { InvalidId, portalId } from '../ids.ts';
import type { MatrixEvent, SlackEvent } from '../events.ts';
import type { Logger } from '../log.ts';
import { matrixEvent } from '../matrix/inbound.ts';
import type { Portals } from '../portal/portal.ts';
import type { EncryptedEvent } from '../portal/unreadable.ts';
import type { Change, Portal } from '../portal/ports.ts';
import type { GiveUp, Handle, Item } from '../queue/ports.ts';
import { readersIn } from '../slack/chat-delivery.ts';
import { MalformedPayload } from '../slack/inbound.ts';
import type { SlackAdapter } from '../slack/start.ts';
import type { Store } from '../store/open-store.ts';
import type { EncryptedItems, PeekMatrix } from './encrypted-items.ts';
import { isWriting } from './transfer-pace.ts';

interface HandlersOptions {
  readonly slack: Pick<SlackAdapter, 'read' | 'peek' | 'chatDelivery'>;
  readonly portals: Pick<Portals, 'fromSlack' | 'fromMatrix' | 'chatFromSlack' | 'giveUp'>;
  readonly store: Pick<Store, 'intake' | 'portals' | 'readers'>;
  readonly encrypted: Pick<EncryptedItems, 'opened'>;
  readonly peekMatrix: PeekMatrix;
  readonly log: Logger;
  /** Told of what people wait for. */
  readonly written: () => void;
}

/** What the queue does with an item: reads what its payload says, and hands that to the portals. */
export function createHandlers(options: HandlersOptions): {
  readonly handle: Handle<Change>;
  readonly giveUp: GiveUp;
} {
  const { slack, portals, store, log, written } = options;
  const noted = <Event extends SlackEvent | MatrixEvent>(event: Event): Event => {
    if (isWriting(event)) written();
    return event;
  };
  return {
    handle: async (turn) => {
      const { item } = turn;
      if (item.from === 'matrix') {
        const read = readable(item, log, matrixEvent);
        const opened = read.type === 'encrypted' ? await openedItem(options, item, read) : read;
        return portals.fromMatrix(noted(opened), turn);
      }
      const event = noted(readable(item, log, (payload) => slack.read(payload)));
      const portal = portalOf(store, item);
      if (portal) await noteReaders(store, portal, item);
      if (portal || !mayBeChat(item)) return portals.fromSlack(event, turn);
      const { delivery, readers } = readable(item, log, (payload) => slack.chatDelivery(payload));
      if (delivery.route.chat !== true) return portals.fromSlack(event, turn);
      return portals.chatFromSlack({ event, readers, again: () => store.intake.store([delivery]) }, turn);
    },
    giveUp: async (item, reason) => portals.giveUp(await failedItem(options, item), reason),
  };
}

/** Also what waited for the portal of a chat that went on elsewhere. */
function mayBeChat({ lane }: Item): boolean {
  return lane.startsWith('chat:') || /^portal:\d+:slack$/.test(lane);
}

function portalOf({ portals }: HandlersOptions['store'], { lane }: Item): Portal | undefined {
  const id = /^portal:(\d+):/.exec(lane)?.[1];
  return id === undefined ? undefined : portals.byId(portalId(Number(id)));
}

/** Who is told of a channel that the bot isn't in can read it. */
async function noteReaders(
  { readers }: HandlersOptions['store'],
  { through, channels: [place] }: Portal,
  { payload }: Item,
): Promise<void> {
  if (through !== 'people') return;
  const known = readers.of(place);
  const added = readersIn(payload).filter((user) => !known.includes(user));
  if (added.length > 0) await readers.add(place, added);
}

/** An event that can't be what it says is nobody's bug here: it is set aside, and no try will do better. */
function readable<Event>(item: Item, log: Logger, read: (payload: Buffer) => Event): Event {
  try {
    return read(item.payload);
  } catch (error) {
    throw setAside(item, log, error);
  }
}

async function openedItem(
  { encrypted, log }: HandlersOptions,
  item: Item,
  event: EncryptedEvent,
): Promise<MatrixEvent> {
  try {
    return await encrypted.opened(item, event);
  } catch (error) {
    throw setAside(item, log, error);
  }
}

function setAside({ seq, from, lane }: Item, log: Logger, error: unknown): unknown {
  if (!(error instanceof InvalidId || error instanceof MalformedPayload)) return error;
  log.error('an event that cannot be read was set aside', { seq, from, lane, reason: error.message });
  return new CannotBridge('malformed', error.message, { cause: error });
}

async function failedItem(
  { slack, peekMatrix, log }: HandlersOptions,
  item: Item,
): Promise<Parameters<Portals['giveUp']>[0]> {
  const { seq, from, payload } = item;
  try {
    return from === 'slack'
      ? { from, seq, event: slack.peek(payload) }
      : { from, seq, event: await peekMatrix(payload) };
  } catch (error) {
    log.debug('an item that is given up cannot be read', { seq, error });
    return { from, seq };
  }
}
