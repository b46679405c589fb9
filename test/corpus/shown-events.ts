import type { MatrixEvent } from '../../src/events.ts';
import type { EventId } from '../../src/ids.ts';
import { objectAt, textAt } from '../../src/matrix/json.ts';
import type { JsonObject } from '../../src/matrix/json.ts';
import { choicesOf, pollChangeOf } from '../../src/matrix/poll.ts';
import type { MatrixPort, PollChange, ShownPoll } from '../../src/portal/ports.ts';

/** What the homeserver shows of the events that were sent so far: messages, and polls with their votes. */
export function shownEvents() {
  const messages = new Map<EventId, Extract<MatrixEvent, { readonly type: 'message' }>>();
  const polls = new Map<EventId, ShownPoll>();
  const port: Pick<MatrixPort, 'message' | 'poll'> = {
    message: async (_room, event) => messages.get(event),
    poll: async (_room, event) => polls.get(event),
  };
  const see = (event: MatrixEvent, raw: JsonObject): void => {
    if (event.type === 'message') {
      messages.set(event.event, event);
      const { poll } = event;
      if (poll) polls.set(event.event, { message: { ...event, poll }, changes: [] });
    }
    const poll = event.type === 'poll-change' ? polls.get(event.target) : undefined;
    if (event.type === 'poll-change' && poll)
      polls.set(event.target, { ...poll, changes: [...poll.changes, changeOf(event, raw)] });
  };
  return { port, see };
}

function changeOf(
  event: Extract<MatrixEvent, { readonly type: 'poll-change' }>,
  raw: JsonObject,
): PollChange {
  const { sender, at } = event;
  const kind = pollChangeOf(textAt(raw, 'type') ?? '') ?? 'vote';
  const choices = kind === 'vote' ? choicesOf(objectAt(raw, 'content')) : [];
  return { kind, event: event.event, sender, at, choices };
}
