import type { MatrixUser } from '../../../sandbox/matrix-user.ts';
import type { Scene } from '../../support/bridge.ts';
import { shown } from '../../support/bridge/slack-side.ts';
import type { Stream } from './stream.ts';

/** Edits a message: its text gets an addition. */
export async function edit(person: MatrixUser, room: string, event: string, text: string): Promise<void> {
  await person.edit(room, event, edited(text));
}

export async function react(person: MatrixUser, room: string, event: string): Promise<void> {
  await person.react(room, event, '👍');
}

function edited(text: string): string {
  return `${text} (edited)`;
}

/** How many messages from Matrix don't stand in Slack with just the edit and the reaction that they got. Missing ones don't count. */
export function changesDiffer({ slack }: Scene, { linked, fromMatrix }: Stream): number {
  const wanted = new Map(
    fromMatrix.map(({ text, changed }) => [text, { text: changed ? edited(text) : text, changed }] as const),
  );
  return slack.posts(linked.channel).filter((post) => {
    const text = shown(post);
    const expected = wanted.get(text.replace(/ \(edited\)$/, ''));
    if (!expected) return false;
    const reactions = post.reactions?.map(({ name, count }) => `${name} ${count}`) ?? [];
    return text !== expected.text || reactions.join() !== (expected.changed ? '+1 1' : '');
  }).length;
}
