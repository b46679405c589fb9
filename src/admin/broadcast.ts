import type { Doc } from '../format/doc.ts';
import type { Request } from './command.ts';
import { messageOf } from './command.ts';
import { portalTitle, findPortal } from './find.ts';
import { reply } from './reply.ts';

/** Shows a message of the asker's that stands in a thread in the Slack channel, too. */
export async function broadcast(request: Request): Promise<Doc> {
  const { context } = request;
  const message = messageOf(request);
  const portal = await findPortal(request, undefined);
  await context.broadcast(portal, message.sender, message.relation);
  return reply(`Your message is shown in ${portalTitle(context, portal)} now, too.`);
}
