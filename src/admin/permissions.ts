import type { Answer, Request } from './command.ts';
import { bold, bullets, code, line, reply, withData } from './reply.ts';

const meanings = {
  none: 'nothing of yours is bridged',
  relay: 'what you write is bridged',
  user: 'you may give commands, and link rooms and channels that you look after',
  admin: 'you administer the bridge',
} as const;

/** What the asker may do, and for administrators the table of who may do what. */
export function permissions(request: Request): Answer {
  const { asker, permission, context } = request;
  const { slack, matrixUser } = asker;
  const own = [
    ...(matrixUser === undefined
      ? []
      : [[`In Matrix you are ${matrixUser}: ${context.permissionOf(matrixUser)}.`]]),
    ...(slack === undefined
      ? []
      : [
          [
            `In Slack you are ${slack.shown} (${slack.user}), ${slack.role} of the workspace: you may ${slack.manages ? 'link and change the channels that you see' : 'change the channels that you made'}.`,
          ],
        ]),
    [
      'Besides, whoever has the power to change a Matrix room’s settings may link, change and unlink that room.',
    ],
  ];
  const tables = permission === 'admin' ? tableBlocks(request) : [];
  const doc = reply(
    line(bold(`Your permission is “${permission}”`), `: ${meanings[permission]}.`),
    bullets(own),
    ...tables,
  );
  return withData(doc, {
    permission,
    ...(permission === 'admin' && { table: context.permissionTable }),
  });
}

function tableBlocks({ context }: Request) {
  const { matrix, slack } = context.permissionTable;
  const lines = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).map(([who, what]) => [code(who), `: ${what}`]);
  return [
    line(bold('In Matrix'), ' (the closest entry counts)'),
    bullets(lines(matrix)),
    line(bold('In Slack')),
    bullets(lines(slack)),
    line('They are in the configuration, as ', code('permissions'), ' and ', code('slack_permissions'), '.'),
  ];
}
