import type { ParentKey } from '../errors.ts';
import type { EventId, MatrixUserId, PortalId, RoomId } from '../ids.ts';

/** What the bot told somebody of something that was given up. */
export interface SentNotice {
  readonly event: EventId;
  readonly room: RoomId;
}

/** Trying again what was given up, for those who ask by a reaction. */
export interface LetterRetries {
  /** The dead letters of this portal, from Matrix, whose message, or whose notice, this is. */
  lettersOn(portal: PortalId, event: EventId): Promise<readonly RetriableLetter[]>;
  /**
   * Hands them out again. Resolves at once; the notice about each says what came of it. `cause` is the reaction that
   * asked.
   */
  retry(letters: readonly RetriableLetter[], asked: RetryRequest): Promise<void>;
}

export interface RetriableLetter {
  readonly seq: number;
  readonly writer: MatrixUserId;
}

export interface RetryRequest {
  readonly by: MatrixUserId;
  readonly cause: EventId;
  readonly room: RoomId;
  readonly portal: PortalId;
}

/** What portals ask of the dead letters: when a message is removed, nothing of it stays. */
export interface LetterNotices {
  /** The notices about dead letters of this message, or of changes of it; undefined: there are no such letters. */
  noticesAbout(subject: ParentKey): Promise<readonly SentNotice[] | undefined>;
  /** Those letters go, with all that they hold. */
  removeAbout(subject: ParentKey): Promise<void>;
}
