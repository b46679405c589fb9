/** What is kept of chats, and of who reads what the bot can't. */
import type { SlackPlace } from '../../events.ts';
import type { SlackUserId } from '../../ids.ts';

/** All of it throws `TryLater` while the database is out of reach. */
export interface ChatStore {
  /** Notes that a room is being made for a chat. True: that was noted before, so there may be one already. */
  beginRoom(place: SlackPlace): Promise<boolean>;
  /** The room has its portal. */
  endRoom(place: SlackPlace): Promise<void>;
  /** Whether anything is to be handled in the lane, but the item `except`, and of what was stored before `before`. */
  isWaiting(lane: string, which?: { readonly except?: number; readonly before?: number }): Promise<boolean>;
}

/** Linked people through whom channels are read that the bot isn't in. */
export interface ReaderStore {
  /** In memory; whether they can be used now is another question. */
  of(place: SlackPlace): readonly SlackUserId[];
  /** They see the channel. */
  add(place: SlackPlace, users: readonly SlackUserId[]): Promise<void>;
  /** They don't see it any more. */
  remove(place: SlackPlace, user: SlackUserId): Promise<void>;
}
