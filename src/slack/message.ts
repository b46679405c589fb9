import type { SlackAuthor, SlackMessage, SlackPlace } from '../events.ts';
import { messageDoc } from '../format/blocks.ts';
import { cleanName } from '../format/names.ts';
import { appId, authorId, botId, fileId, slackUserId, teamId, ts } from '../ids.ts';
import { editHashOf, editTsOf, isGone } from './facts.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, maybe, objectsOf, textOf } from './fields.ts';
import { slackFile } from './files.ts';
import { huddleDoc, huddleOf } from './huddle.ts';
import { largestPicture } from './profile.ts';
import { treatmentOf } from './subtypes.ts';

/** The `event_type` of the metadata in our own posts. */
export const metadataType = 'matrix_slack_bridge';

/**
 * A message as events and history show it. `undefined` where nobody wrote it (some of Slack's own notices).
 * Throws `InvalidId` when its ts, thread or author can't be ids.
 * @see https://docs.slack.dev/messaging
 */
export function slackMessage(place: SlackPlace, raw: Fields): SlackMessage | undefined {
  const author = authorOf(raw);
  if (author === undefined) return undefined;
  const at = ts(raw['ts']);
  const threadTs = raw['thread_ts'] === undefined ? undefined : ts(raw['thread_ts']);
  const app = maybe(appId, raw['app_id'] ?? fieldsOf(raw['bot_profile'])['app_id']);
  const opKey = opKeyOf(raw);
  const editTs = maybe(ts, editTsOf(raw));
  const subtype = raw['subtype'];
  return {
    team: place.team,
    channel: place.channel,
    ts: at,
    ...(threadTs !== undefined && threadTs !== at && { threadTs }),
    author,
    ...textsOf(place, raw),
    emote: isEmote(raw),
    broadcast: subtype === 'thread_broadcast',
    ...filesOf(raw),
    ...(app !== undefined && { app }),
    ...(opKey !== undefined && { opKey }),
    ...(editTs !== undefined && { editTs, editHash: editHashOf(raw) }),
  };
}

function filesOf(raw: Fields): Pick<SlackMessage, 'files' | 'gone'> {
  const all = objectsOf(raw['files']);
  const gone = all.filter(isGone).flatMap((file) => maybe(fileId, file['id']) ?? []);
  return { files: all.flatMap((file) => slackFile(file) ?? []), ...(gone.length > 0 && { gone }) };
}

function textsOf(place: SlackPlace, raw: Fields): Pick<SlackMessage, 'text' | 'ownText'> {
  const huddle = huddleOf(raw);
  if (huddle) return { text: huddleDoc(place, raw, huddle) };
  const { blocks, attachments, text } = raw;
  const words = isEmote(raw) && typeof text === 'string' ? text.trimStart() : text;
  const own = { blocks, ...(typeof words === 'string' && { text: words }) };
  if (objectsOf(attachments).length === 0) return { text: messageDoc(own) };
  return { text: messageDoc({ ...own, attachments }), ownText: messageDoc(own) };
}

/** What somebody did is said of them, unless Slack's words name them already. */
function isEmote({ subtype, text }: Fields): boolean {
  if (subtype === 'me_message') return true;
  return (
    treatmentOf(textOf(subtype)) === 'deed' && typeof text === 'string' && !text.trimStart().startsWith('<@')
  );
}

/** Our key in the metadata of a post, if it is one of ours. */
export function opKeyOf(raw: Fields): string | undefined {
  const metadata = fieldsOf(raw['metadata']);
  if (metadata['event_type'] !== metadataType) return undefined;
  return textOf(fieldsOf(metadata['event_payload'])['k']);
}

/**
 * A post under a name of its own (`username`) or without a user is the bot's, with that name and picture; any other is
 * the user's, an app's bot user included.
 */
function authorOf(raw: Fields): SlackAuthor | undefined {
  const bot = raw['bot_id'];
  const named = cleanName(textOf(raw['username']) ?? '') || undefined;
  if (bot !== undefined && bot !== null && (named !== undefined || textOf(raw['user']) === undefined))
    return botAuthor(raw, named);
  if (textOf(raw['user']) === undefined) return undefined;
  const user = authorId(raw['user']);
  if (user.startsWith('B')) return { type: 'bot', id: botId(user) };
  const team = maybe(teamId, raw['user_team'] ?? raw['team']);
  return { type: 'user', id: slackUserId(user), ...(team !== undefined && { team }) };
}

function botAuthor(raw: Fields, named: string | undefined): SlackAuthor {
  const profile = fieldsOf(raw['bot_profile']);
  const name = named ?? (cleanName(textOf(profile['name']) ?? '') || undefined);
  const icons = fieldsOf(raw['icons']);
  const icon = textOf(icons['emoji'])?.replace(/^:|:$/g, '');
  const own = largestPicture(icons);
  const picture = own ?? (icon === undefined ? largestPicture(fieldsOf(profile['icons'])) : undefined);
  return {
    type: 'bot',
    id: botId(raw['bot_id']),
    ...(name !== undefined && { name }),
    ...(picture !== undefined && { picture }),
    ...(picture === undefined && icon !== undefined && { icon }),
  };
}
