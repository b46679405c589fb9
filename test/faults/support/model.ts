import { textOf } from './acts.ts';
import type { Act, Emoji } from './acts.ts';

/** A message as it has to stand, or stands, on the other side. */
export interface Standing {
  readonly id: string;
  readonly text: string;
  /** The name that it stands under, without the mark of who comes from the other side. */
  readonly author: string | undefined;
  /** The id of its thread's root; `?` when that is none of ours, or gone. */
  readonly thread: string | undefined;
  /** The emoji's name in Slack, and whose it is; sorted. */
  readonly reactions: readonly string[];
}

/** What one channel and side has to come to. */
export interface Model {
  /** All that was said, oldest first. */
  readonly said: readonly string[];
  readonly standing: ReadonlyMap<string, Standing>;
}

export interface ModelOptions {
  /** Of the people on this side. */
  readonly names: readonly { readonly name: string }[];
  /** Slack shows one reaction, of the bot's, for all people in Matrix who gave it. */
  readonly sharedReactions: boolean;
}

interface Message {
  readonly author: string | undefined;
  readonly thread: string | undefined;
  version: number;
  readonly reactions: Map<string, Emoji>;
}

/** Plays the acts. */
export function modelOf(acts: readonly Act[], { names, sharedReactions }: ModelOptions): Model {
  const said: string[] = [];
  const messages = new Map<string, Message>();
  for (const act of acts) {
    const message = messages.get(act.id);
    const author = names[act.person]?.name;
    switch (act.type) {
      case 'say':
        said.push(act.id);
        messages.set(act.id, { author, thread: act.thread, version: 1, reactions: new Map() });
        break;
      case 'edit':
        if (message) message.version = act.version;
        break;
      case 'delete':
        messages.delete(act.id);
        break;
      case 'react':
        message?.reactions.set(`${act.emoji} ${author}`, act.emoji);
        break;
      case 'unreact':
        message?.reactions.delete(`${act.emoji} ${author}`);
        break;
    }
  }
  const standing = [...messages].map(([id, { author, version, thread, reactions }]) => {
    const seen = new Set(sharedReactions ? reactions.values() : reactions.keys());
    return [
      id,
      {
        id,
        text: textOf(id, version),
        author,
        thread: thread === undefined || messages.has(thread) ? thread : '?',
        reactions: [...seen].toSorted(),
      },
    ] as const;
  });
  return { said, standing: new Map(standing) };
}
