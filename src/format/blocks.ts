/** The text of a whole Slack message: blocks, text, attachments. */
import { parseAttachments } from './attachments.ts';
import { parseBlocks } from './block-kit.ts';
import { isEmpty } from './doc.ts';
import { asText } from './json.ts';
import { mapMentions } from './mentions.ts';
import { parseMrkdwn } from './mrkdwn.ts';
import { normalise } from './normalise.ts';
import { mentionText } from './plain-text.ts';
import type { Block, Doc, Inline, Mention } from './tree.ts';
import { mention, text } from './tree.ts';

/** The fields of a Slack message that hold text, as they came: anything may be in them. */
export interface SlackMessageText {
  readonly blocks?: unknown;
  readonly text?: unknown;
  readonly attachments?: unknown;
}

/**
 * What a Slack message says. Blocks win over `text`, which is only their short form, unless they say nothing;
 * attachments follow as quotes. Total: whatever the fields hold, nothing throws, and no text in a known place is lost.
 */
export function messageDoc(message: SlackMessageText): Doc {
  const fromBlocks: Doc = { blocks: parseBlocks(message.blocks) };
  const body = isEmpty(fromBlocks) ? parseMrkdwn(asText(message.text) ?? '') : fromBlocks;
  const attached = parseAttachments(message.attachments);
  return attached.length === 0 ? body : normalise({ blocks: [...body.blocks, ...callingNobody(attached)] });
}

/** What is attached was said elsewhere, or is an app's: it rings for no channel, there as little as in Slack. */
function callingNobody(blocks: readonly Block[]): readonly Block[] {
  const shown = (target: Mention): Inline =>
    target.type === 'everyone' ? text(mentionText(target)) : mention(target);
  return mapMentions({ blocks }, shown).blocks;
}
