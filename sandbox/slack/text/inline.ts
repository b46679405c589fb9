import type { RichTextElement } from '@slack/types';

import { emojiCode, emojiName, tonedCode } from './emoji.ts';

export interface TextSource {
  /** `&`, `<` and `>` are written as entities, as apps must; people type them plain. */
  readonly escaped: boolean;
  /** How `@name` and `#name` and custom emoji are looked up; apps' text isn't searched for names. */
  readonly names:
    | {
        readonly user: (name: string) => string | undefined;
        readonly channel: (name: string) => string | undefined;
        readonly isCustomEmoji: (name: string) => boolean;
      }
    | undefined;
}

interface Style {
  readonly bold?: true;
  readonly italic?: true;
  readonly strike?: true;
  readonly code?: true;
}

const STYLES: ReadonlyMap<string, Style> = new Map([
  ['*', { bold: true }],
  ['_', { italic: true }],
  ['~', { strike: true }],
]);

/** The inline elements of one line. Nothing throws: what isn't markup is text. */
export function parseInline(line: string, source: TextSource, style: Style = {}): RichTextElement[] {
  const elements: RichTextElement[] = [];
  let text = '';
  let at = 0;
  const flush = (): void => {
    if (text !== '') elements.push(styled({ type: 'text', text: plain(text, source) }, style));
    text = '';
  };
  while (at < line.length) {
    const found = match(line, at, source, style);
    if (!found) {
      text += line.charAt(at);
      at += 1;
      continue;
    }
    flush();
    elements.push(...found.elements);
    at += found.length;
  }
  flush();
  return elements;
}

interface Found {
  readonly length: number;
  readonly elements: readonly RichTextElement[];
}

function match(line: string, at: number, source: TextSource, style: Style): Found | undefined {
  const character = line.charAt(at);
  if (character === '`') return matchCode(line, at, source, style);
  const opened = STYLES.get(character);
  if (opened) return matchStyle(line, at, source, { ...style, ...opened });
  if (character === '<') return matchToken(line, at, source, style);
  if (character === ':') return matchEmoji(line, at, source, style);
  if ((character === '@' || character === '#') && source.names)
    return matchName(line, at, source.names, style);
  if (character === 'h') return matchAddress(line, at, source, style);
  if (character > '\u00a8') return matchCharacter(line, at, style);
  return undefined;
}

function matchCode(line: string, at: number, source: TextSource, style: Style): Found | undefined {
  const end = line.indexOf('`', at + 1);
  if (end <= at + 1) return undefined;
  const text = plain(line.slice(at + 1, end), source);
  return { length: end + 1 - at, elements: [styled({ type: 'text', text }, { ...style, code: true })] };
}

const WORD = /[\p{L}\p{N}]/u;

/** A style opens after no word character and before no space, and closes the other way round. */
function matchStyle(line: string, at: number, source: TextSource, style: Style): Found | undefined {
  const mark = line.charAt(at);
  if (WORD.test(line.charAt(at - 1)) || /\s|^$/.test(line.charAt(at + 1)) || line.charAt(at + 1) === mark)
    return undefined;
  let end = line.indexOf(mark, at + 1);
  while (end > 0 && (/\s/.test(line.charAt(end - 1)) || WORD.test(line.charAt(end + 1))))
    end = line.indexOf(mark, end + 1);
  if (end < 0) return undefined;
  return { length: end + 1 - at, elements: parseInline(line.slice(at + 1, end), source, style) };
}

function matchToken(line: string, at: number, source: TextSource, style: Style): Found | undefined {
  const end = line.indexOf('>', at);
  if (end < 0) return undefined;
  const [target, label] = splitOnce(line.slice(at + 1, end), '|');
  const element = tokenElement(target, label === undefined ? undefined : plain(label, source), source);
  return element && { length: end + 1 - at, elements: [styled(element, style)] };
}

