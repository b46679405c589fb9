import type { Answer, Request } from './command.ts';
import { teamName } from './find.ts';
import { bold, bullets, line, pageOf, personLink, reply, withData } from './reply.ts';
import type { Words } from './reply.ts';
import { duration } from './time-words.ts';

const pageSize = 30;

/** Who has linked their accounts, for administrators. */
export function users(request: Request): Answer {
  const { context, args } = request;
  const wanted = (args['person'] ?? '').toLowerCase();
  const all = context.people
    .all()
    .filter(({ matrixUser, slackUser, name }) =>
      [matrixUser, slackUser, name].some((each) => each.toLowerCase().includes(wanted)),
    )
    .toSorted((a, b) => a.matrixUser.localeCompare(b.matrixUser));
  const { items, total, foot } = pageOf(request, all, pageSize);
  const people = items.map(({ matrixUser, team, slackUser, name, trouble, double, since }) => ({
    matrixUser,
    team,
    slackUser,
    name,
    trouble,
    double,
    since,
  }));
  if (total === 0) return withData(reply('Nobody’s accounts are linked.'), { total, people });
  const lines = items.map((puppet): readonly Words[] => [
    personLink(puppet.matrixUser, puppet.matrixUser),
    ` is ${puppet.name} (${puppet.slackUser}) in ${teamName(context, puppet.team)}`,
    puppet.since === undefined ? '' : `, for ${duration(context.now() - puppet.since)}`,
    puppet.trouble === undefined ? '' : `; can’t be used: ${puppet.trouble}`,
  ]);
  return withData(reply(line(bold(`Linked people: ${total}`)), bullets(lines), ...foot), { total, people });
}
