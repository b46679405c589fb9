import { CannotBridge } from '../errors.ts';
import type { Block, Doc, Inline, ListItem } from '../format/doc.ts';
import type { MatrixUserId, RoomId } from '../ids.ts';
import { say } from './asker.ts';
import type { Answer, Request } from './command.ts';

/** Answers of the bot, as trees. A string is text as it stands. */
export type Words = string | Inline;

export function reply(...blocks: readonly (Block | string)[]): Doc {
  return { blocks: blocks.map((block) => (typeof block === 'string' ? line(block) : block)) };
}

/** The same for programs. */
export function withData(doc: Doc, data: unknown): Answer {
  return { ...doc, data };
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

/** Nobody is called by it in Slack; in Matrix the answer's text calls nobody either. */
export function personLink(user: MatrixUserId, label: string): Inline {
  const url = `https://matrix.to/#/${encodeURIComponent(user)}`;
  return { type: 'link', url, children: [{ type: 'text', text: label, marks: {} }] };
}

/** An address that can be opened. */
export function link(address: string, label = address): Inline {
  return { type: 'link', url: address, children: [{ type: 'text', text: label, marks: {} }] };
}

function inline(words: Words): Inline {
  return typeof words === 'string' ? { type: 'text', text: words, marks: {} } : words;
}

/** One page of a long answer. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number;
  /** `Page 2 of 5: "list page 3" shows more.`; nothing where all is on one page. */
  readonly foot: readonly Block[];
}

/** The page that was asked for. Throws `CannotBridge` for one that there isn't. */
export function pageOf<Item>(request: Request, all: readonly Item[], size: number): Page<Item> {
  const { page } = request;
  const items = all.slice((page - 1) * size, page * size);
  return { items, total: all.length, foot: pageFoot(request, all.length, size) };
}

/** The same where only the page itself was read. */
export function pageFoot({ page, words, place }: Request, total: number, size: number): readonly Block[] {
  const pages = Math.max(1, Math.ceil(total / size));
  if (page > pages)
    throw new CannotBridge('no-page', `There ${pages === 1 ? 'is one page' : `are ${pages} pages`}.`);
  if (pages === 1) return [];
  if (page === pages) return [line(`Page ${page} of ${pages}.`)];
  return [line(`Page ${page} of ${pages}: `, code(say(place, `${words} page ${page + 1}`)), ' shows more.')];
}
