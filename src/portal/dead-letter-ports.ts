import type { ParentKey } from '../errors.ts';
import type { EventId, RoomId } from '../ids.ts';

/** What the bot told somebody of something that was given up. */
export interface SentNotice {
  readonly event: EventId;
  readonly room: RoomId;
}

/** What portals ask of the dead letters: when a message is removed, nothing of it stays. */
export interface LetterNotices {
  /** The notices about dead letters of this message, or of changes of it; undefined: there are no such letters. */
  noticesAbout(subject: ParentKey): Promise<readonly SentNotice[] | undefined>;
  /** Those letters go, with all that they hold. */
  removeAbout(subject: ParentKey): Promise<void>;
}
