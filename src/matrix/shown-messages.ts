import type { MatrixMessage } from '../events.ts';
import { InvalidId, matrixUserId } from '../ids.ts';
import type { EventId, RoomId } from '../ids.ts';
import type { MatrixPort, PollChange } from '../portal/ports.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { isRedacted, neutralEvent } from './inbound.ts';
import type { OpenEvent } from './open-event.ts';
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
  readonly open: Pick<OpenEvent, 'readable'>;
}

/** Messages as people in the room see them now. */
export function createShownMessages({
  client,
  asBot,
  shownRoom,
  open,
}: Parts): Pick<MatrixPort, 'message' | 'poll' | 'canBeEdited'> {
  async function message(room: RoomId, event: EventId): Promise<MatrixMessage | undefined> {
    const raw = await shownRoom.event(room, event);
    return raw === undefined || isRedacted(raw) ? undefined : withLastEdit(open, { ...raw, room_id: room });
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
      const read = await Promise.all(changes.map((raw) => open.readable({ ...raw, room_id: room })));
      const found = read.flatMap((raw) => (raw === undefined ? [] : changeIn(raw)));
      return { message: { ...start, poll: start.poll }, changes: found };
    },
  };
}

/**
 * The homeserver puts the newest edit by the same person beside the original.
 * @see https://spec.matrix.org/latest/client-server-api/#server-side-aggregation-of-mreplace-relationships
 */
async function withLastEdit(open: Parts['open'], raw: JsonObject): Promise<MatrixMessage | undefined> {
  const readable = await open.readable(raw);
  const original = readable && neutralEvent(readable);
  if (original?.type !== 'message') return undefined;
  const { type: _, ...message } = original;
  const bundled = objectAt(objectAt(objectAt(raw, 'unsigned'), 'm.relations'), 'm.replace');
  if (textAt(bundled, 'event_id') === undefined) return message;
  const replacing = await open.readable({ ...bundled, room_id: raw['room_id'] });
  const edit = replacing && neutralEvent(replacing);
  if (edit?.type !== 'edit' || edit.sender !== message.sender) return message;
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
