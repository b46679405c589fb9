/** Slack mrkdwn: writing it. */
import { isEmojiName } from './emoji.ts';
import { asBold, unmarkSpaces, writeInlines } from './marks.ts';
import type { InlineWriter, Mark } from './marks.ts';
import { escapeMrkdwn } from './mrkdwn-tokens.ts';
import { emojiText, plainInlines, showsAddress } from './plain-text.ts';
import { isLiveOnSlack, mentionOnSlack } from './slack-mention.ts';
import type { SlackRenderOptions } from './slack-mention.ts';
import type { Block, Doc, Inline, List, Mention, Table } from './tree.ts';
import { safeUrl } from './url.ts';

/** Each level of nesting costs characters in each line; deeper ones are written like this one. */
const maxIndents = 8;

/**
 * A tree as Slack mrkdwn, for a message's `text`: notifications, screen readers, clients without blocks.
 *
 * No text in the tree can become a mention or a link: `&`, `<` and `>` are escaped in all of it. `*`, `_`, `~` and
 * backticks in text may still look like marks, because mrkdwn has no escape for them.
 */
export function renderMrkdwn(doc: Doc, options: SlackRenderOptions = {}): string {
  return joinBlocks(doc.blocks, options, 0).join('\n');
}

function joinBlocks(blocks: readonly Block[], options: SlackRenderOptions, depth: number): readonly string[] {
  const lines: string[] = [];
  let before: Block | undefined;
  for (const block of blocks) {
    if (before?.type === 'paragraph' && block.type === 'paragraph') lines.push('');
    for (const line of blockLines(block, options, depth)) lines.push(line);
    before = block;
  }
  return lines;
}

function blockLines(block: Block, options: SlackRenderOptions, depth: number): readonly string[] {
  switch (block.type) {
    case 'paragraph':
      return inlineText(block.children, options).split('\n');
    case 'heading':
      return inlineText(block.children.map(asBold), options).split('\n');
    case 'list':
      return listLines(block, options, depth);
    case 'quote': {
      const lines = joinBlocks(block.blocks, options, depth + 1);
      return depth < maxIndents ? lines.map((line) => `> ${line}`) : lines;
    }
    case 'code':
      return ['```', ...escapeMrkdwn(block.text).split('\n'), '```'];
    case 'divider':
      return ['———'];
    case 'table':
      return tableLines(block);
  }
}

function listLines(list: List, options: SlackRenderOptions, depth: number): readonly string[] {
  const indent = depth < maxIndents ? '    ' : '';
  const out: string[] = [];
  for (const [index, item] of list.items.entries()) {
    const sign = list.ordered ? `${list.start + index}. ` : '• ';
    for (const [row, line] of joinBlocks(item.blocks, options, depth + 1).entries()) {
      out.push(row === 0 ? sign + line : indent + line);
    }
  }
  return out;
}

function tableLines({ header, rows }: Table): readonly string[] {
  const all = header ? [header, ...rows] : rows;
  return all.map((row) =>
    row.map((cell) => escapeMrkdwn(plainInlines(cell).replaceAll('\n', ' '))).join(' | '),
  );
}

function inlineText(children: readonly Inline[], options: SlackRenderOptions): string {
  const writer: InlineWriter = {
    open: sign,
    close: sign,
    text: (node) => escapeMrkdwn(node.text),
    leaf: (node) => leaf(node, options),
  };
  return writeInlines(unmarkSpaces(children), writer);
}

function sign(mark: Mark): string {
  switch (mark) {
    case 'bold':
      return '*';
    case 'italic':
      return '_';
    case 'strike':
      return '~';
    case 'code':
      return '`';
    case 'spoiler':
      return '||';
    default:
      return ''; // Slack has no sign for underline and colours
  }
}

function leaf(node: Parameters<InlineWriter['leaf']>[0], options: SlackRenderOptions): string {
  switch (node.type) {
    case 'link':
      return linkToken(node.url, plainInlines(node.children));
    case 'mention':
      return isLiveOnSlack(node.target, options) ? mentionToken(node.target) : staticMention(node.target);
    case 'emoji':
      return isEmojiName(node.name) ? `:${node.name}:` : escapeMrkdwn(emojiText(node));
    case 'break':
      return '\n';
    case 'image':
      return escapeMrkdwn(node.alt || (safeUrl(node.src ?? '') ?? '[image]'));
  }
}

function linkToken(url: string, shown: string): string {
  const address = safeUrl(url);
  const label = escapeMrkdwn(shown.replaceAll('\n', ' '));
  if (address === undefined) return label;
  return showsAddress(address, shown) ? `<${escapeMrkdwn(address)}>` : `<${escapeMrkdwn(address)}|${label}>`;
}

function staticMention(target: Mention): string {
  const node = mentionOnSlack(target);
  return node.type === 'link'
    ? linkToken(node.url, plainInlines(node.children))
    : escapeMrkdwn(plainInlines([node]));
}

function mentionToken(target: Mention): string {
  switch (target.type) {
    case 'slack-user':
      return `<@${target.user}>`;
    case 'slack-channel':
      return `<#${target.channel}>`;
    case 'usergroup':
      return `<!subteam^${target.usergroup}>`;
    case 'everyone':
      return `<!${target.range}>`;
    default:
      return staticMention(target);
  }
}
