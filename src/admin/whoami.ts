import type { Doc, Inline } from '../format/doc.ts';
import type { Puppet } from '../portal/ports.ts';
import { isPrivate, matrixUserOf, say } from './asker.ts';
import type { Request } from './command.ts';
import { teamName } from './find.ts';
import { bold, bullets, code, line, reply } from './reply.ts';
import { duration } from './time-words.ts';

/** The asker's own accounts in Slack, and how they fare. */
export function whoami(request: Request): Doc {
  const { context, place } = request;
  if (!isPrivate(place))
    return reply(
      line('Say ', code('whoami'), ' in a chat with me alone: here others would read the answer.'),
    );
  const user = matrixUserOf(request.asker);
  const accounts = context.people.accounts(user);
  if (accounts.length === 0)
    return reply(
      `You are ${user}, and no Slack account of yours is linked. What you write appears in Slack through my own account, under your name.`,
      ...howTo(request),
    );
  return reply(
    `You are ${user}. Linked with you:`,
    ...accounts.flatMap((puppet) => [
      line(bold(`${puppet.name} in ${teamName(context, puppet.team)}`), ` (${puppet.slackUser})`),
      bullets(accountLines(request, puppet)),
    ]),
  );
}

function howTo({ context, place }: Request) {
  const open = context.slack.teams().filter(({ id }) => context.people.obstacle(id) === undefined);
  if (open.length > 0) return [line(code(say(place, 'login')), ' links one.')];
  const [first] = context.slack.teams();
  const obstacle = first && context.people.obstacle(first.id);
  return obstacle === undefined ? [] : [line(obstacle)];
}

function accountLines(request: Request, puppet: Puppet): readonly (readonly (string | Inline)[])[] {
  const { context } = request;
  const lacks = context.people.lacks(puppet);
  return [
    puppet.trouble === undefined
      ? ['What you write in linked rooms appears in Slack as written by you.']
      : [`It can’t be used now: ${puppet.trouble}`],
    ...(lacks.length > 0
      ? [
          [
            `You didn’t allow, or the app doesn’t ask: ${lacks.join(', ')}. `,
            code(say(request.place, 'login')),
            ' asks again.',
          ],
        ]
      : []),
    [doubleWords(request, puppet)],
    ...(puppet.since === undefined ? [] : [[`Linked for ${duration(context.now() - puppet.since)}`]]),
  ];
}

function doubleWords({ context, asker }: Request, { double }: Puppet): string {
  if (!context.people.canDouble(matrixUserOf(asker)))
    return 'What you write in Slack appears here under an account that I keep for you: I can’t act as yours (it is on another homeserver, or the administrator hasn’t set that up).';
  return double
    ? 'What you write in Slack appears here as written by your own account.'
    : 'What you write in Slack appears here under an account that I keep for you: you chose so.';
}
