/**
 * The neutral text tree (`Doc`) that stands between the networks' formats, and what can be asked of it.
 *
 * Two parsers and two renderers per network meet here instead of translators: mrkdwn, rich_text and Block Kit on Slack's
 * side, HTML and plain text on Matrix's. All of it is pure and total.
 */
import { normalise } from './normalise.ts';
import type { Block, Doc, Inline } from './tree.ts';
import { paragraph, text } from './tree.ts';

export type * from './tree.ts';
export { lineBreak, link, mention, paragraph, text } from './tree.ts';
export { normalise } from './normalise.ts';
export {
  collectEmoji,
  collectLinks,
  collectMentions,
  linkPictures,
  mapEmoji,
  mapLinks,
  mapMentions,
  withRoomCalls,
} from './mentions.ts';
export { mentionText, plainText } from './plain-text.ts';

/** Text as it stands, without any markup in it being read; a blank line ends a paragraph. */
export function textDoc(value: string): Doc {
  return normalise({ blocks: [paragraph(text(value))] });
}

/** Whether there is nothing to show: no text but spaces, no emoji, mention, picture, code. */
export function isEmpty(doc: Doc): boolean {
  if (doc.blocks.some(surelySays)) return false; // as mostly: the rest is dearer
  return normalise(doc).blocks.every((block) => block.type === 'paragraph' && block.children.every(isBlank));
}

/** Something that is left in the one form of the tree, whatever stands around it. */
function surelySays(block: Block): boolean {
  return (
    block.type === 'paragraph' &&
    block.children.some((node) =>
      node.type === 'text'
        ? node.text.trim() !== '' && !node.text.includes('\0')
        : node.type === 'mention' || node.type === 'emoji' || node.type === 'image',
    )
  );
}

function isBlank(node: Inline): boolean {
  return node.type === 'break' || (node.type === 'text' && node.text.trim() === '');
}

/** One tree after the other. */
export function joinDocs(...docs: readonly Doc[]): Doc {
  return normalise({ blocks: docs.flatMap((doc) => doc.blocks) });
}
