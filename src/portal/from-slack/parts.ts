import type { SlackFile, SlackMessage } from '../../events.ts';
import type { Doc } from '../../format/doc.ts';
import { isEmpty } from '../../format/doc.ts';
import { matrixLimits, splitDoc } from '../../format/splitter.ts';
import { fileId } from '../../ids.ts';
import type { FileId } from '../../ids.ts';
import type { ContentPart, PartName, Portal } from '../ports.ts';
import { fileWords, isBrought } from './file-words.ts';

/** One Matrix event to be made of a Slack message. */
export interface Part {
  readonly name: Exclude<PartName, 'none'>;
  /** Of a file: the words in its place. */
  readonly text: Doc;
  /** What is to be brought. */
  readonly file?: SlackFile;
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
  const parts = [...texts, ...message.files.map(partOfFile)];
  if (!inChannel || message.threadTs === undefined) return parts;
  return [...parts, ...parts.map(copyOf)];
}

function partOfFile(file: SlackFile): Content {
  return { name: `file:${file.id}`, text: fileWords(file), ...(isBrought(file) && { file }) };
}

const copies = 'channel:';

function copyOf({ name, text, file }: Content): Part {
  return { name: `${copies}${name}`, text, ...(file && { file }) };
}

/** Whether a part stands in the channel besides the thread. */
export function isCopy(name: PartName): name is Extract<PartName, `${typeof copies}${string}`> {
  return name.startsWith(copies);
}

/** Whether a part shows the message's text, and so changes with it. */
export function isText({ name }: { readonly name: PartName }): boolean {
  const own = ownName(name);
  return own === 'text' || own.startsWith('text.');
}

/** The file that a part shows. */
export function fileOfPart(name: PartName): FileId | undefined {
  const own = ownName(name);
  return own.startsWith('file:') ? fileId(own.slice('file:'.length)) : undefined;
}

function ownName(name: PartName): string {
  return isCopy(name) ? name.slice(copies.length) : name;
}

/** A text that stands beside a file. */
export interface Caption {
  readonly text: Part;
  readonly file: SlackFile;
}

/** In `MessageLink.piece`: the text in an event whose first piece is the file. */
export const captionPiece = 1;

/**
 * The text that is the caption of the message's file, by the name of the part that shows the file: where the message is one
 * text and one file, nobody wants to read it apart from the picture. None where people chose so: not all clients show captions.
 */
export function captionsOf(
  { policy }: Pick<Portal, 'policy'>,
  message: SlackMessage,
  parts: readonly Part[],
): ReadonlyMap<PartName, Caption> {
  const found = new Map<PartName, Caption>();
  if (!policy.captions || message.emote || message.files.length !== 1) return found;
  for (const copied of [false, true]) {
    const [text, shown, ...more] = parts.filter(({ name }) => isCopy(name) === copied);
    if (text && isText(text) && shown?.file && more.length === 0)
      found.set(shown.name, { text, file: shown.file });
  }
  return found;
}
