import { textOf } from './acts.ts';
import type { Act, Emoji } from './acts.ts';

/** A message as it has to stand, or stands, on the other side. */
export interface Standing {
  readonly id: string;
  readonly text: string;
  /** The id of its thread's root; `?` when that is none of ours. */
  readonly thread: string | undefined;
  /** How many people's reactions are to be seen, by the emoji's name in Slack. */
  readonly reactions: ReadonlyMap<string, number>;
}

/** What one channel and side has to come to. */
export interface Model {
  /** All that was said, oldest first. */
  readonly said: readonly string[];
  readonly standing: ReadonlyMap<string, Standing>;
}

/**
 * Plays the acts.
 *
 * @param sharedReactions Slack shows one reaction for all people in Matrix who gave it.
 */
export function modelOf(acts: readonly Act[], sharedReactions: boolean): Model {
  const said: string[] = [];
  const messages = new Map<string, { text: string; thread: string | undefined; reactions: Set<string> }>();
  for (const act of acts) {
    const message = messages.get(act.id);
    switch (act.type) {
      case 'say':
        said.push(act.id);
        messages.set(act.id, { text: textOf(act.id, 1), thread: act.thread, reactions: new Set() });
        break;
      case 'edit':
        if (message) message.text = textOf(act.id, act.version);
        break;
      case 'delete':
        messages.delete(act.id);
        break;
      case 'react':
        message?.reactions.add(`${act.emoji} ${act.person}`);
        break;
      case 'unreact':
        message?.reactions.delete(`${act.emoji} ${act.person}`);
        break;
    }
  }
  const standing = [...messages].map(([id, { text, thread, reactions }]) => {
    const counts = Map.groupBy(reactions, (each) => each.split(' ')[0] as Emoji); // it was written so above
    const seen = [...counts].map(([emoji, by]) => [emoji, sharedReactions ? 1 : by.length] as const);
    return [id, { id, text, thread, reactions: new Map(seen) }] as const;
  });
  return { said, standing: new Map(standing) };
}
