import type { EventId } from '../../../src/ids.ts';
import type { RecordedMatrix } from '../../portal/support/recorded-matrix.ts';

export interface Shown {
  readonly text: string;
  /** Who reacted, as Slack's user ids. */
  readonly reactions: readonly string[];
}

/** The messages that stand in the room after all that was done there. */
export function shownIn(matrix: RecordedMatrix): ReadonlyMap<EventId, Shown> {
  const texts = new Map<EventId, string>();
  const reactions = new Map<EventId, { readonly target: EventId; readonly by: string }>();
  for (const { call, event, target, text = '', as = '' } of matrix.effects) {
    if (call === 'send' && event !== undefined) texts.set(event, text);
    if (call === 'edit' && target !== undefined && texts.has(target)) texts.set(target, text);
    if (call === 'react' && event !== undefined && target !== undefined)
      reactions.set(event, { target, by: /^@slack_(\w+):/.exec(as)?.[1]?.toUpperCase() ?? as });
    if (call === 'redact' && target !== undefined) {
      texts.delete(target);
      reactions.delete(target);
    }
  }
  const of = (event: EventId): readonly string[] =>
    [...reactions.values()].filter(({ target }) => target === event).map(({ by }) => by);
  return new Map([...texts].map(([event, text]) => [event, { text, reactions: of(event).toSorted() }]));
}
