/** The HTML of Matrix messages: writing it, with the plain body and the list of who is mentioned. */
import type { MatrixUserId } from '../ids.ts';
import { writeInlines } from './marks.ts';
import type { InlineWriter, Mark } from './marks.ts';
import { matrixTo } from './matrix-address.ts';
import { collectMentions } from './mentions.ts';
import { emojiText, mentionText, plainInlines, plainText, showsAddress } from './plain-text.ts';
import type { Block, Doc, Inline, List, Mention, Quote, Table, TableCell, Text } from './tree.ts';
import { text } from './tree.ts';
import { safeUrl } from './url.ts';

export interface HtmlOptions {
  /** Whether a call to all (`@here`, `@channel`) pings the whole room; it is plain text otherwise, and by default. */
  readonly room?: boolean;
  /**
   * Who speaks, where the account is another's: `Name: ` stands before the text, marked so that clients that show the
   * message's own profile leave it out.
   * @see https://github.com/matrix-org/matrix-spec-proposals/pull/4144
   */
  readonly speaker?: string;
}

export interface RenderedHtml {
  /** The text without markup, for clients and notifications that show no HTML. */
  readonly body: string;
  /** Absent where `body` says it all. */
  readonly formattedBody?: string;
  /** For `m.mentions`: everybody whose pill is in the text, once. */
  readonly mentions: { readonly userIds: readonly MatrixUserId[]; readonly room: boolean };
}

/**
 * A tree for Matrix. All text is escaped; links have the schemes http, https and mailto only; mentions of Matrix people
 * and rooms become pills, those that only Slack knows become text, so resolve them first (`mapMentions`). Pictures and
 * emoji with an mxc address are shown, others are links or their names.
 *
 * @see https://spec.matrix.org/latest/client-server-api/#mroommessage-msgtypes
 */
export function renderHtml(doc: Doc, options: HtmlOptions = {}): RenderedHtml {
  const targets = collectMentions(doc);
  const userIds = new Set(targets.flatMap((target) => (target.type === 'matrix-user' ? [target.user] : [])));
  const room = options.room === true && targets.some((target) => target.type === 'everyone');
  const body = plainText(doc, { marks: true });
  const mentions = { userIds: [...userIds], room };
  if (options.speaker !== undefined) return { ...spoken(doc, body, options.speaker), mentions };
  if (doc.blocks.every(isPlain)) return { body, mentions };
  return { body, formattedBody: htmlOf(doc.blocks), mentions };
}

/** The name is the first thing in both, whatever follows it: clients look for it there. */
function spoken(doc: Doc, body: string, speaker: string): Pick<RenderedHtml, 'body' | 'formattedBody'> {
  const ownLine = doc.blocks[0]?.type !== 'paragraph';
  return {
    body: `${speaker}: ${ownLine ? '\n' : ''}${body}`,
    formattedBody: `<strong data-mx-profile-fallback>${escapeHtml(speaker)}: </strong>${htmlOf(doc.blocks)}`,
  };
}

/** Whether a client shows the plain body of a block as it would its HTML. */
function isPlain(block: Block): boolean {
  return block.type === 'paragraph' && block.children.every(isPlainInline);
}

function isPlainInline(node: Inline): boolean {
  switch (node.type) {
    case 'text':
      return Object.keys(node.marks).length === 0;
    case 'break':
      return true;
    case 'link':
      return (
        node.children.every(isPlainInline) &&
        showsAddress(node.url, plainInlines(node.children)) &&
        node.url.startsWith('http')
      );
    case 'emoji':
      return node.unicode !== undefined || node.image === undefined;
    case 'mention':
      return matrixTo(node.target) === undefined;
    case 'image':
      return node.src === undefined;
  }
}

function htmlOf(blocks: readonly Block[]): string {
  const several = blocks.filter((block) => block.type === 'paragraph').length > 1;
  return blocks.map((block) => blockHtml(block, several)).join('');
}

function blockHtml(block: Block, several: boolean): string {
  switch (block.type) {
    case 'paragraph':
      return several ? `<p>${inlineHtml(block.children)}</p>` : inlineHtml(block.children);
    case 'heading':
      return `<h${block.level}>${inlineHtml(block.children)}</h${block.level}>`;
    case 'list':
      return listHtml(block);
    case 'quote':
      return `<blockquote>${htmlOf(quoteBlocks(block))}</blockquote>`;
    case 'code':
      return codeHtml(block.text, block.language);
    case 'divider':
      return '<hr>';
    case 'table':
      return tableHtml(block);
  }
}

