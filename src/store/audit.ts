import { z } from 'zod';
import type { AuditDesk } from '../admin/audit-ports.ts';
import { portalId } from '../ids.ts';
import type { Reader } from './reader.ts';

const record = {
  name: 'audit',
  text: 'insert into audit (actor, action, portal, details) values ($1, $2, $3, $4)',
};

/** Null fits all. People of Slack are actors by their workspace and id: their id alone finds them, too. */
const fitting = `($1::bigint is null or portal = $1)
    and ($2::text is null or actor = $2 or starts_with(actor, 'slack:') and split_part(actor, '/', 2) = $2)
    and ($3::text is null or action = $3)`;
const page = {
  name: 'audit_page',
  text: `select extract(epoch from at)::float8 * 1000 as at, actor, action, portal, details from audit
  where ${fitting} order by id desc limit $4 offset $5`,
};
const count = { name: 'audit_count', text: `select count(*)::int as total from audit where ${fitting}` };

const entries = z.array(
  z.object({
    at: z.number().transform(Math.round),
    actor: z.string(),
    action: z.string(),
    portal: z.coerce.number().nullable(),
    details: z.record(z.string(), z.unknown()),
  }),
);
const counts = z.tuple([z.object({ total: z.number() })]);

export function createAudit(reader: Reader): AuditDesk {
  return {
    async record({ actor, action, portal, details }) {
      await reader.query(record, [actor, action, portal, JSON.stringify(details)]);
    },
    async page({ portal = null, actor = null, action = null }, number, size) {
      const filter = [portal, actor, action];
      const rows = entries.parse(await reader.query(page, [...filter, size, (number - 1) * size]));
      const [{ total }] = counts.parse(await reader.query(count, filter));
      return {
        total,
        entries: rows.map(({ portal: of, ...entry }) =>
          of === null ? entry : Object.assign(entry, { portal: portalId(of) }),
        ),
      };
    },
  };
}
