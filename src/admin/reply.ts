import type { Block, Doc, Inline, ListItem } from '../format/doc.ts';
import type { RoomId } from '../ids.ts';

/** Answers of the bot, as trees. A string is text as it stands. */
type Words = string | Inline;

export function reply(...blocks: readonly (Block | string)[]): Doc {
  return { blocks: blocks.map((block) => (typeof block === 'string' ? line(block) : block)) };
}

export function line(...words: readonly Words[]): Block {
  return { type: 'paragraph', children: words.map(inline) };
}

/** A list; each item is one line of words. */
export function bullets(items: readonly (readonly Words[])[]): Block {
  const listed = items.map((words): ListItem => ({ blocks: [line(...words)] }));
  return { type: 'list', ordered: false, start: 1, items: listed };
}

export function bold(value: string): Inline {
  return { type: 'text', text: value, marks: { bold: true } };
}

export function code(value: string): Inline {
  return { type: 'text', text: value, marks: { code: true } };
}

export function roomLink(room: RoomId, label: string): Inline {
  return { type: 'mention', target: { type: 'matrix-room', room, label } };
}

/** An address that can be opened. */
export function link(address: string): Inline {
  return { type: 'link', url: address, children: [{ type: 'text', text: address, marks: {} }] };
}

function inline(words: Words): Inline {
  return typeof words === 'string' ? { type: 'text', text: words, marks: {} } : words;
}
