import { isEmpty, normalise, paragraph, plainText, text as inline, textDoc } from '../format/doc.ts';
import type { Doc } from '../format/doc.ts';
import { truncate } from '../format/names.ts';
import type { OutgoingEvent, OutgoingMedia } from '../portal/ports.ts';
import { encryptedFile } from './encipher.ts';
import type { JsonObject } from './json.ts';

const msgtypes = {
  image: 'm.image',
  video: 'm.video',
  audio: 'm.audio',
  voice: 'm.audio',
  file: 'm.file',
} as const;

/** Before what a file shows, below its caption. */
const pictureSign = '🖼️';

/** Loudness in events of Matrix: from 0 to this. */
const loudest = 1024;

/** No client shows all of a longer one. */
const longestAltText = 1000;

/**
 * What stands beside a file: its caption, and below it, in words, what it shows; one of the two, if there is no more. A file
 * of which neither is known has its name there, and clients see that it is no caption.
 * @see https://spec.matrix.org/latest/client-server-api/#media-captions
 */
export function captionOf({ text }: Pick<OutgoingEvent, 'text'>, { altText, name }: OutgoingMedia): Doc {
  if (isEmpty(text)) return textDoc(altText ?? name);
  if (altText === undefined || plainText(text).trim() === altText.trim()) return text;
  const shows = inline(`${pictureSign} ${truncate(altText, longestAltText)}`, { italic: true });
  return normalise({ blocks: [...text.blocks, paragraph(shows)] });
}

/** What of an event's content tells of its file: all but the caption. */
export function mediaContent(file: OutgoingMedia): JsonObject & { readonly msgtype: string } {
  return {
    msgtype: msgtypes[file.kind],
    filename: file.name,
    ...(file.cipher ? { file: encryptedFile(file.url, file.cipher) } : { url: file.url }),
    info: infoOf(file),
    ...(file.kind === 'voice' && voiceOf(file)),
  };
}

function infoOf({ mimetype, size, width, height, duration, thumbnail }: OutgoingMedia): JsonObject {
  return {
    mimetype,
    size,
    ...(width !== undefined && { w: width }),
    ...(height !== undefined && { h: height }),
    ...(duration !== undefined && { duration }),
    ...(mimetype === 'image/gif' && animated),
    ...(thumbnail && {
      ...(thumbnail.cipher
        ? { thumbnail_file: encryptedFile(thumbnail.url, thumbnail.cipher) }
        : { thumbnail_url: thumbnail.url }),
      thumbnail_info: {
        mimetype: thumbnail.mimetype,
        size: thumbnail.size,
        w: thumbnail.width,
        h: thumbnail.height,
      },
    }),
  };
}

/**
 * Nobody decodes it here: of its kind most move, and clients look themselves.
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/4230
 */
const animated = { is_animated: true, 'org.matrix.msc4230.is_animated': true };

/**
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/3245
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/3246
 */
function voiceOf({ duration, waveform }: OutgoingMedia): JsonObject {
  return {
    'org.matrix.msc3245.voice': {},
    'org.matrix.msc1767.audio': {
      ...(duration !== undefined && { duration }),
      ...(waveform && { waveform: waveform.map((level) => Math.round((level * loudest) / 100)) }),
    },
  };
}
