import { isCommand } from '../admin/parse.ts';
import { CannotBridge, TryLater, WaitForKey } from '../errors.ts';
import type { RoomKey } from '../errors.ts';
import type { MatrixEvent } from '../events.ts';
import type { EventId, RoomId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { BoundedMap } from '../matrix/bounded-map.ts';
import { isRedacted, matrixEvent } from '../matrix/inbound.ts';
import type { JsonObject } from '../matrix/json.ts';
import type { Encryption, MatrixAdapter } from '../matrix/start-matrix.ts';
import type { Portals } from '../portal/portal.ts';
import type { EncryptedEvent } from '../portal/unreadable.ts';
import type { IntakePort, Item } from '../queue/ports.ts';

export interface EncryptedItems {
  /**
   * What an encrypted item holds. A command is handed to the lane that steers, and is ignored here.
   * @throws WaitForKey (its sender was told, where it waited long), CannotBridge, TryLater
   */
  opened(item: Item, event: EncryptedEvent): Promise<MatrixEvent>;
  /** An encrypted event was stored: should it be a command, that doesn't wait behind the messages before it. */
  stored(event: JsonObject): void;
  /** Keys came. */
  came(keys: readonly RoomKey[]): void;
  stop(): void;
}

interface Options {
  /** Absent: encryption is off, and nothing is opened. */
  readonly encryption: Encryption | undefined;
  readonly shown: Pick<MatrixAdapter['shownRoom'], 'event'>;
  readonly unreadable: Portals['unreadable'];
  readonly intake: IntakePort;
  readonly log: Logger;
  /** How long a lane has to come to an event by itself, in milliseconds. */
  readonly patience?: number;
}

/** In an item's payload: it is a command, and this is the copy that is carried out. */
const commandMark = 'matrix_slack_bridge.command';

/** More events than wait to be looked at, or were opened lately. */
const most = 2000;

export function createEncryptedItems(options: Options): EncryptedItems {
  const { encryption, intake } = options;
  const opened = new BoundedMap<EventId, true>(most);
  const looks = createLooks(options, async (raw) => {
    const event = matrixEvent(payloadOf(raw));
    if (event.type !== 'encrypted' || opened.get(event.event) || !encryption) return;
    const found = await encryption.open(raw);
    if (isCommandEvent(found)) await intake.store([commandOf(raw, event)]);
  });

  return {
    async opened(item, event) {
      if (!encryption) return event;
      const raw = parsed(item.payload);
      const found = await openOrTell(options, item, event, raw);
      opened.set(event.event, true);
      if (!isCommandEvent(found) || raw[commandMark] === true) return found;
      await intake.store([commandOf(raw, event)]);
      return { type: 'ignored', reason: 'encrypted-command' };
    },
    stored: (event) => looks.later(event),
    came: (keys) => looks.came(keys),
    stop: () => looks.stop(),
  };
}

/** What an event of Matrix says, as far as it can be read now. Throws what `matrixEvent` throws. */
export type PeekMatrix = (payload: Buffer) => Promise<MatrixEvent>;

export function createPeek({ encryption, log }: Pick<Options, 'encryption' | 'log'>): PeekMatrix {
  return async (payload) => {
    const event = matrixEvent(payload);
    if (event.type !== 'encrypted' || !encryption) return event;
    try {
      return await encryption.open(parsed(payload));
    } catch (error) {
      log.debug('an encrypted event can’t be read now', { error });
      return event;
    }
  };
}

async function openOrTell(
  { encryption, shown, unreadable }: Options,
  item: Item,
  event: EncryptedEvent,
  raw: JsonObject,
): Promise<MatrixEvent> {
  if (!encryption) return event;
  try {
    const found = await encryption.open(raw);
    // nothing of it was there to be removed, when that happened
    if (item.waited && (await isRemoved(shown, event))) return { type: 'ignored', reason: 'redacted' };
    return found;
  } catch (error) {
    const isLate = error instanceof WaitForKey && item.waited;
    const isFinal = error instanceof CannotBridge && error.reason === 'undecryptable';
    if (!isLate && !isFinal) throw error;
    if (!(await unreadable(event, isLate ? error : undefined)))
      return { type: 'ignored', reason: 'encrypted' };
    throw error;
  }
}

async function isRemoved(
  shown: Options['shown'],
  { room, event }: { readonly room: RoomId; readonly event: EventId },
): Promise<boolean> {
  const now = await shown.event(room, event);
  return now !== undefined && isRedacted(now);
}

function isCommandEvent(event: MatrixEvent): boolean {
  return event.type === 'message' && isCommand(event.plain);
}

/** The same from whoever finds out first: it is stored, and carried out, once. */
function commandOf(raw: JsonObject, { event, room, sender }: EncryptedEvent) {
  return {
    from: 'matrix',
    route: { room, user: sender },
    deliveryKey: `matrix:${event}:command`,
    control: true,
    about: [event],
    srcTs: '',
    payload: payloadOf({ ...raw, [commandMark]: true }),
  } as const;
}

function payloadOf(raw: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(raw));
}

/** Events are objects: `matrixEvent` read it before. */
function parsed(payload: Buffer): JsonObject {
  return JSON.parse(payload.toString('utf8')) as JsonObject;
}

/**
 * Looks at events after a moment, unless the process ends before: their own lanes come to them in any case. An event
 * whose key isn't there is looked at again when that came.
 */
function createLooks({ log, patience = 1000 }: Options, look: (raw: JsonObject) => Promise<void>) {
  const timers = new Set<NodeJS.Timeout>();
  const waiting = new BoundedMap<RoomKey, readonly JsonObject[]>(most);

  async function lookAt(raw: JsonObject): Promise<void> {
    try {
      await look(raw);
    } catch (error) {
      if (error instanceof WaitForKey)
        waiting.set(error.key, [...(waiting.get(error.key) ?? []), raw].slice(-20));
      else if (!(error instanceof TryLater || error instanceof CannotBridge))
        log.debug('an encrypted event could not be looked at', { error });
    }
  }

  function after(milliseconds: number, raws: readonly JsonObject[]): void {
    if (raws.length === 0 || timers.size > most) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      for (const raw of raws) void lookAt(raw);
    }, milliseconds);
    timers.add(timer);
  }

  return {
    later: (raw: JsonObject) => after(patience, [raw]),
    came(keys: readonly RoomKey[]) {
      for (const key of keys) {
        after(patience, waiting.get(key) ?? []);
        waiting.delete(key);
      }
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
