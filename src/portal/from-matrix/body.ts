import type { MatrixFile, MatrixMessage } from '../../events.ts';
import type { Block, Doc, Inline } from '../../format/doc.ts';
import { isEmpty, joinDocs, link, linkPictures, paragraph, text } from '../../format/doc.ts';
import { serverOf } from '../../ids.ts';
import type { Work } from '../context.ts';
import { fileLabel } from '../file-label.ts';
import { emojiToSlack } from './emoji.ts';
import { mentionsToSlack } from './mentions.ts';
import { pollBody } from './poll-body.ts';

/** What Slack shows of a Matrix message: what it answers, its text, its file. Empty when it says nothing. */
export async function bodyToSlack(work: Work, message: MatrixMessage, quote?: Block): Promise<Doc> {
  const body = message.poll
    ? await pollBody(work, message.event, message.poll)
    : await textToSlack(work, message);
  const file: Doc = message.file ? { blocks: [fileBlock(message, message.file)] } : { blocks: [] };
  const whole = joinDocs(isEmpty(body) ? { blocks: [] } : body, file);
  return quote && whole.blocks.length > 0 ? joinDocs({ blocks: [quote] }, whole) : whole;
}

async function textToSlack(work: Work, message: MatrixMessage): Promise<Doc> {
  const { team } = work.portal.channels[0];
  const text = await emojiToSlack(work.context, team, await mentionsToSlack(work, message));
  return linkPictures(text, () => eventAddress(message));
}

/** The file's name, size and where it is: in the room, for those who may read there. */
function fileBlock(message: MatrixMessage, file: MatrixFile): Block {
  const shown: Inline = link(eventAddress(message), [text(fileLabel(file))]);
  return paragraph(text(`${signs[file.kind]} `), shown);
}

const signs: Readonly<Record<MatrixFile['kind'], string>> = {
  image: '🖼️',
  video: '🎞️',
  audio: '🔊',
  file: '📎',
  sticker: '🖼️',
};

function eventAddress({ room, event, sender }: MatrixMessage): string {
  const via = encodeURIComponent(serverOf(sender));
  return `https://matrix.to/#/${encodeURIComponent(room)}/${encodeURIComponent(event)}?via=${via}`;
}
