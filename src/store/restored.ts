import { z } from 'zod';
import { eventId, portalId } from '../ids.ts';
import type { EventId, PortalId } from '../ids.ts';
import type { Arrived, CarriedFile } from '../portal/media-ports.ts';
import type { MessageLink, ReactionLink, RelatedEvent } from '../portal/ports.ts';
import { subjectKey } from './link-rows.ts';
import type { Reader } from './reader.ts';

/** A file that was brought; `at`: when it was sent, in milliseconds since 1970. */
export type FoundFile = CarriedFile & Arrived & { readonly at: number };

/** What was found of what the bridge did since the backup. */
export interface FoundAgain {
  readonly links: readonly MessageLink[];
  readonly reactions: readonly ReactionLink[];
  readonly related: readonly RelatedEvent[];
  /** Events of ours that were taken back: of these a reaction isn't given any more. */
  readonly takenBack: readonly EventId[];
  readonly files: readonly FoundFile[];
}

/** After a restored backup. All throw `TryLater` while the database is out of reach. */
export interface Restored {
  /** Portals whose deeds since the backup aren't known yet, with the moment of the backup in milliseconds since 1970. */
  pending(): Promise<ReadonlyMap<PortalId, number>>;
  /** The events that the portal's waiting items from Matrix are, or are about. */
  waitingEvents(portal: PortalId): Promise<readonly EventId[]>;
  /** What is known already stays as it is, except for what was taken back. */
  learn(found: FoundAgain): Promise<void>;
  done(portal: PortalId): Promise<void>;
  /** So many are pending, as far as this process knows. */
  left(): number;
}

const pendingPortals = {
  name: 'restored_pending',
  text: `select portal, extract(epoch from restored_to)::float8 * 1000 as at from cursor where restored_to is not null`,
};
const pendingRows = z.array(z.object({ portal: z.number().transform(portalId), at: z.number() }));

const comparedPortal = {
  name: 'restored_done',
  text: 'update cursor set restored_to = null where portal = $1',
};

const waiting = {
  name: 'restored_waiting',
  text: `select distinct substr(about.key, 7) as event from inbox, unnest(inbox.about) as about(key)
    where lane = 'portal:' || $1::bigint || ':matrix' and state in ('ready', 'parked') and about.key like 'event:%'`,
};
const waitingRows = z.array(z.object({ event: z.string().transform(eventId) }));

const links = {
  name: 'restored_links',
  text: `insert into message (portal, ts, part, event_id, piece, room_id, thread_ts, origin, source, sender, posted_as, sent_at, last_edit)
    select portal, ts, part, event, piece, room, "threadTs", origin, source, sender, "postedAs", to_timestamp("sentAt" / 1000.0), "lastEdit"
    from json_to_recordset($1) as t(portal bigint, ts text, part text, event text, piece int, room text, "threadTs" text,
      origin text, source text, sender text, "postedAs" text, "sentAt" float8, "lastEdit" text)
    on conflict do nothing`,
};

const reactions = {
  name: 'restored_reactions',
  text: `insert into reaction (event_id, portal, ts, name, sender, origin, posted_as)
    select event, portal, ts, name, sender, origin, "postedAs" from json_to_recordset($1) as t(event text, portal bigint,
      ts text, name text, sender text, origin text, "postedAs" text)
    on conflict do nothing`,
};

const takenBack = {
  name: 'restored_taken_back',
  text: `delete from reaction where event_id = any($1) and origin = 'slack'`,
};

const related = {
  name: 'restored_related',
  text: `insert into related (event_id, portal, ts, part, kind)
    select event, portal, ts, part, kind from json_to_recordset($1) as t(event text, portal bigint, ts text, part text, kind text)
    on conflict do nothing`,
};

/** One that was on its way at the moment of the backup has come. */
const files = {
  name: 'restored_files',
  text: `insert into media (key, portal, source, kind, direction, sender, target, size, mimetype, state, at)
    select distinct on (key) key, portal, source, kind, direction, sender, target, size, mimetype, 'arrived', to_timestamp(at / 1000.0)
    from json_to_recordset($1) as t(key text, portal bigint, source text, kind text, direction text, sender text, target text,
      size bigint, mimetype text, at float8)
    on conflict (key) do update set state = 'arrived', target = excluded.target, size = excluded.size,
      mimetype = excluded.mimetype, reason = null, message = null where media.state <> 'arrived'`,
};

/** `forget` is told of what is known about otherwise now, as `ts:<portal>:<ts>` and `event:<id>`. */
export function createRestored(reader: Reader, forget: (key: string) => void): Restored {
  let left = new Set<PortalId>();
  return {
    left: () => left.size,
    async pending() {
      const rows = pendingRows.parse(await reader.query(pendingPortals, []));
      left = new Set(rows.map(({ portal }) => portal));
      return new Map(rows.map(({ portal, at }) => [portal, at]));
    },
    waitingEvents: async (portal) =>
      waitingRows.parse(await reader.query(waiting, [portal])).map(({ event }) => event),
    async learn(found) {
      await reader.query(links, [JSON.stringify(found.links)]);
      await reader.query(takenBack, [found.takenBack]);
      await reader.query(reactions, [JSON.stringify(found.reactions)]);
      await reader.query(related, [JSON.stringify(found.related)]);
      await reader.query(files, [JSON.stringify(found.files)]);
      for (const { portal, ts, threadTs, event } of found.links) {
        forget(subjectKey(portal, ts));
        if (threadTs !== undefined) forget(subjectKey(portal, threadTs));
        if (event !== undefined) forget(`event:${event}`);
      }
    },
    async done(portal) {
      await reader.query(comparedPortal, [portal]);
      left.delete(portal);
    },
  };
}
