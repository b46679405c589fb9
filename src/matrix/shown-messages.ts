import type { MatrixMessage } from '../events.ts';
import { InvalidId, matrixUserId } from '../ids.ts';
import type { EventId, RoomId } from '../ids.ts';
import type { MatrixPort, PollChange } from '../portal/ports.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { isRedacted, neutralEvent } from './inbound.ts';
import { numberAt, objectAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { choicesOf, pollChangeOf } from './poll.ts';
import { bridging } from './refusal.ts';
import { readRelated } from './relations.ts';
import type { ShownRoom } from './shown-room.ts';

interface Parts {
  readonly client: HomeserverClient;
  readonly asBot: () => Promise<Acting>;
  readonly shownRoom: Pick<ShownRoom, 'event'>;
}

/** Messages as people in the room see them now. */
export function createShownMessages({
  client,
  asBot,
  shownRoom,
}: Parts): Pick<MatrixPort, 'message' | 'poll' | 'canBeEdited'> {
  async function message(room: RoomId, event: EventId): Promise<MatrixMessage | undefined> {
    const raw = await shownRoom.event(room, event);
    return raw === undefined || isRedacted(raw) ? undefined : withLastEdit(room, raw);
  }
  return {
    message,
    canBeEdited: async (room, event, by) => {
      const raw = await shownRoom.event(room, event);
      if (raw === undefined) return true; // it isn't shown to us: its server sent the edit
      const relation = objectAt(objectAt(raw, 'content'), 'm.relates_to');
      return !isRedacted(raw) && relation['rel_type'] !== 'm.replace' && raw['sender'] === by;
    },
    poll: async (room, event) => {
      const start = await message(room, event);
      if (!start?.poll) return undefined;
      const changes = await bridging('read the votes', async () =>
        readRelated(client, await asBot(), room, [event, 'm.reference']),
      );
      return { message: { ...start, poll: start.poll }, changes: changes.flatMap(changeIn) };
    },
  };
}

/**
 * The homeserver puts the newest edit by the same person beside the original.
 * @see https://spec.matrix.org/latest/client-server-api/#server-side-aggregation-of-mreplace-relationships
 */
function withLastEdit(room: RoomId, raw: JsonObject): MatrixMessage | undefined {
  const original = neutralEvent({ ...raw, room_id: room });
  if (original.type !== 'message') return undefined;
  const { type: _, ...message } = original;
  const bundled = objectAt(objectAt(objectAt(raw, 'unsigned'), 'm.relations'), 'm.replace');
  if (textAt(bundled, 'event_id') === undefined) return message;
  const edit = neutralEvent({ ...bundled, room_id: room });
  if (edit.type !== 'edit' || edit.sender !== message.sender) return message;
  const { event, at, relation } = message;
  return { ...edit.message, event, at, relation };
}

/** Anybody may write anything there: what can't be read is no vote. */
function changeIn(raw: JsonObject): readonly PollChange[] {
  const kind = pollChangeOf(textAt(raw, 'type') ?? '');
  const event = textAt(raw, 'event_id');
  if (kind === undefined || event === undefined) return [];
  try {
    const sender = matrixUserId(raw['sender']);
    const at = numberAt(raw, 'origin_server_ts') ?? 0;
    const choices = kind === 'vote' ? choicesOf(objectAt(raw, 'content')) : [];
    return [{ kind, event, sender, at, choices }];
  } catch (error) {
    if (error instanceof InvalidId) return [];
    throw error;
  }
}
