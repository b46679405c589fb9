/** The running text of Slack's rich_text: reading it. */
import { readHexColor } from './color.ts';
import { emojiOf } from './emoji.ts';
import { asNumber, asObject, asText } from './json.ts';
import type { JsonObject } from './json.ts';
import { asChannel, asSlackUser, asUsergroup } from './safe-id.ts';
import { dateText } from './slack-date.ts';
import type { Emoji, Inline, Marks, Mention } from './tree.ts';
import { link, mention, noMarks, text } from './tree.ts';
import { safeUrl } from './url.ts';

/** One element of a section, quote or preformatted part; what is unknown becomes its text, or its type's name. */
export function readRichTextElement(element: JsonObject): readonly Inline[] {
  const marks = readStyle(element['style']);
  switch (element['type']) {
    case 'text':
      return [text(asText(element['text']) ?? '', marks)];
    case 'link':
      return [readLink(element, marks)];
    case 'emoji':
      return [readEmoji(element)];
    case 'date':
      return [readDate(element, marks)];
    case 'color':
      return readColor(element, marks);
    case 'user':
    case 'channel':
    case 'usergroup':
    case 'broadcast': {
      const target = readTarget(element);
      return target ? [mention(target)] : [text(unknownText(element), marks)];
    }
    default:
      return [text(unknownText(element), marks)];
  }
}

function readStyle(value: unknown): Marks {
  const style = asObject(value);
  if (!style) return noMarks;
  return {
    ...(style['bold'] === true && { bold: true }),
    ...(style['italic'] === true && { italic: true }),
    ...(style['strike'] === true && { strike: true }),
    ...(style['underline'] === true && { underline: true }),
    ...(style['code'] === true && { code: true }),
  };
}

function readTarget(element: JsonObject): Mention | undefined {
  switch (element['type']) {
    case 'user': {
      const user = asSlackUser(element['user_id']);
      return user && { type: 'slack-user', user };
    }
    case 'channel': {
      const channel = asChannel(element['channel_id']);
      return channel && { type: 'slack-channel', channel };
    }
    case 'usergroup': {
      const usergroup = asUsergroup(element['usergroup_id']);
      return usergroup && { type: 'usergroup', usergroup };
    }
    default: {
      const range = element['range'];
      return range === 'here' || range === 'channel' || range === 'everyone'
        ? { type: 'everyone', range }
        : undefined;
    }
  }
}

function readLink(element: JsonObject, marks: Marks): Inline {
  const address = asText(element['url']) ?? '';
  const url = safeUrl(address);
  const label = asText(element['text']);
  if (url !== undefined) return link(url, [text(label ?? address.replace(/^mailto:/i, ''), marks)]);
  return text(label === undefined || label === address ? address : `${label} (${address})`, marks);
}

function readEmoji(element: JsonObject): Emoji {
  const name = asText(element['name']) ?? 'question';
  const tone = asNumber(element['skin_tone']);
  const emoji = emojiOf(
    tone !== undefined && tone >= 2 && tone <= 6 ? `${name.split('::')[0]}::skin-tone-${tone}` : name,
  );
  if (emoji.unicode !== undefined) return emoji;
  const unicode = fromCodePoints(asText(element['unicode']) ?? '');
  const image = safeUrl(asText(element['url']) ?? '');
  return { ...emoji, ...(unicode !== undefined && { unicode }), ...(image !== undefined && { image }) };
}

/** `1f44b-1f3fc` as characters. */
function fromCodePoints(hex: string): string | undefined {
  if (!/^[0-9a-f]{2,6}(?:-[0-9a-f]{2,6}){0,15}$/i.test(hex)) return undefined;
  const points = hex.split('-').map((each) => Number.parseInt(each, 16));
  return points.every((point) => point <= 0x10ffff)
    ? String.fromCodePoint(...points).toWellFormed()
    : undefined;
}

function readDate(element: JsonObject, marks: Marks): Inline {
  const shown = dateText(
    asNumber(element['timestamp']) ?? Number.NaN,
    asText(element['format']) ?? '',
    asText(element['fallback']),
  );
  const url = safeUrl(asText(element['url']) ?? '');
  return url === undefined ? text(shown, marks) : link(url, [text(shown, marks)]);
}

/** A colour's value, after a square in that colour. */
function readColor(element: JsonObject, marks: Marks): readonly Inline[] {
  const value = asText(element['value']) ?? '';
  const color = readHexColor(value);
  return color === undefined ? [text(value, marks)] : [text('■', { color }), text(` ${value}`, marks)];
}

function unknownText(element: JsonObject): string {
  const said = [
    'text',
    'fallback',
    'name',
    'value',
    'url',
    'team_id',
    'user_id',
    'channel_id',
    'usergroup_id',
    'type',
  ];
  for (const field of said) {
    const value = asText(element[field]);
    if (value !== undefined) return field === 'type' ? `[${value}]` : value;
  }
  return '';
}
