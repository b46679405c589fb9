import { CannotBridge } from '../errors.ts';
import type { Doc } from '../format/doc.ts';
import { requireCharge } from './access.ts';
import type { Request } from './command.ts';
import { findPortal, portalTitle } from './find.ts';
import { reply } from './reply.ts';

/** Compares now what channel and room show of themselves, which is else done from time to time. */
export async function sync(request: Request): Promise<Doc> {
  const { context, args, asker } = request;
  const portal = await findPortal(request, args['channel']);
  await requireCharge(request, portal);
  const title = portalTitle(context, portal);
  if (portal.status !== 'live')
    throw new CannotBridge('not-live', `${title} is ${portal.status}. ${portal.pausedBecause ?? ''}`.trim());
  await context.look(portal);
  await context.audit.record({ actor: asker.name, action: 'sync', portal: portal.id, details: {} });
  return reply(
    `I look at ${title}: name, topic, pins and who is there are the same on both sides in a moment.`,
  );
}
