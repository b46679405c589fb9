import type { LinkedRoom } from '../../support/bridge.ts';

/** What was written in a room and in its channel, each in its order. */
export interface Stream {
  readonly linked: LinkedRoom;
  readonly fromMatrix: { readonly text: string; readonly event: string; readonly changed: boolean }[];
  readonly fromSlack: { readonly text: string; readonly ts: string }[];
}
