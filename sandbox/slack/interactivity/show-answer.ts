import { addMessage, changeMessage, deleteMessage } from '../messages.ts';
import type { Channel } from '../model.ts';
import { withIds } from '../text/block-ids.ts';
import { checkBlocks, fallbackText } from '../text/blocks.ts';
import type { Fields } from '../text/check.ts';
import { mrkdwnBlock } from '../text/rich-text.ts';
import { normalizeMrkdwn } from '../text/render.ts';
import type { World } from '../world.ts';
import { changeEphemeral, findEphemeral, removeEphemeral, showEphemeral } from './ephemerals.ts';
import type { ResponseUrl } from './model.ts';

/**
 * Shows what an app answers to somebody: to them alone unless it says `in_channel`, and in the place of the message whose
 * button they pressed where it asks for that. The result is Slack's name for what is wrong with it.
 */
export function showAnswer(
  world: World,
  target: Pick<ResponseUrl, 'appId' | 'teamId' | 'userId' | 'original'>,
  channel: Channel,
  body: Fields,
): string | undefined {
  const { original } = target;
  if (body['delete_original'] === true) return removeOriginal(world, channel, original);
  const said = contentOf(body);
  if (typeof said === 'string') return said;
  if (body['replace_original'] === true && original) return replaceOriginal(world, channel, original, said);
  const app = world.installation(target.appId, target.teamId);
  if (!app) return 'invalid_url';
  const threadTs = typeof body['thread_ts'] === 'string' ? body['thread_ts'] : undefined;
  const { userId, appId } = target;
  if (body['response_type'] === 'in_channel')
    addMessage(world, channel, { user: app.botUserId, botId: app.botId, appId, threadTs, ...said });
  else showEphemeral(world, { channelId: channel.id, userId, appId, threadTs, ...said });
  return undefined;
}

interface Said {
  readonly text: string;
  readonly blocks: readonly unknown[] | undefined;
  readonly blocksFromText: boolean;
}

function contentOf(body: Fields): Said | string {
  const given: unknown = body['blocks'];
  if (given !== undefined && !Array.isArray(given)) return 'invalid_blocks_format';
  const blocks: readonly unknown[] | undefined = given;
  const problem = blocks && checkBlocks(blocks);
  if (problem) return problem.error;
  const text = typeof body['text'] === 'string' ? normalizeMrkdwn(body['text']) : '';
  if (blocks === undefined || blocks.length === 0)
    return text === '' ? 'no_text' : { text, blocks: [mrkdwnBlock(text)], blocksFromText: true };
  return { text: text === '' ? fallbackText(blocks) : text, blocks: withIds(blocks), blocksFromText: false };
}

function replaceOriginal(
  world: World,
  channel: Channel,
  { ts, ephemeral }: NonNullable<ResponseUrl['original']>,
  said: Said,
): string | undefined {
  const shown = ephemeral ? findEphemeral(world, channel.id, ts) : undefined;
  if (shown) changeEphemeral(world, shown, said);
  const message = ephemeral ? undefined : channel.messages.get(ts);
  if (message) changeMessage(world, channel, message, said, message.user);
  return shown || message ? undefined : 'message_not_found';
}

function removeOriginal(
  world: World,
  channel: Channel,
  original: ResponseUrl['original'],
): string | undefined {
  if (!original) return 'no_text';
  const shown = original.ephemeral ? findEphemeral(world, channel.id, original.ts) : undefined;
  if (shown) removeEphemeral(world, shown);
  const message = original.ephemeral ? undefined : channel.messages.get(original.ts);
  if (message) deleteMessage(world, channel, message);
  return shown || message ? undefined : 'message_not_found';
}
