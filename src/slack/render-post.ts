import { CannotBridge } from '../errors.ts';
import type { Block, Doc, Inline } from '../format/doc.ts';
import { renderMrkdwn } from '../format/mrkdwn.ts';
import { renderRichText } from '../format/rich-text.ts';
import type { OutgoingPost } from '../portal/ports.ts';

export interface RenderedPost {
  /** Empty when there is nothing to show in blocks. */
  readonly blocks: readonly unknown[];
  /** What stands beside the blocks, for notifications and screen readers: short, and calls nobody. */
  readonly text: string;
  /** The whole message, for a post without blocks. */
  readonly plainText: string;
}

const blockRefusals: ReadonlySet<string> = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'too_many_blocks',
]);

/** Slack doesn't take the blocks; the text alone may do. */
export function isBlockRefusal(error: unknown): boolean {
  return error instanceof CannotBridge && blockRefusals.has(error.reason);
}

/** Slack refuses a change whose text is longer than 4,000 characters, even beside blocks. */
const fallbackLength = 3000;

/** A post as Slack shows it. Calls to a whole channel that are in the tree are live: the portal has allowed them. */
export function renderPost(post: Pick<OutgoingPost, 'text' | 'emote'>): RenderedPost {
  const doc = post.emote ? italic(post.text) : post.text;
  return {
    blocks: renderRichText(doc, { broadcast: true }),
    text: cutMrkdwn(renderMrkdwn(doc), fallbackLength),
    plainText: renderMrkdwn(doc, { broadcast: true }),
  };
}

/** The text's first `length` characters or fewer, so that no address, escape or character is torn. */
export function cutMrkdwn(text: string, length: number): string {
  if (text.length <= length) return text;
  let cut = text.slice(0, length - 1);
  const open = cut.lastIndexOf('<');
  if (open > cut.lastIndexOf('>')) cut = cut.slice(0, open);
  const escape = cut.lastIndexOf('&');
  if (escape > cut.lastIndexOf(';')) cut = cut.slice(0, escape);
  if (/[\uD800-\uDBFF]$/.test(cut)) cut = cut.slice(0, -1);
  return `${cut}…`;
}

/** How an emote looks in Slack, as Slack's own `/me`. */
function italic(doc: Doc): Doc {
  return { blocks: doc.blocks.map(italicBlock) };
}

function italicBlock(block: Block): Block {
  switch (block.type) {
    case 'paragraph':
    case 'heading':
      return { ...block, children: block.children.map(italicInline) };
    case 'list':
      return {
        ...block,
        items: block.items.map((item) => ({ blocks: item.blocks.map(italicBlock) })),
      };
    case 'quote':
      return { ...block, blocks: block.blocks.map(italicBlock) };
    default:
      return block;
  }
}

function italicInline(node: Inline): Inline {
  if (node.type === 'text') return { ...node, marks: { ...node.marks, italic: true } };
  return node.type === 'link' ? { ...node, children: node.children.map(italicInline) } : node;
}
