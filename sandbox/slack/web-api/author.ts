import type { Draft } from '../messages.ts';
import { text } from './arguments.ts';
import type { Call } from './call.ts';
import { hasOwnIdentity } from './content.ts';

/** As the app's bot, under a name of its own where it may, or as the person whose token it is. */
export function author(
  call: Call,
): Pick<Draft, 'user' | 'botId' | 'appId' | 'username' | 'icons' | 'subtype'> {
  const { app, token, userId } = call.caller;
  const asApp = { botId: app.botId, appId: app.id };
  const ownIdentity =
    token.kind === 'bot' && call.caller.scopes.includes('chat:write.customize') && hasOwnIdentity(call);
  if (!ownIdentity) return { ...asApp, user: userId };
  const emoji = text(call, 'icon_emoji');
  const url = text(call, 'icon_url');
  const icons = emoji === undefined ? url && { image_36: url, image_48: url, image_72: url } : { emoji };
  return {
    ...asApp,
    subtype: 'bot_message',
    username: text(call, 'username') ?? app.name,
    icons: icons || undefined,
  };
}