function tokenElement(
  target: string,
  label: string | undefined,
  source: TextSource,
): RichTextElement | undefined {
  if (/^@[UW][A-Z0-9]+$/.test(target)) return { type: 'user', user_id: target.slice(1) };
  if (/^#[CGD][A-Z0-9]+$/.test(target)) return { type: 'channel', channel_id: target.slice(1) };
  if (target === '!here' || target === '!channel' || target === '!everyone') {
    return {
      type: 'broadcast',
      range: target === '!here' ? 'here' : target === '!channel' ? 'channel' : 'everyone',
    };
  }
  if (/^!subteam\^S[A-Z0-9]+$/.test(target)) return { type: 'usergroup', usergroup_id: target.slice(9) };
  const date = /^!date\^(\d+)\^([^^]+)(?:\^(.+))?$/.exec(target);
  if (date) {
    const [, timestamp = '0', format = '', url] = date;
    return {
      type: 'date',
      timestamp: Number(timestamp),
      format,
      ...(url && { url }),
      ...(label && { fallback: label }),
    };
  }
  if (!/^(?:https?:\/\/|mailto:|tel:|slack:\/\/)/.test(target)) return undefined;
  return { type: 'link', url: plain(target, source), ...(label !== undefined && { text: label }) };
}

function matchEmoji(line: string, at: number, source: TextSource, style: Style): Found | undefined {
  const pattern = /:([a-z0-9_+'-]+):(?::skin-tone-([2-6]):)?/y;
  pattern.lastIndex = at;
  const found = pattern.exec(line);
  if (!found) return undefined;
  const [all, name = '', tone] = found;
  const code = emojiCode(name);
  // Apps' text may name custom emoji that we can't look up here; Slack makes an element of any such name.
  if (code === undefined && source.names && !source.names.isCustomEmoji(name)) return undefined;
  return {
    length: all.length,
    elements: [styled(emojiElement(name, code, tone ? Number(tone) : undefined), style)],
  };
}

function matchCharacter(line: string, at: number, style: Style): Found | undefined {
  const pattern = /\p{RGI_Emoji}/vy;
  pattern.lastIndex = at;
  const [character] = pattern.exec(line) ?? [];
  const emoji = character === undefined ? undefined : emojiName(character);
  if (character === undefined || !emoji) return undefined;
  const element = emojiElement(emoji.name, emojiCode(emoji.name), emoji.skinTone);
  return { length: character.length, elements: [styled(element, style)] };
}

function emojiElement(name: string, code: string | undefined, skinTone: number | undefined): RichTextElement {
  if (code === undefined) return { type: 'emoji', name };
  if (skinTone === undefined) return { type: 'emoji', name, unicode: code };
  const toned = { type: 'emoji' as const, name, unicode: tonedCode(code, skinTone), skin_tone: skinTone };
  return toned;
}

const RANGES: ReadonlyMap<string, 'here' | 'channel' | 'everyone'> = new Map([
  ['@here', 'here'],
  ['@channel', 'channel'],
  ['@everyone', 'everyone'],
]);

function matchName(
  line: string,
  at: number,
  names: NonNullable<TextSource['names']>,
  style: Style,
): Found | undefined {
  if (WORD.test(line.charAt(at - 1))) return undefined;
  const pattern = /[@#][\p{L}\p{N}._-]*[\p{L}\p{N}_]/uy;
  pattern.lastIndex = at;
  const [word] = pattern.exec(line) ?? [];
  if (word === undefined) return undefined;
  const range = RANGES.get(word);
  if (range) return { length: word.length, elements: [styled({ type: 'broadcast', range }, style)] };
  const id = word.startsWith('@') ? names.user(word.slice(1)) : names.channel(word.slice(1));
  if (id === undefined) return undefined;
  const element: RichTextElement = word.startsWith('@')
    ? { type: 'user', user_id: id }
    : { type: 'channel', channel_id: id };
  return { length: word.length, elements: [styled(element, style)] };
}

function matchAddress(line: string, at: number, source: TextSource, style: Style): Found | undefined {
  const pattern = /https?:\/\/[^\s<>|]+/y;
  pattern.lastIndex = at;
  const [found] = WORD.test(line.charAt(at - 1)) ? [] : (pattern.exec(line) ?? []);
  const url = found?.replace(/[.,;:!?'")*_~`\]]+$/, '');
  if (url === undefined || url.length <= 'https://'.length) return undefined;
  return { length: url.length, elements: [styled({ type: 'link', url: plain(url, source) }, style)] };
}

function styled<Element extends RichTextElement>(element: Element, style: Style): Element {
  return Object.keys(style).length === 0 ? element : { ...element, style: { ...style } };
}

function plain(text: string, source: TextSource): string {
  return source.escaped
    ? text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
    : text;
}

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
