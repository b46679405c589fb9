import type { PortalId, Ts } from '../ids.ts';

/** The bot's reply that says who in Matrix reacted to a message. */
export interface ReactionNote {
  readonly portal: PortalId;
  /** The message. */
  readonly ts: Ts;
  readonly noteTs?: Ts;
  /** When it was begun to be posted, in milliseconds since 1970. Without a `noteTs` it may be there or not. */
  readonly begunAt?: number;
  /** Opaque: which change it is behind. */
  readonly outdated: string;
}

/** Where it is kept which notes there are. All throw `TryLater` while the database is out of reach. */
export interface ReactionNoteStore {
  /**
   * Some notes of live portals that for so many milliseconds haven't shown how things stand: all of a portal whose policy
   * wants none any more are such. For half a minute nobody else gets them, unless they are `shown`.
   */
  outdated(milliseconds: number): Promise<readonly ReactionNote[]>;
  /** Before it is posted. False: since it was taken, somebody else began or posted it. */
  begin(note: ReactionNote): Promise<boolean>;
  posted(note: ReactionNote, noteTs: Ts): Promise<void>;
  /** It isn't there any more: the next look makes another one. */
  lost(note: ReactionNote): Promise<void>;
  /** It shows how things stand, as far as they didn't change since. */
  shown(note: ReactionNote): Promise<void>;
  forget(note: ReactionNote): Promise<void>;
}
