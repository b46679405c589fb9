import type { KeyKey } from './ports.ts';

/** The event's room key isn't here yet: the sender's device sends it apart from the event, and it may come later. */
export class KeyMissing extends Error {
  readonly key: KeyKey;
  /** Why the sender's device said that it won't send it, when it did: Matrix's code, such as `m.unverified`. */
  readonly withheld: string | undefined;
  constructor(key: KeyKey, withheld?: string) {
    super('the room key of an event is missing');
    this.name = 'KeyMissing';
    this.key = key;
    this.withheld = withheld;
  }
}

export function keyOf(room: string, session: string): KeyKey {
  return `key:${room}:${session}`;
}
