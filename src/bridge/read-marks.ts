import { ts as tsId } from '../ids.ts';
import type { EventId, RoomId, Ts } from '../ids.ts';
import type { Logger } from '../log.ts';
import { numberAt } from '../matrix/json.ts';
import type { JsonObject } from '../matrix/json.ts';
import type { ReadReceipt } from '../matrix/receipts.ts';
import type {
  LinkStore,
  Portal,
  PortalChannel,
  PortalStore,
  Puppet,
  PuppetDirectory,
  SlackPort,
} from '../portal/ports.ts';
import type { ReadPlaces } from '../store/read-places.ts';

/** Receipts of one person in one room within this time are one mark, in milliseconds: clients send one a message. */
const settle = 3000;
/** Of so many people and rooms it is known how far was marked. */
const remembered = 10_000;

interface Parts {
  readonly portals: Pick<PortalStore, 'byRoom'>;
  readonly puppets: Pick<PuppetDirectory, 'ofMatrixUser'>;
  readonly links: Pick<LinkStore, 'byEvent'>;
  readonly places: ReadPlaces;
  readonly slack: Pick<SlackPort, 'markRead'>;
  /** An event as the room shows it. */
  readonly event: (room: RoomId, event: EventId) => Promise<JsonObject | undefined>;
  readonly log: Logger;
}

export interface ReadMarks {
  /** People have read something. Returns at once. */
  heard(receipts: readonly ReadReceipt[]): void;
  stop(): void;
}

interface Waiting {
  readonly portal: Portal;
  readonly place: PortalChannel;
  readonly puppet: Puppet;
  receipt: ReadReceipt;
}

/**
 * What linked people read in Matrix is read in Slack: the channel's mark goes to the newest bridged message at or before
 * what they read. Only forwards, a few seconds later, and left out where it can't be had: the next one makes up for it.
 * Slack has no marks of threads for apps.
 */
export function createReadMarks(parts: Parts): ReadMarks {
  const waiting = new Map<string, Waiting>();
  const timers = new Set<NodeJS.Timeout>();
  const marked = new Map<string, Ts>();

  async function mark(key: string, { portal, place, puppet, receipt }: Waiting): Promise<void> {
    const at = await placeOf(parts, portal, receipt);
    if (at === undefined || at <= (marked.get(key) ?? '')) return;
    await parts.slack.markRead(place, at, puppet.slackUser);
    if (marked.size >= remembered) marked.clear();
    marked.set(key, at);
  }

  function later(key: string, next: Waiting): void {
    waiting.set(key, next);
    const timer = setTimeout(() => {
      timers.delete(timer);
      waiting.delete(key);
      mark(key, next).catch((error: unknown) =>
        parts.log.debug('a read mark is left out', { portal: next.portal.id, error }),
      );
    }, settle);
    timers.add(timer.unref());
  }

  return {
    heard(receipts) {
      for (const receipt of receipts) {
        const reader = readerOf(parts, receipt);
        if (!reader) continue;
        const key = `${reader.portal.id} ${receipt.user}`;
        const before = waiting.get(key);
        if (!before) later(key, { ...reader, receipt });
        else if (receipt.at >= before.receipt.at) before.receipt = receipt;
      }
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function readerOf({ portals, puppets }: Parts, receipt: ReadReceipt): Omit<Waiting, 'receipt'> | undefined {
  const portal = receipt.thread === undefined ? portals.byRoom(receipt.room) : undefined;
  if (portal?.status !== 'live') return undefined;
  for (const place of portal.channels) {
    const puppet = puppets.ofMatrixUser(receipt.user, place.team);
    if (puppet && mayMark(puppet, portal)) return { portal, place, puppet };
  }
  return undefined;
}

const neededScopes: Readonly<Record<Portal['kind'], readonly string[]>> = {
  channel: ['channels:write', 'groups:write'],
  direct: ['im:write'],
  group: ['mpim:write', 'groups:write'],
};

function mayMark({ scopes }: Puppet, { kind }: Portal): boolean {
  return neededScopes[kind].some((scope) => scopes.includes(scope));
}

/** The message up to which a receipt says that a channel was read. */
async function placeOf(
  { links, places, event: read }: Parts,
  portal: Portal,
  { event, room }: ReadReceipt,
): Promise<Ts | undefined> {
  const known = (await links.byEvent(event)).filter((link) => link.portal === portal.id);
  const [first] = known;
  if (first && first.threadTs === undefined)
    return known
      .map((link) => link.ts)
      .toSorted()
      .at(-1);
  const bound = first?.ts ?? timeOf(await read(room, event));
  return bound && places.newestUpTo(portal.id, bound);
}

function timeOf(event: JsonObject | undefined): Ts | undefined {
  const at = event && numberAt(event, 'origin_server_ts');
  if (at === undefined || at < 0 || at > 9e14) return undefined;
  return tsId(`${Math.floor(at / 1000)}.${String(Math.floor(at % 1000)).padStart(3, '0')}999`);
}
