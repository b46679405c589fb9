import type { SlackFile, SlackMessage } from '../../events.ts';
import type { Doc, Inline } from '../../format/doc.ts';
import { isEmpty, link, paragraph, text } from '../../format/doc.ts';
import { matrixLimits, splitDoc } from '../../format/splitter.ts';
import { fileLabel } from '../file-label.ts';
import type { PartName } from '../ports.ts';

/** One Matrix event to be made of a Slack message. */
export interface Part {
  readonly name: PartName;
  readonly text: Doc;
}

/**
 * The text, where there is any, then the files in Slack's order. A text too long for one event continues in `text.1` and
 * so on. `resolved` is the message's text with its mentions as Matrix knows them.
 */
export function partsOf(message: SlackMessage, resolved: Doc): readonly Part[] {
  const pieces = isEmpty(resolved) ? [] : splitDoc(resolved, matrixLimits);
  const texts = pieces.map((piece, index): Part => ({
    name: index === 0 ? 'text' : `text.${index}`,
    text: piece,
  }));
  const files = message.files.map((file): Part => ({ name: `file:${file.id}`, text: fileDoc(file) }));
  return [...texts, ...files];
}

/** Whether a part shows the message's text, and so changes with it. */
export function isText(part: Pick<Part, 'name'>): boolean {
  return part.name === 'text' || part.name.startsWith('text.');
}

function fileDoc(file: SlackFile): Doc {
  const label = fileLabel(file);
  const shown: Inline = file.permalink === undefined ? text(label) : link(file.permalink, [text(label)]);
  return { blocks: [paragraph(text('📎 '), shown)] };
}