function listHtml({ ordered, start, items }: List): string {
  const inner = items.map((item) => `<li>${htmlOf(item.blocks)}</li>`).join('');
  if (!ordered) return `<ul>${inner}</ul>`;
  return start === 1 ? `<ol>${inner}</ol>` : `<ol start="${start}">${inner}</ol>`;
}

/** Clients colour text only: a bar in the quote's colour stands before its first line. */
function quoteBlocks({ blocks, color }: Quote): readonly Block[] {
  const [first, ...rest] = blocks;
  if (color === undefined || first?.type !== 'paragraph') return blocks;
  return [{ ...first, children: [text('▌', { color }), ...first.children] }, ...rest];
}

/** A line feed at either end would be taken for the element's own. */
function codeHtml(value: string, language: string | undefined): string {
  const named =
    language !== undefined && /^[\w+#.-]{1,40}$/.test(language) ? ` class="language-${language}"` : '';
  const start = value.startsWith('\n') ? '\n' : '';
  const end = value.endsWith('\n') ? '\n' : '';
  return `<pre><code${named}>${start}${escapeHtml(value)}${end}</code></pre>`;
}

function tableHtml({ header, rows }: Table): string {
  const row = (cells: readonly TableCell[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${inlineHtml(cell)}</${tag}>`).join('')}</tr>`;
  const head = header ? `<thead>${row(header, 'th')}</thead>` : '';
  return `<table>${head}<tbody>${rows.map((cells) => row(cells, 'td')).join('')}</tbody></table>`;
}

function escapeHtml(value: string): string {
  if (!/[&<>"']/.test(value)) return value;
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function inlineHtml(children: readonly Inline[]): string {
  let folds = true; // the first space of what comes next: at a line's start, or after another space
  const written = (node: Inline, html: string): string => {
    folds = node.type === 'break' || (node.type === 'text' && !node.marks.code && node.text.endsWith(' '));
    return html;
  };
  const writer: InlineWriter = {
    open: openTag,
    close: (mark) => `</${tagOf(mark)}>`,
    text: (node) => written(node, escapeHtml(keepSpaces(node, folds))),
    leaf: (node) => written(node, leafHtml(node)),
  };
  return writeInlines(children, writer);
}

/** HTML folds spaces: all but the last of several become no-break spaces. */
function keepSpaces({ text: value, marks }: Text, folds: boolean): string {
  if (marks.code) return value;
  const inner = value.includes('  ')
    ? value.replace(/ +(?= )/g, (run) => '\u00A0'.repeat(run.length))
    : value;
  return folds && inner.startsWith(' ') ? `\u00A0${inner.slice(1)}` : inner;
}

function tagOf(mark: Mark): string {
  switch (mark) {
    case 'bold':
      return 'strong';
    case 'italic':
      return 'em';
    case 'underline':
      return 'u';
    case 'strike':
      return 'del';
    case 'code':
      return 'code';
    default:
      return 'span';
  }
}

function openTag(mark: Mark): string {
  if (mark === 'spoiler') return '<span data-mx-spoiler>';
  return mark.startsWith('#') ? `<span data-mx-color="${escapeHtml(mark)}">` : `<${tagOf(mark)}>`;
}

function leafHtml(node: Exclude<Inline, Text>): string {
  switch (node.type) {
    case 'break':
      return '<br>';
    case 'link': {
      const url = safeUrl(node.url);
      const inner = inlineHtml(node.children);
      return url === undefined ? inner : `<a href="${escapeHtml(url)}">${inner}</a>`;
    }
    case 'mention':
      return mentionHtml(node.target);
    case 'emoji': {
      if (node.unicode !== undefined || !isMxc(node.image)) return escapeHtml(emojiText(node));
      const name = escapeHtml(`:${node.name}:`);
      return `<img data-mx-emoticon src="${escapeHtml(node.image)}" alt="${name}" title="${name}" height="32">`;
    }
    case 'image': {
      const alt = escapeHtml(node.alt);
      if (isMxc(node.src)) return `<img src="${escapeHtml(node.src)}" alt="${alt}" title="${alt}">`;
      const url = safeUrl(node.src ?? '');
      return url === undefined ? alt : `<a href="${escapeHtml(url)}">${alt || escapeHtml(url)}</a>`;
    }
  }
}

function isMxc(address: string | undefined): address is string {
  return address !== undefined && /^mxc:\/\/[^\s/"<>]+\/[^\s/?#"<>]+$/.test(address);
}

/** A person's pill shows the name without `@`, as clients write them. */
function mentionHtml(target: Mention): string {
  const address = matrixTo(target);
  if (address === undefined) return escapeHtml(mentionText(target));
  const shown = target.type === 'matrix-user' ? (target.label ?? target.user) : mentionText(target);
  return `<a href="${escapeHtml(address)}">${escapeHtml(shown)}</a>`;
}
