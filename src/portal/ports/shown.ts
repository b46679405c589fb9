/** What room and channel show of themselves (topic, name, pins: the shown state), and where what both last showed is kept. */
import type { PortalId, Ts } from '../../ids.ts';

export type ShownField = 'topic' | 'name';

/** What each side shows. */
export interface BothSides {
  readonly slack: string;
  readonly matrix: string;
}

/** A Slack message that is pinned on both sides, or was. */
export interface Pin {
  readonly ts: Ts;
  readonly pinned: boolean;
  /** Slack's event_ts of its last change; empty where Slack didn't tell it. */
  readonly changedTs: string;
  /** When that change was made here, in milliseconds by the store's clock. */
  readonly changedAt: number;
}

/** A power level that was raised: by its path in the levels' content. `before` is absent where there was none. */
export interface RaisedLevel {
  readonly path: readonly [string] | readonly [string, string];
  readonly before?: number;
  readonly raised: number;
}

export interface ClosedRoom {
  readonly levels: readonly RaisedLevel[];
  /** They are known to have been written. */
  readonly applied: boolean;
}

/** All throw `TryLater` while the store is out of reach. Writes are committed when they resolve, and may be repeated. */
export interface ShownStore {
  /** Which side still shows what it did when both were last in step; `undefined`: they never were. */
  unchanged(
    portal: PortalId,
    field: ShownField,
    now: BothSides,
  ): Promise<{ readonly slack: boolean; readonly matrix: boolean } | undefined>;
  /** Both are in step as they are. */
  agree(portal: PortalId, field: ShownField, now: BothSides): Promise<void>;
  pins(portal: PortalId): Promise<readonly Pin[]>;
  setPin(portal: PortalId, pin: Pick<Pin, 'ts' | 'pinned' | 'changedTs'>): Promise<void>;
  /** Milliseconds since 1970 by the store's clock. */
  now(): Promise<number>;
  closedRoom(portal: PortalId): Promise<ClosedRoom | undefined>;
  /** `undefined`: it is open again. */
  setClosedRoom(portal: PortalId, closed: ClosedRoom | undefined): Promise<void>;
}
