/** A short way to write trees in tests. */
import { link as linkTo, lineBreak, mention, paragraph, text } from '../../src/format/doc.ts';
import type { Block, Emoji, Inline, Marks } from '../../src/format/doc.ts';

export { mention };

type Words = string | Inline;

function inlines(parts: readonly Words[]): readonly Inline[] {
  return parts.map((part) => (typeof part === 'string' ? text(part) : part));
}

export function t(value: string, ...marks: readonly Exclude<keyof Marks, 'color'>[]): Inline {
  return text(value, Object.fromEntries(marks.map((mark) => [mark, true])));
}

export function p(...parts: readonly Words[]): Block {
  return paragraph(...inlines(parts));
}

export function h(level: 1 | 2 | 3, ...parts: readonly Words[]): Block {
  return { type: 'heading', level, children: inlines(parts) };
}

export function quote(...blocks: readonly Block[]): Block {
  return { type: 'quote', blocks };
}

export function code(value: string, language?: string): Block {
  return { type: 'code', text: value, ...(language !== undefined && { language }) };
}

export function ul(...items: readonly (readonly Block[])[]): Block {
  return { type: 'list', ordered: false, start: 1, items: items.map((blocks) => ({ blocks })) };
}

export function ol(start: number, ...items: readonly (readonly Block[])[]): Block {
  return { type: 'list', ordered: true, start, items: items.map((blocks) => ({ blocks })) };
}

export function link(url: string, ...children: readonly Words[]): Inline {
  return linkTo(url, inlines(children));
}

export function emoji(name: string, unicode?: string): Emoji {
  return { type: 'emoji', name, ...(unicode !== undefined && { unicode }) };
}

export const break_ = lineBreak();
export const hr: Block = { type: 'divider' };
