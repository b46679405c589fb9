import type { MatrixUserId, SlackUserId } from '../ids.ts';
import { serverOf } from '../ids.ts';
import type { Portal } from '../portal/ports.ts';
import type { Answer, Request } from './command.ts';
import { findPortal, portalTitle, teamName } from './find.ts';
import { bold, bullets, line, pageOf, personLink, reply, withData } from './reply.ts';
import type { Words } from './reply.ts';

const pageSize = 30;
/** Of a channel with more people Slack isn’t asked who they are. */
const mostPeople = 5000;

type Member =
  | { readonly in: 'matrix'; readonly user: MatrixUserId }
  | { readonly in: 'slack'; readonly user: SlackUserId };

/** Who is there, on each side: those of Matrix first for who asks in Slack, those of Slack first in Matrix. */
export async function members(request: Request): Promise<Answer> {
  const { context, args, place } = request;
  const portal = await findPortal(request, args['channel']);
  const { matrix, slack } = await bothSides(request, portal);
  const ofMatrix = matrix.map((user): Member => ({ in: 'matrix', user }));
  const ofSlack = (slack ?? []).map((user): Member => ({ in: 'slack', user }));
  const all = place.side === 'slack' ? [...ofMatrix, ...ofSlack] : [...ofSlack, ...ofMatrix];
  const { items, foot } = pageOf(request, all, pageSize);
  const shown: (readonly Words[])[] = [];
  for (const member of items) shown.push(await memberLine(request, portal, member));
  const counts = `${counted(matrix.length)} in Matrix, ${slack === undefined ? `more than ${mostPeople}` : counted(slack.length)} in Slack`;
  const doc = reply(
    line(bold(`Who reads ${portalTitle(context, portal)}`), `: ${counts}.`),
    ...(shown.length > 0 ? [bullets(shown)] : []),
    ...foot,
  );
  return withData(doc, { matrix, slack, total: all.length });
}

function counted(count: number): string {
  return count === 1 ? 'one person' : `${count} people`;
}

/** People: neither ghosts nor the bot. `slack` is absent where they are too many. */
export async function bothSides(
  { context }: Pick<Request, 'context'>,
  portal: Portal,
): Promise<{ readonly matrix: readonly MatrixUserId[]; readonly slack: readonly SlackUserId[] | undefined }> {
  const [channel] = portal.channels;
  const joined = await context.matrix.joinedMembers(portal.room);
  const inSlack = await context.slack.members(channel, mostPeople);
  const bot = context.slack.team(channel.team)?.bot;
  return {
    matrix: joined.filter((user) => !context.matrix.isOurs(user)),
    slack: inSlack?.filter((user) => user !== bot),
  };
}

async function memberLine({ context }: Request, portal: Portal, member: Member): Promise<readonly Words[]> {
  const [{ team }] = portal.channels;
  if (member.in === 'slack') {
    const { name, bot } = await context.slack.profile(team, member.user);
    return [`${name}${bot ? ' (app)' : ''}, Slack (${member.user})`];
  }
  const { user } = member;
  const { name } = await context.matrix.member(portal.room, user);
  const account = context.people.accounts(user).find((each) => each.team === team);
  const linked = account === undefined ? '' : `, linked with ${account.name} in ${teamName(context, team)}`;
  return [personLink(user, name), `, Matrix (${user} on ${serverOf(user)})${linked}`];
}
