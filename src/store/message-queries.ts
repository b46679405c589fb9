import { z } from 'zod';
import { eventId, portalId, roomId, ts } from '../ids.ts';
import type { EventId, PortalId, Ts } from '../ids.ts';
import type {
  AttemptRecord,
  Change,
  PartName,
  ReactionLink,
  RelatedEvent,
  SlackReaction,
} from '../portal/ports.ts';
import type { Reader } from './reader.ts';

const origin = z.enum(['slack', 'matrix']);

/** A part's name comes from `Change`s only, so it has the shape. */
const part = z.string().transform((name) => name as PartName);

const reactionRows = z.array(
  z.object({
    event: z.string().transform(eventId),
    portal: z.number().transform(portalId),
    ts: z.string().transform(ts),
    name: z.string(),
    sender: z.string(),
    origin,
    postedAs: z.string(),
  }),
);

const reactionColumns = `event_id as event, portal, ts, name, sender, origin, posted_as as "postedAs"`;

const reactionByEvent = {
  name: 'reaction_by_event',
  text: `select ${reactionColumns} from reaction where event_id = $1`,
};

const reactionsByMessage = {
  name: 'reactions_by_message',
  text: `select ${reactionColumns} from reaction where portal = $1 and ts = $2 order by at, event_id`,
};

export async function readReactions(
  reader: Reader,
  of: { readonly event: EventId } | { readonly portal: PortalId; readonly ts: Ts },
): Promise<readonly ReactionLink[]> {
  const rows =
    'event' in of
      ? await reader.query(reactionByEvent, [of.event])
      : await reader.query(reactionsByMessage, [of.portal, of.ts]);
  return reactionRows.parse(rows);
}

/** The reactions after the changes; `wanted` says which of the new ones belong to the answer. */
export function applyToReactions(
  reactions: readonly ReactionLink[],
  changes: readonly Change[],
  wanted: (reaction: ReactionLink) => boolean,
): readonly ReactionLink[] {
  const result = new Map(reactions.map((reaction) => [reaction.event, reaction]));
  for (const change of changes) {
    if (change.type === 'reaction' && wanted(change.reaction))
      result.set(change.reaction.event, change.reaction);
    if (change.type === 'reaction-removed') result.delete(change.event);
  }
  return [...result.values()];
}

const reactionChange = {
  name: 'reaction_change',
  text: 'select changed_ts as at from reaction_change where portal = $1 and ts = $2 and sender = $3 and name = $4',
};
const reactionChanges = z.array(z.object({ at: z.string() }));

export async function readReactionChange(
  reader: Reader,
  { portal, ts, sender, name }: SlackReaction,
): Promise<string | undefined> {
  return reactionChanges.parse(await reader.query(reactionChange, [portal, ts, sender, name]))[0]?.at;
}

const relatedRows = z.array(
  z.object({
    event: z.string().transform(eventId),
    portal: z.number().transform(portalId),
    ts: z.string().transform(ts),
    part,
    kind: z.enum(['edit', 'redaction', 'notice']),
  }),
);

const relatedByMessage = {
  name: 'related_by_message',
  text: 'select event_id as event, portal, ts, part, kind from related where portal = $1 and ts = $2 order by event_id',
};

export async function readRelated(
  reader: Reader,
  portal: PortalId,
  of: Ts,
): Promise<readonly RelatedEvent[]> {
  return relatedRows.parse(await reader.query(relatedByMessage, [portal, of]));
}

export function applyToRelated(
  related: readonly RelatedEvent[],
  changes: readonly Change[],
  portal: PortalId,
  of: Ts,
): readonly RelatedEvent[] {
  const result = new Map(related.map((one) => [one.event, one]));
  for (const change of changes) {
    if (change.type === 'related' && change.related.portal === portal && change.related.ts === of)
      result.set(change.related.event, change.related);
  }
  return [...result.values()];
}

const attemptRows = z.array(
  z.object({
    seq: z.number(),
    piece: z.number(),
    link: z.object({
      portal: z.number().transform(portalId),
      part,
      event: z.string().transform(eventId).exactOptional(),
      piece: z.number(),
      room: z.string().transform(roomId),
      threadTs: z.string().transform(ts).exactOptional(),
      origin,
      source: z.enum(['live', 'catch-up', 'backfill', 'import']),
      sender: z.string(),
      postedAs: z.string(),
      sentAt: z.number(),
      lastEdit: z.string().exactOptional(),
    }),
  }),
);

const attemptByKey = {
  name: 'attempt_by_key',
  text: 'select seq, piece, link from attempt where op_key = $1 and link is not null',
};

export async function readAttempt(reader: Reader, opKey: string): Promise<AttemptRecord | undefined> {
  return attemptRows.parse(await reader.query(attemptByKey, [opKey]))[0];
}
