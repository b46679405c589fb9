import type { SlackPlace } from '../events.ts';
import type { AuthorId, Ts } from '../ids.ts';

/**
 * Words of the bridge itself to people in Slack, as its bot; they are never bridged back. Both may throw `TryLater`; what
 * is said again after an unclear answer may be there twice.
 */
export interface SlackNotices {
  /** Shown to one person alone, in the thread if one is named. False: Slack can't show it to them. */
  toPerson(place: SlackPlace, person: AuthorId, text: string, threadTs?: Ts): Promise<boolean>;
  /** For everybody in the channel, or in the thread. False: the channel takes nothing from the bot. */
  toChannel(place: SlackPlace, text: string, threadTs?: Ts): Promise<boolean>;
}
