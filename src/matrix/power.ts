import { isObject, numberAt, objectAt, textAt, textsAt } from './json.ts';
import type { JsonObject } from './json.ts';

/** A state event: its content and who set it. */
export interface StateEvent {
  readonly type: string;
  readonly stateKey: string;
  readonly sender: string;
  readonly content: JsonObject;
}

/** What a room's state says about who may do what. */
export interface Power {
  /** `Infinity` for the creators of a room of version 12 and later. */
  of(user: string): number;
  /** What a state event of this type needs. */
  forState(type: string): number;
  /** What a message-like event of this type needs. */
  forEvent(type: string): number;
  forNotification(key: string): number;
  forInvite(): number;
  /** What redacting other people's events needs. */
  forRedact(): number;
}

/**
 * Room versions are opaque names; numbers from 12 on have creators above all levels. Unstable versions aren't guessed.
 * @see https://spec.matrix.org/latest/rooms/v12/
 */
export function hasCreatorPower(version: string): boolean {
  return /^\d+$/.test(version) && Number(version) >= 12;
}

/**
 * `levels` is the content of `m.room.power_levels`, absent in a room that has none: then the creator has 100 and
 * everybody else 0, and everything needs 0.
 * @see https://spec.matrix.org/latest/client-server-api/#mroompower_levels
 */
export function readPower(create: StateEvent | undefined, levels: JsonObject | undefined): Power {
  const version = create ? (textAt(create.content, 'room_version') ?? '1') : '1';
  const creators = new Set(
    create && hasCreatorPower(version)
      ? [create.sender, ...textsAt(create.content, 'additional_creators')]
      : [],
  );
  const said = levels ?? {};
  const level = (key: string, otherwise: number): number => numberAt(said, key) ?? otherwise;
  const events = objectAt(said, 'events');
  return {
    of: (user) => {
      if (creators.has(user)) return Number.POSITIVE_INFINITY;
      if (!isObject(levels)) return user === create?.sender ? 100 : 0;
      return numberAt(objectAt(said, 'users'), user) ?? level('users_default', 0);
    },
    forState: (type) => numberAt(events, type) ?? level('state_default', levels ? 50 : 0),
    forEvent: (type) => numberAt(events, type) ?? level('events_default', 0),
    forNotification: (key) => numberAt(objectAt(said, 'notifications'), key) ?? 50,
    forInvite: () => level('invite', 0),
    forRedact: () => level('redact', 50),
  };
}
