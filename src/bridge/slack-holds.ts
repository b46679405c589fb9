import type { PortalId } from '../ids.ts';
import type { Item } from '../queue/ports.ts';

/** How long the first item after a gap waits at most for what is older, in milliseconds. */
const longest = 2000;
/** After a shorter gap nothing waits. */
const worthwhile = 10_000;
/** What was received so shortly before the gap was known to be over belongs to the time after it. */
const before = 1000;

interface Hold {
  readonly portal: PortalId;
  readonly since: number;
  readonly over: PromiseWithResolvers<void>;
  timer?: NodeJS.Timeout;
}

/**
 * Portals that come out of a gap: the first item that arrives after it has the channel read at once, and waits a moment for
 * what was written before. Without a gap this costs nothing.
 */
export class Holds {
  readonly #fetch: (portal: PortalId) => void;
  readonly #byLane = new Map<string, Hold>();

  constructor(fetch: (portal: PortalId) => void) {
    this.#fetch = fetch;
  }

  /** Whether waiting is worth it after a gap of so many milliseconds. */
  isWorth(gap: number): boolean {
    return gap > worthwhile;
  }

  add(portal: PortalId, now: number): void {
    this.end(portal);
    this.#byLane.set(slackLane(portal), {
      portal,
      since: now - before,
      over: Promise.withResolvers<void>(),
    });
  }

  /** What this item waits for; `undefined`: nothing. */
  of(item: Item): Promise<void> | undefined {
    if (this.#byLane.size === 0) return undefined;
    const hold = this.#byLane.get(item.lane);
    if (hold === undefined || item.receivedAt.getTime() < hold.since) return undefined;
    if (hold.timer === undefined) {
      hold.timer = setTimeout(() => this.end(hold.portal), longest);
      this.#fetch(hold.portal);
    }
    return hold.over.promise;
  }

  /** What is older is stored, or can't be had now. */
  end(portal: PortalId): void {
    const hold = this.#byLane.get(slackLane(portal));
    if (hold === undefined) return;
    this.#byLane.delete(slackLane(portal));
    clearTimeout(hold.timer);
    hold.over.resolve();
  }
}

/** Where the portal's events from Slack are. */
export function slackLane(portal: PortalId): string {
  return `portal:${portal}:slack`;
}
