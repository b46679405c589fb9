import { CannotBridge } from '../errors.ts';
import type { Doc } from '../format/doc.ts';
import { matrixUserId } from '../ids.ts';
import type { MatrixUserId, SlackUserId, TeamId } from '../ids.ts';
import { requireCharge } from './access.ts';
import type { Request } from './command.ts';
import { findPortal, portalTitle, teamName } from './find.ts';
import { onlyPerson } from './people-found.ts';
import { reply } from './reply.ts';

/** Invites somebody of Slack to the channel, or somebody of Matrix to the room. */
export async function invite(request: Request): Promise<Doc> {
  const { context, args, asker } = request;
  const { person = '' } = args;
  const portal = await findPortal(request, args['channel']);
  if (portal.kind !== 'channel')
    throw new CannotBridge('chat', 'A chat gets its people in Slack: begin a new one there, or with “dm”.');
  await requireCharge(request, portal);
  const [channel] = portal.channels;
  const found = await whoIs(request, person, channel.team);
  const title = portalTitle(context, portal);
  const details = { room: portal.room, ...found };
  if ('matrixUser' in found) {
    await context.matrix.invite(portal.room, found.matrixUser);
    await context.audit.record({ actor: asker.name, action: 'invite', portal: portal.id, details });
    return reply(`${found.matrixUser} is invited to the room of ${title}.`);
  }
  const isNew = await context.slack.inviteMember(channel, found.slackUser);
  await context.audit.record({ actor: asker.name, action: 'invite', portal: portal.id, details });
  return reply(isNew ? `${found.name} is in ${title} now.` : `${found.name} is in ${title} already.`);
}

type Found =
  { readonly matrixUser: MatrixUserId } | { readonly slackUser: SlackUserId; readonly name: string };

/** A ghost stands for its person. */
async function whoIs({ context }: Request, query: string, team: TeamId): Promise<Found> {
  const user = /^@[^\s:]*:\S+$/.test(query) ? matrixUserId(query) : undefined;
  const author = user && context.matrix.authorOf(user)?.author;
  if (user !== undefined && author === undefined) {
    if (context.matrix.isOurs(user)) throw new CannotBridge('bot', 'That is me.');
    return { matrixUser: user };
  }
  const found = await context.slack.findPeople(team, author ?? query);
  const slackUser = onlyPerson(query, found, teamName(context, team));
  const { name } = await context.slack.profile(team, slackUser);
  return { slackUser, name };
}
