import { CannotBridge, WaitForKey } from '../errors.ts';
import type { MatrixEvent } from '../events.ts';
import { KeyMissing } from './crypto/key-missing.ts';
import type { RoomCrypto } from './crypto/ports.ts';
import { isRedacted, neutralEvent, openedEvent } from './inbound.ts';
import type { JsonObject } from './json.ts';

/** Reads events that may be encrypted. */
export interface OpenEvent {
  /** What the event says. @throws WaitForKey; CannotBridge `undecryptable`; TryLater; InvalidId when it is no event */
  neutral(raw: JsonObject): Promise<MatrixEvent>;
  /** The event as it would have been in clear; `undefined` where it can't be read (yet). @throws TryLater */
  readable(raw: JsonObject): Promise<JsonObject | undefined>;
}

/** @param crypto absent: encryption is off, and what is encrypted can't be read. */
export function createOpenEvent(crypto: Pick<RoomCrypto, 'decrypt'> | undefined): OpenEvent {
  async function opened(raw: JsonObject): Promise<JsonObject> {
    if (!crypto)
      throw new CannotBridge('undecryptable', 'it is encrypted, and encryption is turned off here.');
    try {
      return await crypto.decrypt(raw);
    } catch (error) {
      throw error instanceof KeyMissing ? new WaitForKey(error.key, error.withheld) : error;
    }
  }
  return {
    neutral: async (raw) => (isSealed(raw) ? openedEvent(await opened(raw)) : neutralEvent(raw)),
    async readable(raw) {
      if (!isSealed(raw)) return raw;
      try {
        return await opened(raw);
      } catch (error) {
        if (error instanceof CannotBridge || error instanceof WaitForKey) return undefined;
        throw error;
      }
    },
  };
}

/** What was removed has nothing in it to be opened. */
function isSealed(raw: JsonObject): boolean {
  return raw['type'] === 'm.room.encrypted' && raw['state_key'] === undefined && !isRedacted(raw);
}
