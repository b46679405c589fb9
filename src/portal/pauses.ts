import type { PortalId } from '../ids.ts';
import type { ObstacleKind } from './obstacle-kind.ts';

/** What the process knows of portals' pauses beyond their rows; losing it costs a notice, never a message. */
export interface Pauses {
  /** One change of a portal's status after the other: each sees what the one before made of it. */
  inTurn<T>(portal: PortalId, work: () => Promise<T>): Promise<T>;
  /** What is in the way of a paused portal, as far as this process found it. */
  readonly kinds: Map<PortalId, ObstacleKind>;
  /** The bot was sent out of the room by the item `seq`, or is back with it. */
  botLeft(portal: PortalId, seq: number): void;
  botReturned(portal: PortalId, seq: number): void;
  /** Whether an item of the room came while the bot was known to be out of it. Undefined: that isn't known. */
  cameWithoutBot(portal: PortalId, seq: number): boolean | undefined;
}

interface Absence {
  readonly from: number;
  readonly until: number;
}

export function createPauses(): Pauses {
  const running = new Map<PortalId, Promise<unknown>>();
  const absences = new Map<PortalId, Absence>();
  return {
    inTurn(portal, work) {
      const result = (running.get(portal) ?? Promise.resolve()).then(work);
      const ended = result
        .catch(() => undefined)
        .then(() => {
          if (running.get(portal) === ended) running.delete(portal);
        });
      running.set(portal, ended);
      return result;
    },
    kinds: new Map(),
    botLeft: (portal, seq) => void absences.set(portal, { from: seq, until: Infinity }),
    botReturned(portal, seq) {
      const known = absences.get(portal);
      if (known?.until === Infinity) absences.set(portal, { ...known, until: seq });
    },
    cameWithoutBot(portal, seq) {
      const known = absences.get(portal);
      return known && seq > known.from && seq < known.until;
    },
  };
}
