import { z } from 'zod';
import { portalId, ts } from '../ids.ts';
import type { ReactionNote, ReactionNoteStore } from '../portal/reaction-note-ports.ts';
import type { Reader } from './reader.ts';

/** In milliseconds since 1970. */
const begunAt = 'extract(epoch from begun_at)::float8 * 1000';

const take = {
  name: 'take_reaction_notes',
  text: `update reaction_note set taken_until = now() + interval '30 s'
    where (portal, ts) in (
      select n.portal, n.ts from reaction_note n join portal p on p.id = n.portal and p.status = 'live'
      where n.outdated_at < now() - $1::float8 * interval '1 ms' and (n.taken_until is null or n.taken_until < now())
      order by n.outdated_at limit 20 for update of n skip locked)
    returning portal, ts, note_ts as "noteTs", ${begunAt} as "begunAt",
      outdated_at::text as outdated`,
};

const rows = z.array(
  z.object({
    portal: z.number().transform(portalId),
    ts: z.string().transform(ts),
    noteTs: z.string().transform(ts).nullable(),
    begunAt: z.number().nullable(),
    outdated: z.string(),
  }),
);

const one = 'where (portal, ts) = ($1, $2)';

const begin = {
  name: 'begin_reaction_note',
  text: `update reaction_note set begun_at = now() ${one}
      and note_ts is null and ${begunAt} is not distinct from $3::float8
    returning 1`,
};
const posted = { name: 'reaction_note_posted', text: `update reaction_note set note_ts = $3 ${one}` };
const lost = {
  name: 'reaction_note_lost',
  text: `update reaction_note set note_ts = null, begun_at = null, taken_until = null ${one}`,
};
const shown = {
  name: 'reaction_note_shown',
  text: `update reaction_note set taken_until = null,
      outdated_at = case when outdated_at <> $3::timestamptz then outdated_at end ${one}`,
};
const forget = {
  name: 'forget_reaction_note',
  text: `delete from reaction_note ${one} and outdated_at = $3::timestamptz`,
};

export function createReactionNotes(reader: Reader): ReactionNoteStore {
  return {
    async outdated(milliseconds) {
      return rows.parse(await reader.query(take, [milliseconds])).map(noteOf);
    },
    begin: async ({ portal, ts: at, begunAt: known }) =>
      (await reader.query(begin, [portal, at, known ?? null])).length > 0,
    posted: async ({ portal, ts: at }, noteTs) => void (await reader.query(posted, [portal, at, noteTs])),
    lost: async ({ portal, ts: at }) => void (await reader.query(lost, [portal, at])),
    shown: async ({ portal, ts: at, outdated }) => void (await reader.query(shown, [portal, at, outdated])),
    forget: async ({ portal, ts: at, outdated }) => void (await reader.query(forget, [portal, at, outdated])),
  };
}

function noteOf({ noteTs, begunAt, ...note }: z.infer<typeof rows>[number]): ReactionNote {
  return { ...note, ...(noteTs !== null && { noteTs }), ...(begunAt !== null && { begunAt }) };
}
