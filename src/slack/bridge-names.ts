import type { Fields } from './fields.ts';
import { fieldsOf, textOf } from './fields.ts';
import { metadataType } from './message.ts';

/**
 * Words in the names of apps that bridge Slack to other networks. Only the app's own name counts, never the name that a
 * single post goes by: people are called all sorts of things.
 */
const bridgeWords =
  /(^|[^\p{L}\p{N}])(matrix|mautrix|matterbridge|heisenbridge|matrix-appservice-slack|mx-puppet(-slack)?|beeper|sameroom|mio-bridge|(slack|irc|xmpp|discord|teams|telegram)[ _-]?bridge|bridge[ _-]?bot)([^\p{L}\p{N}]|$)/iu;

/**
 * The name of the app that wrote a message, if it looks like a bridge: by its name, or because its posts carry the same
 * metadata as this bridge's own. A bridge under an unsuspicious name isn't seen, and an app that only has such a name is.
 */
export function looksLikeBridge(raw: Fields): string | undefined {
  if (textOf(raw['bot_id']) === undefined) return undefined;
  const profile = fieldsOf(raw['bot_profile']);
  const name = textOf(profile['name']);
  const known = name ?? textOf(raw['app_id']) ?? textOf(raw['bot_id']);
  if (fieldsOf(raw['metadata'])['event_type'] === metadataType) return known;
  return name !== undefined && bridgeWords.test(name) ? name : undefined;
}
