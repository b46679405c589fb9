import type { Random } from '../../support/random.ts';

/** Something that a person does in a channel. `person` counts the channel's people on this side. */
export type Act =
  | { readonly type: 'say'; readonly id: string; readonly person: number; readonly thread?: string }
  | { readonly type: 'edit'; readonly id: string; readonly person: number; readonly version: number }
  | { readonly type: 'delete'; readonly id: string; readonly person: number }
  | {
      readonly type: 'react' | 'unreact';
      readonly id: string;
      readonly person: number;
      readonly emoji: Emoji;
    };

/** Reactions by Slack's name, as Matrix writes them. */
export const emojis = { tada: '🎉', rocket: '🚀', eyes: '👀' } as const;
export type Emoji = keyof typeof emojis;
const emojiNames: readonly Emoji[] = ['tada', 'rocket', 'eyes'];

/** What a message says: who compares both ends finds it again by its id, whatever it says. */
export function textOf(id: string, version: number): string {
  return `${id} v${version}`;
}

/** The id in a message's text; absent when it is none of ours. */
export function idIn(text: string): string | undefined {
  return /^[MS]\d+-\d+(?= v\d+$)/.exec(text)?.[0];
}

export interface ActOptions {
  /** The beginning of all ids: `M` or `S`, and a number. */
  readonly prefix: string;
  readonly messages: number;
  readonly people: number;
  /** Also edits, deletes, reactions and threads. */
  readonly changes: boolean;
  readonly random: Random;
  /** How far back people go to change, answer or react to something, in messages; absent: 6. */
  readonly reach?: number;
  /** They also delete what has replies; absent: they don't. */
  readonly deletesRoots?: boolean;
}

interface Said {
  readonly id: string;
  readonly person: number;
  version: number;
  hasReplies: boolean;
  readonly thread: string | undefined;
  /** By `person emoji`. */
  readonly reactions: Map<string, { readonly person: number; readonly emoji: Emoji }>;
}

/** What the people of one channel and side do, one after the other. Only messages of this side are answered or changed. */
export function planActs(options: ActOptions): readonly Act[] {
  const { prefix, messages, changes, random, reach = 6 } = options;
  const acts: Act[] = [];
  let recent: readonly Said[] = [];
  for (let number = 1; number <= messages; number += 1) {
    const id = `${prefix}-${number}`;
    const person = Math.floor(random() * options.people);
    const root = changes && random() < 0.25 ? pick(recent.filter(isRoot), random) : undefined;
    if (root) root.hasReplies = true;
    acts.push({ type: 'say', id, person, ...(root && { thread: root.id }) });
    const said = {
      id,
      person,
      version: 1,
      hasReplies: false,
      thread: root?.id,
      reactions: new Map(),
    };
    recent = [...recent, said].slice(-reach);
    if (!changes) continue;
    for (const act of planChanges(recent, options)) {
      acts.push(act);
      if (act.type === 'delete') recent = recent.filter((each) => each.id !== act.id);
    }
  }
  return acts;
}

function isRoot({ thread }: Said): boolean {
  return thread === undefined;
}

/** About as many changes as messages. */
function* planChanges(
  recent: readonly Said[],
  { people, random, deletesRoots = false }: ActOptions,
): Generator<Act> {
  const said = pick(recent, random);
  const dice = random();
  if (!said || dice < 0.25) return;
  const { id } = said;
  if (dice < 0.55) {
    said.version += 1;
    yield { type: 'edit', id, person: said.person, version: said.version };
  }
  if (dice > 0.45 && dice < 0.9) {
    const reacted =
      random() < 0.4
        ? pick(
            recent.filter(({ reactions }) => reactions.size > 0),
            random,
          )
        : undefined;
    yield reacted ? takeBack(reacted, random) : toggle(said, people, random);
  }
  if (dice >= 0.9 && (deletesRoots || !said.hasReplies)) yield { type: 'delete', id, person: said.person };
}

function toggle({ id, reactions }: Said, people: number, random: Random): Act {
  const reaction = { person: Math.floor(random() * people), emoji: pick(emojiNames, random) ?? 'tada' };
  const key = `${reaction.person} ${reaction.emoji}`;
  const given = !reactions.delete(key);
  if (given) reactions.set(key, reaction);
  return { type: given ? 'react' : 'unreact', id, ...reaction };
}

function takeBack({ id, reactions }: Said, random: Random): Act {
  const [key, reaction] = pick([...reactions], random) ?? ['', { person: 0, emoji: 'tada' }];
  reactions.delete(key);
  return { type: 'unreact', id, ...reaction };
}

export function pick<One>(list: readonly One[], random: Random): One | undefined {
  return list[Math.floor(random() * list.length)];
}
