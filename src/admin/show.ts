import { tsToMillis } from '../ids.ts';
import type { Portal } from '../portal/ports.ts';
import type { Answer, Request } from './command.ts';
import { findPortal, portalTitle, teamName } from './find.ts';
import { policyData } from './policies.ts';
import { bold, bullets, line, reply, roomLink, withData } from './reply.ts';
import type { Words } from './reply.ts';
import { day } from './time-words.ts';

/** One link with all that is known of it. */
export async function show(request: Request): Promise<Answer> {
  const { context, args } = request;
  const portal = await findPortal(request, args['channel']);
  const [{ team, channel }] = portal.channels;
  const [inSlack, room] = await Promise.all([
    context.slack.channel(team, channel),
    roomFacts(request, portal),
  ]);
  const slackLines: readonly (readonly Words[])[] = portal.channels.map((each) => [
    `Slack: #${each.name} (${each.channel}) in ${teamName(context, each.team)} (${each.team})`,
    inSlack?.archived === true ? ', archived' : '',
    inSlack?.private === true ? ', private' : '',
    inSlack?.memberCount === undefined ? '' : `, ${inSlack.memberCount} people`,
  ]);
  const because = portal.pausedBecause === undefined ? '' : ` ${portal.pausedBecause}`;
  const doc = reply(
    line(bold(portalTitle(context, portal)), `: ${portal.status}.${because}`),
    bullets([
      ...slackLines,
      [
        'Matrix: ',
        roomLink(portal.room, room.alias ?? portal.room),
        ` (${portal.room}), ${room.people} people of Matrix`,
      ],
      [`Who may join: ${room.joinRule}. Who may read what was said before: ${room.history}.`],
      [room.isEncrypted ? 'The room is encrypted.' : 'The room is not encrypted.'],
      [
        portal.through === 'bot'
          ? 'I read the channel as its member.'
          : 'I read the channel through people in it who have logged in.',
      ],
      [
        `Linked ${room.linkedBy === undefined ? '' : `by ${room.linkedBy} `}on ${day(tsToMillis(portal.since))}`,
      ],
    ]),
    line('“set” shows what goes across, “status” how it is doing, “members” who is there.'),
  );
  return withData(doc, {
    portal: portal.id,
    kind: portal.kind,
    status: portal.status,
    because: portal.pausedBecause,
    through: portal.through,
    channels: portal.channels,
    since: tsToMillis(portal.since),
    policies: policyData(portal.policy),
    room: { id: portal.room, ...room },
  });
}

async function roomFacts({ context }: Request, portal: Portal) {
  const { matrix } = context;
  const { room } = portal;
  const textIn = async (type: string, field: string): Promise<string | undefined> => {
    const value = (await matrix.state(room, type, ''))?.[field];
    return typeof value === 'string' ? value : undefined;
  };
  const [alias, joinRule = 'invite', history = 'shared', isEncrypted, members, linkedBy] = await Promise.all([
    textIn('m.room.canonical_alias', 'alias'),
    textIn('m.room.join_rules', 'join_rule'),
    textIn('m.room.history_visibility', 'history_visibility'),
    matrix.encrypts(room),
    matrix.joinedMembers(room),
    linkerOf(context, portal),
  ]);
  const people = members.filter((user) => !matrix.isOurs(user)).length;
  return { alias, joinRule, history, isEncrypted, people, linkedBy };
}

async function linkerOf(context: Request['context'], { id }: Portal): Promise<string | undefined> {
  const { entries } = await context.audit.page({ portal: id, action: 'link' }, 1, 1);
  return entries[0]?.actor;
}
