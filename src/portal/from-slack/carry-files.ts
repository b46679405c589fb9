import { CannotBridge, WaitForFile } from '../../errors.ts';
import type { SlackFile, SlackMessage } from '../../events.ts';
import type { Doc } from '../../format/doc.ts';
import type { FileId } from '../../ids.ts';
import { readersOf } from '../chats/readers.ts';
import type { Work } from '../context.ts';
import { arrival } from '../files/keep-place.ts';
import type { FileInMatrix, MessageLink, OutgoingMedia, PartName, Transfer } from '../ports.ts';
import { soon } from '../soon.ts';
import { mediaOf } from './file-media.ts';
import { fileWords, mostInline } from './file-words.ts';
import type { Caption, Part } from './parts.ts';
import { fileOfPart } from './parts.ts';

/** The files of one message on their way to the homeserver. */
export interface Carried {
  /**
   * The file as the room shows it. Waits no longer than the message keeps its place among the others.
   * @throws CannotBridge when it can't be brought, and why, for people; WaitForFile, TryLater
   */
  arrived(file: SlackFile): Promise<OutgoingMedia>;
  /** Whether it comes while the message keeps its place. What was said once is said again, also after a crash. */
  isInTime(file: SlackFile): Promise<boolean>;
}

interface Transfers {
  readonly file: Transfer<FileInMatrix>;
  readonly thumbnail?: Transfer<FileInMatrix>;
}

/** Begins all at once: while the first is awaited, the next ones come. */
export async function carryFiles(
  work: Work,
  message: SlackMessage,
  parts: readonly Part[],
): Promise<Carried> {
  const { context, portal } = work;
  const encrypted = message.files.length > 0 && (await context.matrix.encrypts(portal.room));
  const begun = new Map<FileId, Transfers>();
  const carry = (file: SlackFile): Transfers => {
    const known = begun.get(file.id);
    if (known) return known;
    const transfers = begin(work, { message, encrypted }, file);
    begun.set(file.id, transfers);
    return transfers;
  };
  for (const { file } of parts) if (file) carry(file);
  return {
    arrived: async (file) => {
      const { file: transfer, thumbnail } = carry(file);
      const whole = await arrival(work, transfer);
      return mediaOf(file, whole, thumbnail && (await soon(thumbnail.result)));
    },
    isInTime: (file) => isInTime(work, carry(file).file),
  };
}

/** Throws `WaitForFile` as long as one is on its way. */
export async function allArrived(carried: Carried, parts: readonly Part[]): Promise<void> {
  for (const { file } of parts) {
    try {
      if (file) await carried.arrived(file);
    } catch (error) {
      if (!(error instanceof CannotBridge)) throw error;
    }
  }
}

async function isInTime(work: Work, transfer: Transfer<FileInMatrix>): Promise<boolean> {
  const { files } = work.context;
  if (await files.wasPassed(transfer.key)) return false;
  try {
    await arrival(work, transfer);
    return true;
  } catch (error) {
    if (!(error instanceof CannotBridge || error instanceof WaitForFile)) throw error;
    await files.pass(transfer.key);
    return false;
  }
}

function begin(
  { context, portal }: Work,
  { message, encrypted }: { readonly message: SlackMessage; readonly encrypted: boolean },
  file: SlackFile,
): Transfers {
  const { author, team } = message;
  const account = portal.through === 'people' ? readersOf(context, portal.channels[0])[0] : undefined;
  const place = { team, portal: portal.id, by: author.id };
  const where = { ...place, ...(account !== undefined && { account }), ...(encrypted && { encrypted }) };
  const bringing = context.files.toMatrix(where, file, 'file');
  const thumbnail = file.thumbnail && context.files.toMatrix(where, file, 'thumbnail');
  return { file: bringing, ...(thumbnail && { thumbnail }) };
}

/** A part with the file that it shows; then its text is the caption, empty for none. */
export interface ShownPart {
  readonly name: Part['name'];
  readonly text: Doc;
  readonly media?: OutgoingMedia;
}

/** Words stand in for a file that can't be brought. */
export async function shownPart(
  carried: Carried,
  { name, text, file }: Part,
  caption?: Part,
): Promise<ShownPart> {
  if (!file) return { name, text };
  try {
    const media = await carried.arrived(file);
    return { name, text: caption?.text ?? { blocks: [] }, media };
  } catch (error) {
    if (error instanceof CannotBridge) return { name, text: fileWords(file, error.message) };
    throw error;
  }
}

/** The captions of those files that are here in time: no text waits for long, and none goes with a file that can't be had. */
export async function captionsInTime(
  carried: Carried,
  captions: ReadonlyMap<PartName, Caption>,
): Promise<ReadonlyMap<PartName, Part>> {
  const found = new Map<PartName, Part>();
  for (const [name, { file, text }] of captions) if (await carried.isInTime(file)) found.set(name, text);
  return found;
}

/** The message with what Slack says of files when it is asked, where the message itself says too little. */
export async function withFileInfo(
  work: Work,
  message: SlackMessage,
  known: readonly MessageLink[],
): Promise<SlackMessage> {
  const shown = new Set(known.map(({ part }) => fileOfPart(part)));
  const files: SlackFile[] = [];
  for (const file of message.files)
    files.push(isHalfTold(file) && !shown.has(file.id) ? await askedFor(work, message, file) : file);
  return { ...message, files };
}

/** Whether Slack has more to say of one of its files. */
export function saysTooLittle({ files }: SlackMessage): boolean {
  return files.some(isHalfTold);
}

function isHalfTold({ nature, snippet, size }: SlackFile): boolean {
  return nature === 'unknown' || (snippet?.whole === false && size !== undefined && size <= mostInline);
}

/** What Slack says of a file; what is known of it where Slack says nothing. */
export async function askedFor(
  { context }: Pick<Work, 'context'>,
  message: SlackMessage,
  file: SlackFile,
): Promise<SlackFile> {
  try {
    return await context.slack.fileInfo(message, file.id);
  } catch (error) {
    if (error instanceof CannotBridge) return file;
    throw error;
  }
}
