import assert from 'node:assert/strict';
import { portalId } from '../../../src/ids.ts';
import type { Delivery } from '../../../src/queue/ports.ts';
import { routeDelivery } from '../../../src/store/route.ts';

const portal = { id: portalId(1) };

/** Whatever stands in an event's addresses: the row that is stored for it is one that PostgreSQL takes. */
export function checkRoute(delivery: Delivery): void {
  const nowhere = { byRoom: () => undefined, byChannel: () => undefined };
  const linked = { byRoom: () => portal, byChannel: () => portal };
  for (const portals of [nowhere, linked]) {
    // Only the portal's number is asked of it.
    const row = routeDelivery(delivery, portals as unknown as Parameters<typeof routeDelivery>[1]);
    for (const text of textsIn(row)) {
      assert.ok(text.isWellFormed() && !text.includes('\0'), 'PostgreSQL takes its texts');
      assert.ok(text.length <= 1_100, 'its texts are short');
    }
  }
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
