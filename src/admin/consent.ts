import type { Doc } from '../format/doc.ts';
import type { RoomId } from '../ids.ts';
import type { SlackChannel } from '../portal/ports.ts';

/** Asks people of one side whether they want a link that somebody of the other side asked for. */
export interface Consent {
  /**
   * Asks there, and resolves with what the asker is told: where, and how long a yes is waited for. What was agreed is then
   * linked, and both sides hear of it. Throws `CannotBridge` that says why it can't be asked. May be repeated: the same
   * question isn't asked twice.
   */
  ask(question: ConsentQuestion): Promise<Doc>;
}

export interface ConsentQuestion {
  /** Whose yes is missing. */
  readonly of: 'matrix' | 'slack';
  readonly room: RoomId;
  readonly channel: SlackChannel;
  /** Who wants it, as the audit log names them. */
  readonly actor: string;
  /** The same for people. */
  readonly shown: string;
  /** Beside another bridge, too. */
  readonly otherBridges: boolean;
}
