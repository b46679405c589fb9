import type { Doc } from '../../format/doc.ts';
import { collectLinks } from '../../format/doc.ts';
import { readEventAddress } from '../../format/matrix-address.ts';
import { asRoom } from '../../format/safe-id.ts';
import type { PortalContext, Work } from '../context.ts';
import { mayShow } from '../may-show.ts';
import type { Portal } from '../ports.ts';
import { readdress } from '../readdress.ts';

/**
 * Addresses of events become addresses of their messages in Slack, where the event is bridged in this workspace and the
 * channel's people may see where; all others stay as they are.
 */
export function linksToSlack({ context, portal }: Work, doc: Doc): Doc | Promise<Doc> {
  const links = collectLinks(doc);
  if (links.length === 0) return doc;
  const { team } = portal.channels[0];
  return readdress(doc, links, async (url) => {
    const address = readEventAddress(url);
    if (!address) return undefined;
    const other = await portalAt(context, address.place);
    const channel = other?.channels.find((each) => each.team === team);
    if (!other || !channel || !(await mayShow(context, portal, other))) return undefined;
    const found = (await context.links.byEvent(address.event)).find((link) => link.portal === other.id);
    return found && context.slack.permalink(channel, found.ts, found.threadTs);
  });
}

async function portalAt({ portals, matrix }: PortalContext, place: string): Promise<Portal | undefined> {
  const room = place.startsWith('#') ? await matrix.resolveAlias(place) : asRoom(place);
  return room && portals.byRoom(room);
}
