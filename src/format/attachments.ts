/** Attachments, the older way to add to a message: unfurled links, shared messages, what many apps post. */
import { parseBlocks } from './block-kit.ts';
import { bold, elementInlines, joined, linked, textInlines } from './block-text.ts';
import { readHexColor } from './color.ts';
import { flattenBlocks } from './flatten.ts';
import { asNumber, asObject, asText, objectsIn } from './json.ts';
import type { JsonObject } from './json.ts';
import { parseMrkdwn } from './mrkdwn.ts';
import { normaliseBlocks } from './normalise.ts';
import { dateText } from './slack-date.ts';
import type { Block, Inline } from './tree.ts';
import { lineBreak, text } from './tree.ts';
import { safeUrl } from './url.ts';

/**
 * Parses attachments: each is a quote with its colour, under its pretext. In the quote, from the top: author, title,
 * text (or the blocks that stand for it), fields, picture, buttons, footer. One that holds none of these shows its
 * fallback.
 *
 * @see https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
 */
export function parseAttachments(value: unknown): readonly Block[] {
  return normaliseBlocks(objectsIn(value).flatMap(readAttachment));
}

function readAttachment(attachment: JsonObject): readonly Block[] {
  const pretext = mrkdwn(attachment['pretext']);
  const blocks = normaliseBlocks([
    ...line(author(attachment)),
    ...line(title(attachment)),
    ...content(attachment),
    ...objectsIn(attachment['fields']).flatMap(readField),
    ...line(picture(attachment)),
    ...objectsIn(attachment['files']).flatMap((file) => line(sharedFile(file))),
    ...line(joined(objectsIn(attachment['actions']).map(readAction))),
    ...line(footer(attachment)),
  ]);
  const color = namedColor(asText(attachment['color']) ?? '');
  const shown = blocks.length > 0 ? blocks : fallback(attachment, pretext.length > 0);
  return shown.length > 0
    ? [...pretext, { type: 'quote', blocks: shown, ...(color !== undefined && { color }) }]
    : pretext;
}

function line(children: readonly Inline[]): readonly Block[] {
  return children.length > 0 ? [{ type: 'paragraph', children }] : [];
}

function mrkdwn(value: unknown): readonly Block[] {
  return parseMrkdwn(asText(value) ?? '').blocks;
}

/** Titles and footers are plain, but for the links that apps write into them. */
function withLinks(words: string): readonly Inline[] {
  return words.includes('<') ? flattenBlocks(parseMrkdwn(words).blocks) : textInlines(words);
}

function author(attachment: JsonObject): readonly Inline[] {
  const name = asText(attachment['author_name']);
  const more =
    asText(attachment['author_subname']) ??
    (name === undefined ? asText(attachment['service_name']) : undefined);
  const named = name === undefined ? [] : linked(bold(textInlines(name)), attachment['author_link']);
  return joined([named, more === undefined || more === name ? [] : textInlines(more)]);
}

function title(attachment: JsonObject): readonly Inline[] {
  const words = asText(attachment['title']);
  return words === undefined ? [] : linked(bold(withLinks(words)), attachment['title_link']);
}

/** Blocks win over text, as in a message; a shared message carries its blocks one level down. */
function content(attachment: JsonObject): readonly Block[] {
  const shared = objectsIn(attachment['message_blocks']).flatMap((each) =>
    parseBlocks(asObject(each['message'])?.['blocks']),
  );
  if (shared.length > 0) return shared;
  const blocks = parseBlocks(attachment['blocks']);
  return blocks.length > 0 ? blocks : mrkdwn(attachment['text']);
}

function readField(field: JsonObject): readonly Block[] {
  const name = asText(field['title']);
  const [first, ...rest] = mrkdwn(field['value']);
  if (name === undefined) return first ? [first, ...rest] : [];
  const heading = [...bold(textInlines(name)), lineBreak()];
  if (first?.type === 'paragraph')
    return [{ type: 'paragraph', children: [...heading, ...first.children] }, ...rest];
  return [{ type: 'paragraph', children: heading }, ...(first ? [first] : []), ...rest];
}

function picture(attachment: JsonObject): readonly Inline[] {
  const src = safeUrl(asText(attachment['image_url']) ?? asText(attachment['thumb_url']) ?? '');
  return src === undefined ? [] : [{ type: 'image', src, alt: asText(attachment['image_alt']) ?? 'image' }];
}

/** A file of a message that is shared on; it stays where it is. */
function sharedFile(file: JsonObject): readonly Inline[] {
  const name = asText(file['title']) ?? asText(file['name']);
  return name === undefined ? [] : joined([[text('📎')], linked(textInlines(name), file['permalink'])]);
}

/** Buttons and menus of the older kind have their words in `text` or `name`. */
function readAction(action: JsonObject): readonly Inline[] {
  const words = asText(action['text']) ?? asText(action['name']);
  if (words === undefined) return elementInlines(action);
  const choices = objectsIn(action['options']).map((option) => textInlines(option['text']));
  const shown = joined([textInlines(words), ...choices], text(' / '));
  return linked([text('['), ...shown, text(']')], action['url']);
}

function footer(attachment: JsonObject): readonly Inline[] {
  const words = withLinks(asText(attachment['footer']) ?? '');
  const { ts } = attachment;
  const seconds = asNumber(typeof ts === 'string' && ts !== '' ? Number(ts) : ts);
  const date = seconds === undefined ? [] : [text(dateText(seconds, '{date_num} {time}'))];
  const shown = joined([words, date], text(' | '));
  return shown.length > 0 ? linked(shown, attachment['from_url']) : [];
}

function fallback(attachment: JsonObject, explained: boolean): readonly Block[] {
  const words = mrkdwn(attachment['fallback']);
  if (words.length > 0) return words;
  const url = asText(attachment['from_url']) ?? asText(attachment['original_url']);
  if (url !== undefined) return [{ type: 'paragraph', children: linked([text(url)], url) }];
  return explained ? [] : [{ type: 'paragraph', children: [text('[attachment]')] }];
}

function namedColor(color: string): string | undefined {
  switch (color) {
    case 'good':
      return '#2eb886';
    case 'warning':
      return '#daa038';
    case 'danger':
      return '#a30200';
    default:
      return readHexColor(color);
  }
}
