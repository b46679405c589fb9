import { CannotBridge } from '../errors.ts';
import type { Doc } from '../format/doc.ts';
import { matrixUserOf } from './asker.ts';
import type { Request } from './command.ts';
import { findTeam, teamName } from './find.ts';
import { reply } from './reply.ts';

/** Whether what the asker writes in Slack appears under their own Matrix account. */
export async function double(request: Request): Promise<Doc> {
  const { context, args } = request;
  const user = matrixUserOf(request.asker);
  const wanted = args['value']?.toLowerCase();
  if (wanted !== 'on' && wanted !== 'off') throw new CannotBridge('bad-value', 'double can be: on, off.');
  const accounts = context.people.accounts(user);
  const team = args['team'] === undefined ? undefined : findTeam(request, args['team']);
  const meant = accounts.filter((puppet) => team === undefined || puppet.team === team);
  if (meant.length === 0)
    throw new CannotBridge('not-linked', 'No Slack account of yours is linked there. “login” links one.');
  if (wanted === 'on' && !context.people.canDouble(user))
    throw new CannotBridge(
      'no-double',
      'I can’t act as your account: it is on another homeserver, or the administrator hasn’t set that up.',
    );
  for (const puppet of meant) await context.people.setDouble(puppet, wanted === 'on');
  const where = meant.map((puppet) => teamName(context, puppet.team)).join(', ');
  return reply(
    wanted === 'on'
      ? `What you write in Slack (${where}) appears in Matrix as written by your own account from now on.`
      : `What you write in Slack (${where}) appears in Matrix under an account that I keep for you from now on.`,
  );
}
