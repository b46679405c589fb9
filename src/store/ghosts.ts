import { z } from 'zod';
import { authorId, mxcUri, teamId } from '../ids.ts';
import type { GhostRecord, GhostStore } from '../matrix/ports.ts';
import type { KnownPeople } from '../slack/ports.ts';
import type { Reader } from './reader.ts';

const rows = z.array(
  z.object({
    localpart: z.string(),
    author: z.string().nullable(),
    team: z.string().nullable(),
    device_id: z.string(),
    name: z.string().nullable(),
    picture_url: z.string().nullable(),
    picture_sha256: z.string().nullable(),
    picture_mxc: z.string().nullable(),
    fields: z.record(z.string(), z.unknown()),
    foreign_view: z.boolean(),
  }),
);

const get = {
  name: 'ghost',
  text: `select localpart, author, team, device_id, name, picture_url, picture_sha256, picture_mxc, fields, foreign_view
    from ghost where localpart = $1`,
};

/** Bots have ids of their own kind. */
const named = {
  name: 'ghosts_named',
  text: `select * from (
      select team, author as id, name, updated_at from ghost
      where author ~ '^[UW]' and team is not null and name is not null order by updated_at desc limit 50000) g
    order by updated_at`,
};

const namedRows = z.array(
  z.object({
    team: z.string().transform(teamId),
    id: z.string().transform(authorId),
    name: z.string(),
  }),
);

const save = {
  name: 'ghost_save',
  text: `insert into ghost (localpart, author, team, device_id, name, picture_url, picture_sha256, picture_mxc, fields, foreign_view)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (localpart) do update set author = excluded.author, team = excluded.team,
      device_id = excluded.device_id, name = excluded.name, picture_url = excluded.picture_url,
      picture_sha256 = excluded.picture_sha256, picture_mxc = excluded.picture_mxc, fields = excluded.fields,
      foreign_view = excluded.foreign_view, updated_at = now()`,
};

export function createGhosts(reader: Reader): GhostStore & KnownPeople {
  return {
    async get(localpart) {
      const [row] = rows.parse(await reader.query(get, [localpart]));
      return row && toGhost(row);
    },
    named: async () => namedRows.parse(await reader.query(named, [])),
    async save({ localpart, slack, deviceId, name, picture, fields = {} }) {
      const values = [localpart, slack?.author, slack?.team, deviceId, name];
      await reader.query(save, [
        ...values,
        picture?.url,
        picture?.sha256,
        picture?.mxc,
        JSON.stringify(fields),
        slack?.foreign === true,
      ]);
    },
  };
}

function toGhost(row: z.infer<typeof rows>[number]): GhostRecord {
  const { author, team, name, picture_url: url, picture_sha256: sha256, picture_mxc: mxc } = row;
  return {
    localpart: row.localpart,
    deviceId: row.device_id,
    ...(author !== null &&
      team !== null && {
        slack: {
          author: authorId(author),
          team: teamId(team),
          ...(row.foreign_view && { foreign: true as const }),
        },
      }),
    ...(name !== null && { name }),
    ...(url !== null && sha256 !== null && mxc !== null && { picture: { url, sha256, mxc: mxcUri(mxc) } }),
    ...(Object.keys(row.fields).length > 0 && { fields: row.fields }),
  };
}
