import type { SlackPlace } from '../../events.ts';
import type { Doc } from '../../format/doc.ts';
import { collectLinks } from '../../format/doc.ts';
import { matrixToEvent } from '../../format/matrix-address.ts';
import { readSlackAddress } from '../../format/slack-address.ts';
import { serverOf } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import { mayShow } from '../may-show.ts';
import type { Portal } from '../ports.ts';
import { readdress } from '../readdress.ts';
import { mainEvent } from './thread.ts';

/**
 * Addresses of messages of the workspace become addresses of their events, where the message is bridged and the portal's
 * people may see where; all others stay as they are.
 */
export function linksToMatrix(
  context: PortalContext,
  portal: Portal,
  { team }: SlackPlace,
  doc: Doc,
): Doc | Promise<Doc> {
  const links = collectLinks(doc);
  if (links.length === 0) return doc;
  const workspace = context.slack.team(team)?.url;
  if (workspace === undefined) return doc;
  const { host } = new URL(workspace);
  return readdress(doc, links, async (url) => {
    const address = readSlackAddress(url);
    if (!address || address.host !== host) return undefined;
    const other = context.portals.byChannel(team, address.channel);
    if (!other || !(await mayShow(context, portal, other))) return undefined;
    const event = mainEvent(await context.links.byTs(other.id, address.ts));
    return event && matrixToEvent(other.room, event, [serverOf(context.matrix.bot)]);
  });
}
