import { setTimeout as sleep } from 'node:timers/promises';
import { portalId } from '../ids.ts';
import type { PortalId } from '../ids.ts';
import { chatLane } from '../portal/chats/make-chat.ts';
import type { Portal } from '../portal/ports.ts';
import type { Item } from '../queue/ports.ts';
import type { Store } from '../store/open-store.ts';

const look = 50;

export interface ChatHolds {
  /** What the worker's next item waits for, if anything: what was said in its chat before that had a portal. */
  holdBack(item: Pick<Item, 'lane'>): Promise<void> | undefined;
  stop(): void;
}

/**
 * What came before a chat had its portal is in a lane of its own, and stored once more for the portal from there. Until that
 * lane is empty nothing else of the chat is handled: then all stands in the portal's lane, in its order. Looked at once a
 * process and chat.
 */
export function createChatHolds({ chats, portals }: Pick<Store, 'chats' | 'portals'>): ChatHolds {
  const stopped = new AbortController();
  const settled = new Set<PortalId>();
  const waiting = new Map<PortalId, Promise<void>>();

  async function untilEmpty({ id, channels: [place] }: Portal): Promise<void> {
    while (!stopped.signal.aborted) {
      const isWaiting = await chats.isWaiting(chatLane(place)).catch(() => true);
      if (!isWaiting) break;
      await sleep(look, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
    settled.add(id);
    waiting.delete(id);
  }

  return {
    holdBack({ lane }) {
      const number = /^portal:(\d+):/.exec(lane)?.[1];
      const portal = number === undefined ? undefined : portals.byId(portalId(Number(number)));
      if (!portal || portal.kind === 'channel' || settled.has(portal.id)) return undefined;
      const known = waiting.get(portal.id) ?? untilEmpty(portal);
      waiting.set(portal.id, known);
      return known;
    },
    stop: () => stopped.abort(),
  };
}
