import type { PortalId, Ts } from '../../../src/ids.ts';
import type { BothSides, ClosedRoom, Pin, ShownField, ShownStore } from '../../../src/portal/ports.ts';

/** What portals show of themselves, in memory. Its clock moves with each look at it. */
export class MemoryShown implements ShownStore {
  readonly agreed = new Map<string, BothSides>();
  readonly pinned = new Map<Ts, Pin>();
  closed: ClosedRoom | undefined;
  private time = 1000;

  unchanged: ShownStore['unchanged'] = async (portal, field, now) => {
    const before = this.agreed.get(keyOf(portal, field));
    return before && { slack: before.slack === now.slack, matrix: before.matrix === now.matrix };
  };
  agree: ShownStore['agree'] = async (portal, field, now) => {
    this.agreed.set(keyOf(portal, field), now);
  };
  pins: ShownStore['pins'] = async () => [...this.pinned.values()];
  setPin: ShownStore['setPin'] = async (_portal, { ts, pinned, changedTs }) => {
    const before = this.pinned.get(ts)?.changedTs ?? '';
    const changed = changedTs > before ? changedTs : before;
    this.pinned.set(ts, { ts, pinned, changedTs: changed, changedAt: await this.now() });
  };
  now: ShownStore['now'] = async () => {
    this.time += 1;
    return this.time;
  };
  closedRoom: ShownStore['closedRoom'] = async () => this.closed;
  setClosedRoom: ShownStore['setClosedRoom'] = async (_portal, closed) => {
    this.closed = closed;
  };
}

function keyOf(portal: PortalId, field: ShownField): string {
  return `${portal} ${field}`;
}
