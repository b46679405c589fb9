import type { MatrixFile, MatrixMessage } from '../../events.ts';
import type { Block, Doc, Inline } from '../../format/doc.ts';
import { isEmpty, joinDocs, link, linkPictures, paragraph, text } from '../../format/doc.ts';
import { serverOf } from '../../ids.ts';
import type { Work } from '../context.ts';
import { fileLabel } from '../file-label.ts';
import { emojiToSlack } from './emoji.ts';
import { mentionsToSlack } from './mentions.ts';
import { pollBody } from './poll-body.ts';

/** A file of which Slack shows but the name, and why, in people's words. */
export interface LeftFile {
  readonly file: MatrixFile;
  readonly why?: string;
}

export interface Beside {
  /** What the message answers. */
  readonly quote?: Block | undefined;
  readonly left?: readonly LeftFile[];
}

/** What Slack shows of a Matrix message beside its files: what it answers, its text, files that can't be brought. May be empty. */
export async function bodyToSlack(
  work: Work,
  message: MatrixMessage,
  { quote, left = [] }: Beside = {},
): Promise<Doc> {
  const body = message.poll
    ? await pollBody(work, message.event, message.poll)
    : await textToSlack(work, message);
  const labels: Doc = { blocks: left.map((each) => fileBlock(message, each)) };
  const whole = joinDocs(isEmpty(body) ? { blocks: [] } : body, labels);
  const says = whole.blocks.length > 0 || (message.files?.length ?? 0) > 0;
  return quote && says ? joinDocs({ blocks: [quote] }, whole) : whole;
}

async function textToSlack(work: Work, message: MatrixMessage): Promise<Doc> {
  const { team } = work.portal.channels[0];
  const text = await emojiToSlack(work.context, team, await mentionsToSlack(work, message));
  return linkPictures(text, () => eventAddress(message));
}

/** The file's name, size and where it is: in the room, for those who may read there. */
function fileBlock(message: MatrixMessage, { file, why }: LeftFile): Block {
  const shown: Inline = link(eventAddress(message), [text(fileLabel(file))]);
  return paragraph(text(`${signs[file.kind]} `), shown, ...(why === undefined ? [] : [text(` – ${why}`)]));
}

const signs: Readonly<Record<MatrixFile['kind'], string>> = {
  image: '🖼️',
  video: '🎞️',
  audio: '🔊',
  voice: '🔊',
  file: '📎',
  sticker: '🖼️',
};

function eventAddress({ room, event, sender }: MatrixMessage): string {
  const via = encodeURIComponent(serverOf(sender));
  return `https://matrix.to/#/${encodeURIComponent(room)}/${encodeURIComponent(event)}?via=${via}`;
}
