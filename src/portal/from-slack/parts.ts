import type { SlackFile, SlackMessage } from '../../events.ts';
import type { Doc, Inline } from '../../format/doc.ts';
import { isEmpty, link, paragraph, text } from '../../format/doc.ts';
import { fileLabel } from '../file-label.ts';
import type { PartName } from '../ports.ts';

/** One Matrix event to be made of a Slack message. */
export interface Part {
  readonly name: PartName;
  readonly text: Doc;
}

/** The text, where there is any, then the files in Slack's order. `text` is the message's with its mentions resolved. */
export function partsOf(message: SlackMessage, resolved: Doc): readonly Part[] {
  const files = message.files.map((file): Part => ({ name: `file:${file.id}`, text: fileDoc(file) }));
  return isEmpty(resolved) ? files : [{ name: 'text', text: resolved }, ...files];
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
