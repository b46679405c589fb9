import type { SlackFile, SlackMessage } from '../../events.ts';
import type { Doc, Inline } from '../../format/doc.ts';
import { isEmpty, link, paragraph, text } from '../../format/doc.ts';
import { matrixLimits, splitDoc } from '../../format/splitter.ts';
import { fileLabel } from '../file-label.ts';
import type { ContentPart, PartName } from '../ports.ts';

/** One Matrix event to be made of a Slack message. */
export interface Part {
  readonly name: Exclude<PartName, 'none'>;
  readonly text: Doc;
}

/** A part that is no copy. */
interface Content extends Part {
  readonly name: ContentPart;
}

/**
 * The text, where there is any, then the files in Slack's order. A text too long for one event continues in `text.1` and
 * so on. A reply that was also sent to the channel has all of it twice.
 *
 * @param resolved the message's text with its mentions as Matrix knows them.
 * @param inChannel whether it stands in the channel, too; absent: as the message says.
 */
export function partsOf(
  message: SlackMessage,
  resolved: Doc,
  inChannel: boolean = message.broadcast,
): readonly Part[] {
  const pieces = isEmpty(resolved) ? [] : splitDoc(resolved, matrixLimits);
  const texts = pieces.map((piece, index): Content => ({
    name: index === 0 ? 'text' : `text.${index}`,
    text: piece,
  }));
  const files = message.files.map((file): Content => ({ name: `file:${file.id}`, text: fileDoc(file) }));
  const parts = [...texts, ...files];
  if (!inChannel || message.threadTs === undefined) return parts;
  return [
    ...parts,
    ...parts.map(({ name, text: shown }): Part => ({ name: `${copies}${name}`, text: shown })),
  ];
}

const copies = 'channel:';

/** Whether a part stands in the channel besides the thread. */
export function isCopy(name: PartName): name is Extract<PartName, `${typeof copies}${string}`> {
  return name.startsWith(copies);
}

/** Whether a part shows the message's text, and so changes with it. */
export function isText({ name }: Pick<Part, 'name'>): boolean {
  const own = isCopy(name) ? name.slice(copies.length) : name;
  return own === 'text' || own.startsWith('text.');
}

function fileDoc(file: SlackFile): Doc {
  const label = fileLabel(file);
  const shown: Inline = file.permalink === undefined ? text(label) : link(file.permalink, [text(label)]);
  return { blocks: [paragraph(text('📎 '), shown)] };
}
