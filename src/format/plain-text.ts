/** A tree as text that reads well without markup: Matrix's `body`, notifications, excerpts. */
import { unmarkSpaces, writeInlines } from './marks.ts';
import type { InlineWriter, Mark } from './marks.ts';
import type { Block, Doc, Inline, List, Mention, Table } from './tree.ts';

export interface PlainTextOptions {
  /** Whether bold and the like are shown by Markdown's signs. */
  readonly marks?: boolean;
  /** Links as `text (address)`, for places that show nothing but text. Not with `marks`. */
  readonly spelled?: boolean;
}

/** Quotes and lists in each other indent their lines up to here: each level costs characters in each of its lines. */
const maxIndents = 8;

/**
 * The tree as text: lists with `-` and numbers, quotes with `>`, code in fences, links as `[text](address)`, mentions
 * by their labels. For people, not for parsers: nothing is escaped.
 */
export function plainText(doc: Doc, options: PlainTextOptions = {}): string {
  return joinBlocks(doc.blocks, options, 0).join('\n');
}

/** Running text on its own: {@link plainText} for a heading, a table's cell, a link. */
export function plainInlines(children: readonly Inline[], options: PlainTextOptions = {}): string {
  return writeInlines(unmarkSpaces(children), options.marks ? markdown : options.spelled ? spelled : bare);
}

/** What a mention shows where it can't be live, sign included. */
export function mentionText(target: Mention): string {
  switch (target.type) {
    case 'slack-user':
      return `@${target.label ?? target.user}`;
    case 'matrix-user':
      return target.label === undefined ? target.user : `@${target.label}`;
    case 'slack-channel':
      return `#${target.label ?? target.channel}`;
    case 'matrix-room':
      return target.label ?? target.room;
    case 'matrix-alias':
      return target.label ?? target.alias;
    case 'usergroup':
      return `@${target.label ?? target.usergroup}`;
    case 'everyone':
      return `@${target.range}`;
  }
}

/** An emoji as characters, or its name between colons. */
export function emojiText(emoji: { readonly name: string; readonly unicode?: string }): string {
  return emoji.unicode ?? `:${emoji.name}:`;
}

/** Whether a link's text already shows its address. */
export function showsAddress(url: string, shown: string): boolean {
  return (
    shown === url || `mailto:${shown}` === url || `https://${shown}` === url || `http://${shown}` === url
  );
}

function joinBlocks(blocks: readonly Block[], options: PlainTextOptions, depth: number): readonly string[] {
  const lines: string[] = [];
  let before: Block | undefined;
  for (const block of blocks) {
    if (before?.type === 'paragraph' && block.type === 'paragraph') lines.push('');
    for (const line of blockLines(block, options, depth)) lines.push(line);
    before = block;
  }
  return lines;
}

function blockLines(block: Block, options: PlainTextOptions, depth: number): readonly string[] {
  switch (block.type) {
    case 'paragraph':
      return plainInlines(block.children, options).split('\n');
    case 'heading': {
      const lines = plainInlines(block.children, options);
      return (options.marks ? `${'#'.repeat(block.level)} ${lines}` : lines).split('\n');
    }
    case 'list':
      return listLines(block, options, depth);
    case 'quote': {
      const lines = joinBlocks(block.blocks, options, depth + 1);
      return depth < maxIndents ? lines.map((line) => `> ${line}`) : lines;
    }
    case 'code':
      return [`\`\`\`${block.language ?? ''}`, ...block.text.split('\n'), '```'];
    case 'divider':
      return ['---'];
    case 'table':
      return tableLines(block, options);
  }
}

function listLines(list: List, options: PlainTextOptions, depth: number): readonly string[] {
  const out: string[] = [];
  for (const [index, item] of list.items.entries()) {
    const sign = list.ordered ? `${list.start + index}. ` : '- ';
    const indent = depth < maxIndents ? ' '.repeat(sign.length) : '';
    for (const [row, line] of joinBlocks(item.blocks, options, depth + 1).entries()) {
      out.push(row === 0 ? sign + line : indent + line);
    }
  }
  return out;
}

function tableLines(table: Table, options: PlainTextOptions): readonly string[] {
  const line = (row: readonly (readonly Inline[])[]) =>
    row.map((cell) => plainInlines(cell, options).replaceAll('\n', ' ')).join(' | ');
  const { header, rows } = table;
  return [...(header ? [line(header), header.map(() => '---').join(' | ')] : []), ...rows.map(line)];
}

function sign(mark: Mark): string {
  switch (mark) {
    case 'bold':
      return '**';
    case 'italic':
      return '_';
    case 'strike':
      return '~~';
    case 'code':
      return '`';
    case 'spoiler':
      return '||';
    default:
      return ''; // underline and colours have no sign
  }
}

function plainLeaf(node: Parameters<InlineWriter['leaf']>[0], options: PlainTextOptions): string {
  switch (node.type) {
    case 'link': {
      const shown = plainInlines(node.children, options);
      if (showsAddress(node.url, shown)) return shown;
      return options.spelled ? `${shown} (${node.url})` : `[${shown}](${node.url})`;
    }
    case 'mention':
      return mentionText(node.target);
    case 'emoji':
      return emojiText(node);
    case 'break':
      return '\n';
    case 'image':
      return node.alt || (node.src ?? '');
  }
}

const bare: InlineWriter = {
  open: () => '',
  close: () => '',
  text: (node) => node.text,
  leaf: (node) => plainLeaf(node, {}),
};

const spelled: InlineWriter = { ...bare, leaf: (node) => plainLeaf(node, { spelled: true }) };

const markdown: InlineWriter = {
  open: sign,
  close: sign,
  text: (node) => node.text,
  leaf: (node) => plainLeaf(node, { marks: true }),
};
