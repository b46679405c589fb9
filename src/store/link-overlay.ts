import type { EventId, PortalId } from '../ids.ts';
import type { Change, MessageLink } from '../portal/ports.ts';

/** What handlers remembered and is not committed yet, in that order. */
export interface LinkOverlay {
  add(change: Change): void;
  remove(changes: readonly Change[]): void;
  ofPortal(portal: PortalId): readonly Change[];
  linksOf(event: EventId): readonly MessageLink[];
  all(): readonly Change[];
}

export function createLinkOverlay(): LinkOverlay {
  const everything = new Set<Change>();
  const byPortal = new Map<number, Set<Change>>();
  const byEvent = new Map<string, Set<MessageLink>>();

  return {
    add(change) {
      everything.add(change);
      const portal = portalOf(change);
      if (portal !== undefined) into(byPortal, portal, change);
      if (change.type === 'link' && change.link.event !== undefined)
        into(byEvent, change.link.event, change.link);
    },
    remove(changes) {
      for (const change of changes) {
        everything.delete(change);
        const portal = portalOf(change);
        if (portal !== undefined) outOf(byPortal, portal, change);
        if (change.type === 'link' && change.link.event !== undefined)
          outOf(byEvent, change.link.event, change.link);
      }
    },
    ofPortal: (portal) => [...(byPortal.get(portal) ?? [])],
    linksOf: (event) => [...(byEvent.get(event) ?? [])],
    all: () => [...everything],
  };
}

/** The portal whose messages a change touches. */
function portalOf(change: Change): PortalId | undefined {
  if ('portal' in change) return change.portal;
  return change.type === 'link' ? change.link.portal : undefined;
}

function into<Key, Value>(map: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}

function outOf<Key, Value>(map: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = map.get(key);
  if (set?.delete(value) === true && set.size === 0) map.delete(key);
}
