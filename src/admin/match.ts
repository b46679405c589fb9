import { CannotBridge } from '../errors.ts';
import type { Doc } from '../format/doc.ts';
import type { Request } from './command.ts';
import { reply } from './reply.ts';

/** Whether the asker wants to be matched with an account in Slack that has their address. */
export async function match({ context, args, message }: Request): Promise<Doc> {
  const { matching } = context;
  const word = args['choice']?.toLowerCase();
  if (word !== undefined && word !== 'on' && word !== 'off')
    throw new CannotBridge('bad-value', 'match can be: on, off.');
  if (word !== undefined) await matching.choose(message.sender, word === 'on');
  const isOn = matching.isWanted(message.sender);
  if (matching.mode === 'off')
    return reply('Nobody’s accounts are compared here: the administrator of the bridge doesn’t want that.');
  return reply(
    isOn
      ? 'If an account in Slack has your e-mail address, I may tell you so.'
      : 'I compare your e-mail address with nobody’s.',
  );
}
