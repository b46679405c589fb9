import { requireCharge, requirePermission } from './access.ts';
import type { AuditEntry, AuditFilter } from './audit-ports.ts';
import type { Answer, Request } from './command.ts';
import { findPortal, portalHere, portalTitle } from './find.ts';
import { bold, bullets, line, pageFoot, reply, withData } from './reply.ts';
import { moment } from './time-words.ts';

const pageSize = 20;

/** Who did what, the newest first: of a link for who looks after it, else of the whole bridge for administrators. */
export async function audit(request: Request): Promise<Answer> {
  const { context, args, asker, page } = request;
  const { of } = args;
  const isPerson = of !== undefined && /^(?:@|slack:|api:|[UW][A-Z0-9]+$)/.test(of);
  const portal = of !== undefined && !isPerson ? await findPortal(request, of) : portalHere(request);
  if (isPerson || portal === undefined) requirePermission(asker, 'admin');
  else await requireCharge(request, portal);
  const filter: AuditFilter = isPerson ? { actor: of } : portal ? { portal: portal.id } : {};
  const { entries, total } = await context.audit.page(filter, page, pageSize);
  const about = isPerson ? `by ${of}` : portal ? `with ${portalTitle(context, portal)}` : 'in the bridge';
  if (total === 0)
    return withData(reply(`Nothing is written down of what was done ${about}.`), { entries, total });
  const foot = pageFoot(request, total, pageSize);
  const doc = reply(
    line(bold(`What was done ${about}`)),
    bullets(entries.map((entry) => [entryLine(request, entry, portal === undefined)])),
    ...foot,
  );
  return withData(doc, { entries, total });
}

/** `2026-11-24 05:10 @ann:example.org link #general in Acme: otherBridges false`. */
function entryLine(
  { context }: Request,
  { at, actor, action, portal, details }: AuditEntry,
  withPlace: boolean,
): string {
  const of = portal === undefined ? undefined : context.portals.byId(portal);
  const place = withPlace && of?.kind === 'channel' ? ` ${portalTitle(context, of)}` : '';
  const said = Object.entries(details).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const more = said.length > 0 ? `: ${said.join(', ').slice(0, 300)}` : '';
  return `${moment(at)} ${actor} ${action}${place}${more}`;
}
