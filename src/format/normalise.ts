/** The one form of a tree: two trees that say the same are equal after it. */
import type { Block, Doc, Inline, Link, List, ListItem, Paragraph, Text } from './tree.ts';
import { lineBreak, sameMarks } from './tree.ts';

/** How deep blocks may nest; parsers and `normalise` turn what lies deeper into text or leave it in its parent. */
export const maxDepth = 100;

/**
 * The same tree in its one form:
 *
 * | found                                         | becomes                                             |
 * | --------------------------------------------- | --------------------------------------------------- |
 * | neighbouring texts with equal marks           | one text                                            |
 * | neighbouring links to one address             | one link                                            |
 * | neighbouring lists of a kind that count on    | one list                                            |
 * | empty texts, links, list items, blocks        | nothing                                             |
 * | a line feed in a text                         | a break                                             |
 * | two or more breaks in a row in a paragraph    | the end of the paragraph                            |
 * | breaks at a block's start or end              | nothing                                             |
 * | NUL characters, halves of surrogate pairs     | nothing, U+FFFD: databases and networks refuse them |
 *
 * Linear in the size of the tree.
 */
export function normalise(doc: Doc): Doc {
  return { blocks: normaliseBlocks(doc.blocks) };
}

/** {@link normalise} for a list of blocks. */
export function normaliseBlocks(blocks: readonly Block[]): readonly Block[] {
  const out: Block[] = [];
  let items: ListItem[] = []; // of the list that ends `out`: grown in place, so that many lists in a row stay linear
  for (const block of blocks) {
    if (block.type !== 'list') {
      pushBlock(out, block);
      continue;
    }
    const filled: ListItem[] = [];
    for (const item of block.items) {
      const inner = normaliseBlocks(item.blocks);
      if (inner.length > 0) filled.push({ blocks: inner });
    }
    const last = out.at(-1);
    if (last?.type === 'list' && countsOn(last, items.length, block)) {
      for (const item of filled) items.push(item);
    } else if (filled.length > 0) {
      items = filled;
      out.push({ ...block, start: listStart(block), items });
    }
  }
  return out;
}

function countsOn(list: List, length: number, next: List): boolean {
  return list.ordered === next.ordered && (!list.ordered || listStart(next) === listStart(list) + length);
}

function pushBlock(out: Block[], block: Exclude<Block, List>): void {
  switch (block.type) {
    case 'paragraph':
      pushParagraphs(out, normaliseInlines(block.children));
      return;
    case 'heading': {
      const children = trimBreaks(normaliseInlines(block.children));
      if (children.length > 0) out.push({ ...block, children });
      return;
    }
    case 'quote': {
      const inner = normaliseBlocks(block.blocks);
      if (inner.length > 0) out.push({ ...block, blocks: inner });
      return;
    }
    case 'code': {
      const text = cleanText(block.text).replaceAll('\r\n', '\n');
      if (text !== '') out.push({ ...block, text });
      return;
    }
    case 'divider':
      out.push(block);
      return;
    case 'table': {
      const row = (cells: readonly (readonly Inline[])[]) =>
        cells.map((cell) => trimBreaks(normaliseInlines(cell)));
      const { header, ...rest } = block;
      const rows = block.rows.filter((cells) => cells.length > 0).map(row);
      const shown = header && header.length > 0 ? { header: row(header) } : {};
      if ('header' in shown || rows.length > 0) out.push({ ...rest, ...shown, rows });
      return;
    }
  }
}

function listStart(list: { readonly ordered: boolean; readonly start: number }): number {
  return list.ordered && Number.isSafeInteger(list.start) && list.start >= 0 ? list.start : 1;
}

/** Inline nodes in their one form; breaks stay as they are. */
function normaliseInlines(children: readonly Inline[]): readonly Inline[] {
  const out: Inline[] = [];
  let index = 0;
  for (let child = children[index]; child; child = children[index]) {
    if (child.type === 'link') {
      const end = endOfLink(children, index, child.url);
      pushLink(out, child.url, children.slice(index, end));
      index = end;
      continue;
    }
    if (child.type === 'text') pushText(out, child);
    else out.push(cleanInline(child));
    index += 1;
  }
  return out;
}

function endOfLink(children: readonly Inline[], from: number, url: string): number {
  let end = from;
  for (let next = children[end]; next?.type === 'link' && next.url === url; next = children[end]) end += 1;
  return end;
}

function pushLink(out: Inline[], url: string, parts: readonly Inline[]): void {
  const children = normaliseInlines(parts.flatMap((part) => (part.type === 'link' ? part.children : [])));
  if (children.length > 0) out.push({ type: 'link', url, children });
}

function pushText(out: Inline[], node: Text): void {
  const text = cleanText(node.text);
  if (!text.includes('\n')) return pushLine(out, node, text);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (index > 0) out.push(lineBreak());
    pushLine(out, node, line);
  }
}

function pushLine(out: Inline[], node: Text, line: string): void {
  if (line === '') return;
  const last = out.at(-1);
  if (last?.type === 'text' && sameMarks(last.marks, node.marks))
    out[out.length - 1] = { ...last, text: last.text + line };
  else out.push({ type: 'text', text: line, marks: node.marks });
}

/** Names that somebody chose. */
function cleanInline(node: Exclude<Inline, Text | Link>): Inline {
  if (node.type === 'image') return isClean(node.alt) ? node : { ...node, alt: cleanText(node.alt) };
  if (node.type === 'emoji')
    return isClean(node.name) ? node : { ...node, name: cleanText(node.name) || 'question' };
  if (node.type !== 'mention') return node;
  const { target } = node;
  if (!('label' in target) || target.label === undefined || isClean(target.label)) return node;
  const { label, ...bare } = target;
  const cleaned = cleanText(label);
  return { ...node, target: { ...bare, ...(cleaned !== '' && { label: cleaned }) } };
}

function isClean(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}

function cleanText(value: string): string {
  if (isClean(value)) return value;
  return value.toWellFormed().replaceAll('\0', '');
}

function pushParagraphs(out: Block[], children: readonly Inline[]): void {
  if (!children.some((child) => child.type === 'break')) {
    if (children.length > 0) out.push({ type: 'paragraph', children });
    return;
  }
  let current: Inline[] = [];
  const flush = () => {
    const trimmed = trimBreaks(current);
    if (trimmed.length > 0) out.push({ type: 'paragraph', children: trimmed } satisfies Paragraph);
    current = [];
  };
  for (const child of children) {
    if (child.type === 'break' && current.at(-1)?.type === 'break') flush();
    else current.push(child);
  }
  flush();
}

function trimBreaks(children: readonly Inline[]): readonly Inline[] {
  let start = 0;
  let end = children.length;
  while (start < end && children[start]?.type === 'break') start += 1;
  while (end > start && children[end - 1]?.type === 'break') end -= 1;
  return start === 0 && end === children.length ? children : children.slice(start, end);
}
