import { TryLater } from '../../errors.ts';
import type { Work } from '../context.ts';
import type { Portal } from '../ports.ts';
import { chatLane } from './make-chat.ts';

/** A chat that is being made is open when nothing waits any more that came before its portal. Resolves with it as it is then. */
export async function openWhenReady({ context, portal }: Work): Promise<Portal> {
  const { id, kind, channels, status } = portal;
  if (kind === 'channel' || status !== 'filling') return portal;
  if (await context.chats.isWaiting(chatLane(channels[0])))
    throw new TryLater('what was said before comes first', { after: 200, target: `portal:${id}` });
  return context.portals.setStatus(id, 'live');
}
