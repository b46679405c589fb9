import type { Doc } from '../format/doc.ts';
import type { Asker } from './asker.ts';
import { matrixUserOf } from './asker.ts';
import type { Request } from './command.ts';
import type { Matching } from './ports.ts';
import { reply } from './reply.ts';

/** Whether the asker wants to be matched with an account in Slack that has their address. */
export async function match({ context, args, asker }: Request): Promise<Doc> {
  const { matching } = context;
  const person = personOf(asker);
  const { choice: word } = args;
  if (word !== undefined) await matching.choose(person, word === 'on');
  const isOn = matching.isWanted(person);
  if (matching.mode === 'off')
    return reply('Nobody’s accounts are compared here: the administrator of the bridge doesn’t want that.');
  return reply(
    isOn
      ? 'If an account in Slack has your e-mail address, I may tell you so.'
      : 'I compare your e-mail address with nobody’s.',
  );
}

/** The account with which somebody asks: each side has a choice of its own. */
function personOf(asker: Asker): Parameters<Matching['isWanted']>[0] {
  const { slack } = asker;
  return slack ? { team: slack.team, slackUser: slack.user } : matrixUserOf(asker);
}
