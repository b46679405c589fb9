import type { Metadata } from '../model.ts';
import { characterCount, firstCharacters } from '../text/characters.ts';
import { mrkdwnBlock } from '../text/rich-text.ts';
import { normalizeMrkdwn } from '../text/render.ts';
import { withIds } from '../text/block-ids.ts';
import { checkBlocks, fallbackText } from '../text/blocks.ts';
import { clearableText, flag, json } from './arguments.ts';
import { SlackError } from './call.ts';
import type { Call } from './call.ts';

const LONGEST_TEXT = 40_000;
const MOST_ATTACHMENTS = 100;

/** What a post or an update says; `undefined`: not given. */
export interface Content {
  readonly text: string | undefined;
  readonly blocks: readonly unknown[] | undefined;
  /** We made the blocks from the text. */
  readonly blocksFromText: boolean;
  readonly attachments: readonly unknown[] | undefined;
  readonly metadata: Metadata | undefined;
}

/** Reads and checks what is posted, as Slack does: limits, blocks, metadata. Doesn't refuse an empty one. */
export function readContent(call: Call): Content {
  const blocks = readList(call, 'blocks', 'invalid_blocks_format');
  if (blocks) refuseBadBlocks(blocks);
  const attachments = readList(call, 'attachments', 'invalid_attachments');
  if (attachments && attachments.length > MOST_ATTACHMENTS) throw new SlackError('too_many_attachments');
  const given = clearableText(call, 'text');
  const cut = given === undefined ? undefined : cutText(call, given);
  const text = cut === undefined ? undefined : normalizeMrkdwn(cut);
  const fromText = blocks === undefined && text !== undefined && text !== '';
  return {
    text: text ?? (blocks && blocks.length > 0 ? fallbackText(blocks) : undefined),
    blocks: fromText ? [mrkdwnBlock(text)] : blocks && withIds(blocks),
    blocksFromText: fromText,
    attachments: attachments?.map(withAttachmentId),
    metadata: readMetadata(call),
  };
}

/** `no_text` unless something can be seen. */
export function refuseEmpty(content: Content): void {
  const hasText = content.text !== undefined && content.text.trim() !== '';
  if (hasText || (content.blocks?.length ?? 0) > 0 || (content.attachments?.length ?? 0) > 0) return;
  throw new SlackError('no_text');
}

function readList(call: Call, name: string, error: string): readonly unknown[] | undefined {
  const value = json(call, name, error);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new SlackError(error);
  return value as readonly unknown[];
}

function refuseBadBlocks(blocks: readonly unknown[]): void {
  const problem = checkBlocks(blocks);
  if (!problem) return;
  if (problem.error !== 'invalid_blocks') throw new SlackError(problem.error);
  throw new SlackError('invalid_blocks', {
    errors: problem.messages,
    response_metadata: { messages: problem.messages.map((message) => `[ERROR] ${message}`) },
  });
}

function cutText(call: Call, text: string): string {
  if (characterCount(text) <= LONGEST_TEXT) return text;
  call.warn(
    'message_truncated',
    '[WARN] Your message was truncated but still posted. The `text` field accepts up to 40,000 characters.',
  );
  return firstCharacters(text, LONGEST_TEXT);
}

/** @see https://docs.slack.dev/messaging/message-metadata/ */
function readMetadata(call: Call): Metadata | undefined {
  const value = json(call, 'metadata', 'invalid_metadata_format');
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null) throw new SlackError('invalid_metadata_format');
  const { event_type: type, event_payload: payload } = value as {
    event_type?: unknown;
    event_payload?: unknown;
  };
  if (type === undefined && payload === undefined) return { event_type: '', event_payload: {} };
  const fits = typeof type === 'string' && type !== '' && typeof payload === 'object' && payload !== null;
  if (!fits || Array.isArray(payload)) throw new SlackError('invalid_metadata_schema');
  // Under a type with any other character Slack posts the message and loses the metadata.
  if (!/^[\w-]+$/.test(type)) return undefined;
  return { event_type: type, event_payload: payload as Record<string, unknown> };
}

function withAttachmentId(attachment: unknown, index: number): unknown {
  if (typeof attachment !== 'object' || attachment === null) return attachment;
  return { id: index + 1, fallback: '[no preview available]', ...attachment };
}

/** Whether `icon_emoji`, `icon_url` or `username` ask for a name of the message's own. */
export function hasOwnIdentity(call: Call): boolean {
  if (flag(call, 'as_user')) return false;
  return ['username', 'icon_url', 'icon_emoji'].some((name) => (clearableText(call, name) ?? '') !== '');
}
