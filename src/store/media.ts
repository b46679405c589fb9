import { z } from 'zod';
import type { CarriedFile, FileState, MediaStore } from '../portal/media-ports.ts';
import type { Reader } from './reader.ts';
import { storableText } from './turn.ts';

/** What failed longer ago is tried again: by people's wish, or because an item came by another way. */
const begin = {
  name: 'media_begin',
  text: `insert into media (key, portal, source, kind, direction, sender, size) values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (key) do update set
      state = case when ${failedLongAgo()} then 'begun' else media.state end,
      at = case when ${failedLongAgo()} then now() else media.at end
    returning state, target, size, mimetype, nonce, sha256, reason, message`,
};

const aim = {
  name: 'media_aim',
  text: 'update media set target = coalesce(target, $2) where key = $1 returning target',
};

const pass = { name: 'media_pass', text: 'update media set passed = true where key = $1' };

const wasPassed = { name: 'media_was_passed', text: 'select key from media where key = $1 and passed' };

const miss = { name: 'media_miss', text: 'update media set target = null where key = $1 and target = $2' };

const arrived = {
  name: 'media_arrived',
  text: `update media set state = 'arrived', target = $2, size = $3, mimetype = $4, nonce = $5, sha256 = $6, at = now()
    where key = $1 returning key`,
};

/** Not what another process brought meanwhile. */
const failed = {
  name: 'media_failed',
  text: `update media set state = 'failed', reason = $2, message = $3, at = now() where key = $1 and state <> 'arrived'`,
};

/** What was begun before it, or arrived: of several at once each sees those that it comes behind. */
const before = (scope: 'portal' | 'sender'): string => `from media m, own
      where m.${scope} = own.${scope} and m.at > now() - interval '24 hours' and m.state <> 'failed'
        and (m.at, m.key) < (own.at, own.key)`;

const own = 'with own as (select key, portal, sender, at from media where key = $1)';

const used = {
  name: 'media_used',
  text: `${own} select (select coalesce(sum(m.size), 0)::float8 ${before('portal')}) as portal,
    (select coalesce(sum(m.size), 0)::float8 ${before('sender')}) as sender`,
};

/** When so many bytes are more than 24 hours old, in milliseconds since 1970. */
const freeAt = (scope: 'portal' | 'sender') => ({
  name: `media_free_${scope}`,
  text: `${own} select extract(epoch from min(at) + interval '24 hours')::float8 * 1000 as at
    from (select m.at, sum(m.size) over (order by m.at, m.key) as bytes ${before(scope)}) older
    where bytes >= $2`,
});
const free = { portal: freeAt('portal'), sender: freeAt('sender') };

const targetsOf = {
  name: 'media_targets',
  text: 'select target from media where portal = $1 and source = $2 and target is not null',
};

const shownTwice = {
  name: 'media_shown_twice',
  text: `select count(distinct ts)::int > 1 as twice from message where portal = $1
    and part in ('file:' || $2::text, 'channel:file:' || $2::text) and part like '%file:%'
    and deleted_at is null and event_id is not null`,
};

/** For a day its bytes count still: whoever deletes what they sent may not send as much again at once. */
const gone = `update media set key = 'gone:' || gen_random_uuid(), source = '', target = null, reason = null, message = null`;

const forget = {
  name: 'media_forget',
  text: `with old as (select key, target from media where portal = $1 and source = $2 for update)
    ${gone} from old where media.key = old.key returning old.target`,
};

/** Of what was brought to Slack. */
const forgetTarget = {
  name: 'media_forget_target',
  text: `${gone} where portal = $1 and target = $2 and direction = 'to_slack'`,
};

/** It keeps its place among those that are counted. */
const bringAnew = {
  name: 'media_bring_anew',
  text: `update media set state = 'begun', target = null where portal = $1 and target = $2 and direction = 'to_slack'`,
};

const wake = {
  name: 'media_wake',
  text: `update inbox set not_before = now() where state = 'parked' and parent_key >= 'media:' and parent_key < 'media;'`,
};

const states = z.array(
  z.object({
    state: z.enum(['begun', 'arrived', 'failed']),
    target: z.string().nullable(),
    size: z.number().nullable(),
    mimetype: z.string().nullable(),
    nonce: z.string().nullable(),
    sha256: z.string().nullable(),
    reason: z.string().nullable(),
    message: z.string().nullable(),
  }),
);

const usedRows = z.array(z.object({ portal: z.number(), sender: z.number() }));
const freeRows = z.array(z.object({ at: z.number().nullable() }));

const twiceRows = z.array(z.object({ twice: z.boolean() }));
const targets = z.array(z.object({ target: z.string().nullable() }));

export function createMedia(reader: Reader): MediaStore {
  return {
    async begin(file) {
      const [row] = states.parse(await reader.query(begin, valuesOf(file)));
      return row ? stateOf(row) : { state: 'begun' };
    },
    async aim(key, target) {
      const [row] = targets.parse(await reader.query(aim, [key, target]));
      return row?.target ?? target;
    },
    pass: async (key) => void (await reader.query(pass, [key])),
    wasPassed: async (key) => (await reader.query(wasPassed, [key])).length > 0,
    miss: async (key, target) => void (await reader.query(miss, [key, target])),
    arrived: async (key, { target, size, mimetype, sealed }) =>
      (await reader.query(arrived, [key, target, size, mimetype, sealed?.nonce, sealed?.sha256])).length > 0,
    failed: async (key, reason, message) =>
      void (await reader.query(failed, [key, storableText(reason, 100), storableText(message, 2000)])),
    async used(key) {
      const [row] = usedRows.parse(await reader.query(used, [key]));
      return row ?? { portal: 0, sender: 0 };
    },
    async freeAt(key, scope, bytes) {
      const [row] = freeRows.parse(await reader.query(free[scope], [key, bytes]));
      return row?.at ?? undefined;
    },
    async isShownTwice(portal, source) {
      const [row] = twiceRows.parse(await reader.query(shownTwice, [portal, source]));
      return row?.twice ?? false;
    },
    async targets(portal, source) {
      const rows = targets.parse(await reader.query(targetsOf, [portal, source]));
      return rows.flatMap(({ target }) => target ?? []);
    },
    async forget(portal, source) {
      const rows = targets.parse(await reader.query(forget, [portal, source]));
      return rows.flatMap(({ target }) => target ?? []);
    },
    forgetTarget: async (portal, target) => void (await reader.query(forgetTarget, [portal, target])),
    bringAnew: async (portal, target) => void (await reader.query(bringAnew, [portal, target])),
    wake: async () => void (await reader.query(wake, [])),
  };
}

function failedLongAgo(): string {
  return `media.state = 'failed' and media.at < now() - interval '10 minutes'`;
}

function valuesOf({ key, portal, source, kind, direction, sender, size }: CarriedFile): readonly unknown[] {
  return [key, portal, source, kind, direction, sender, size];
}

function stateOf({
  state,
  target,
  size,
  mimetype,
  nonce,
  sha256,
  reason,
  message,
}: z.infer<typeof states>[number]): FileState {
  switch (state) {
    case 'begun':
      return { state, ...(target !== null && { target }) };
    case 'arrived':
      return {
        state,
        target: target ?? '',
        size: size ?? 0,
        mimetype: mimetype ?? 'application/octet-stream',
        ...(nonce !== null && sha256 !== null && { sealed: { nonce, sha256 } }),
      };
    case 'failed':
      return { state, reason: reason ?? 'file-unreachable', message: message ?? 'it could not be fetched' };
  }
}
