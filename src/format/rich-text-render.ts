/** Slack's rich_text blocks: writing them. */
import { asBold } from './marks.ts';
import { richTextElements } from './rich-text-elements.ts';
import type {
  RichTextElement,
  RichTextList,
  RichTextPart,
  RichTextSection,
  SlackBlock,
} from './slack-blocks.ts';
import type { SlackRenderOptions } from './slack-mention.ts';
import { drawTable, fitsTableBlock, renderTable } from './table-block.ts';
import type { Block, Doc, Inline, List, ListItem, Table } from './tree.ts';
import { lineBreak, text } from './tree.ts';

/** Slack's lists indent this far; deeper ones stay at it. */
const maxIndent = 8;
/** Quotes in quotes have a sign in each line, up to here. */
const maxQuoteSigns = 8;
/** So many dividers are blocks of their own; further ones are lines of dashes, because a message holds 50 blocks. */
const maxDividers = 20;
/** Characters: what Slack takes (`slackLimits`) beyond what a message was split at. */
const maxPadding = 1000;

/**
 * A tree as Slack blocks: rich_text, with dividers and the first table as blocks of their own. Empty for an empty tree.
 *
 * Text needs no escaping in these, so no text can become a mention, a link or a mark. Calls to a channel or a usergroup
 * are text unless `options.broadcast`. Emoji that have a picture and no characters are text: take the picture away
 * (`mapEmoji`) from those that the workspace knows. What Slack can't show is shown by other means: headings are bold,
 * quotes in quotes have `>` signs, further tables are drawn in code, spoilers stand between bars.
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
 */
export function renderRichText(doc: Doc, options: SlackRenderOptions = {}): readonly SlackBlock[] {
  const writer = new RichTextWriter(options);
  writer.blocks(doc.blocks, { quoted: 0, indent: 0, nested: false });
  return writer.end();
}

interface Place {
  /** How many quotes lie around. */
  readonly quoted: number;
  /** The indent that a list has here. */
  readonly indent: number;
  /** Whether this lies in a list or quote, where only parts of a rich_text block can be. */
  readonly nested: boolean;
}

class RichTextWriter {
  private readonly out: SlackBlock[] = [];
  private readonly options: SlackRenderOptions;
  private parts: RichTextPart[] = [];
  private dividers = 0;
  private table = false;
  /** What drawn tables may have beside their text. */
  private padding = maxPadding;
  /** Paragraphs and headings that share a section, or a quote, until something else comes. */
  private prose: Inline[] = [];
  private proseQuoted = false;

  constructor(options: SlackRenderOptions) {
    this.options = options;
  }

  end(): readonly SlackBlock[] {
    this.endRichText();
    return this.out;
  }

  blocks(blocks: readonly Block[], place: Place): void {
    let before: Block | undefined;
    for (const block of blocks) {
      this.block(block, place, before);
      before = block;
    }
  }

  private block(block: Block, place: Place, before: Block | undefined): void {
    switch (block.type) {
      case 'paragraph':
        this.addProse(block.children, place, before?.type === 'paragraph');
        return;
      case 'heading':
        this.addProse(block.children.map(asBold), place, before !== undefined);
        return;
      case 'list':
        this.list(block, place);
        return;
      case 'quote':
        this.blocks(block.blocks, { ...place, quoted: place.quoted + 1, nested: true });
        if (!place.nested) this.endProse();
        return;
      case 'code':
        this.code(block.text, place, block.language);
        return;
      case 'divider':
        this.divider(place);
        return;
      case 'table':
        this.addTable(block, place);
    }
  }

  private addProse(children: readonly Inline[], place: Place, apart: boolean): void {
    const quoted = place.quoted > 0;
    if (quoted !== this.proseQuoted) this.endProse();
    this.proseQuoted = quoted;
    const signs = '> '.repeat(Math.min(place.quoted - (quoted ? 1 : 0), maxQuoteSigns));
    const start = () => {
      if (signs !== '') this.prose.push(text(signs));
    };
    if (this.prose.length > 0) {
      this.prose.push(lineBreak());
      if (apart) {
        start();
        this.prose.push(lineBreak());
      }
    }
    start();
    for (const child of children) {
      this.prose.push(child);
      if (child.type === 'break') start();
    }
  }

  private endProse(): void {
    const elements = richTextElements(this.prose, this.options);
    this.prose = [];
    if (elements.length === 0) return;
    this.parts.push({ type: this.proseQuoted ? 'rich_text_quote' : 'rich_text_section', elements });
  }

  private part(part: RichTextPart): void {
    this.endProse();
    this.parts.push(part);
  }

  private endRichText(): void {
    this.endProse();
    if (this.parts.length > 0) this.out.push({ type: 'rich_text', elements: this.parts });
    this.parts = [];
  }

  private code(value: string, place: Place, language?: string): void {
    if (value === '') return;
    this.part({
      type: 'rich_text_preformatted',
      elements: [{ type: 'text', text: value }],
      ...(language !== undefined && { language }),
      ...(place.quoted > 0 && { border: 1 }),
    });
  }

  private divider(place: Place): void {
    if (place.nested || this.dividers >= maxDividers) {
      this.addProse([text('———')], place, false);
      return;
    }
    this.endRichText();
    this.out.push({ type: 'divider' });
    this.dividers += 1;
  }

  private addTable(table: Table, place: Place): void {
    if (place.nested || this.table || !fitsTableBlock(table)) {
      this.code(this.draw(table), place);
      return;
    }
    this.endRichText();
    this.out.push(renderTable(table, this.options));
    this.table = true;
  }

  /** Columns below each other, or merely rows once that would make the message longer than Slack takes. */
  private draw(table: Table): string {
    const rows = drawTable(table, false);
    const columns = drawTable(table, true);
    const padding = columns.length - rows.length;
    if (padding > this.padding) return rows;
    this.padding -= padding;
    return columns;
  }

  /** Items as sections; what can't be in a section (a list, code, a quote) interrupts the list, which then counts on. */
  private list(list: List, place: Place): void {
    let sections: RichTextSection[] = [];
    let first = 0; // the place in the list of the first of these sections
    const flush = (next: number) => {
      if (sections.length > 0) this.part(this.listPart(list, place, sections, list.start - 1 + first));
      sections = [];
      first = next;
    };
    for (const [index, item] of list.items.entries()) {
      const [prose, rest] = splitItem(item);
      const elements: readonly RichTextElement[] = richTextElements(prose, this.options);
      if (elements.length > 0) sections.push({ type: 'rich_text_section', elements });
      if (elements.length > 0 && rest.length === 0) continue;
      flush(index + 1);
      this.blocks(rest, { ...place, indent: place.indent + 1, nested: true });
    }
    flush(list.items.length);
  }

  private listPart(
    list: List,
    place: Place,
    elements: readonly RichTextSection[],
    offset: number,
  ): RichTextList {
    return {
      type: 'rich_text_list',
      style: list.ordered ? 'ordered' : 'bullet',
      elements,
      indent: Math.min(place.indent, maxIndent),
      ...(list.ordered && offset > 0 && { offset }),
      ...(place.quoted > 0 && { border: 1 }),
    };
  }
}

/** An item's leading paragraphs as running text, and its other blocks. */
function splitItem(item: ListItem): readonly [readonly Inline[], readonly Block[]] {
  const prose: Inline[] = [];
  for (const [index, block] of item.blocks.entries()) {
    if (block.type !== 'paragraph' && block.type !== 'heading') return [prose, item.blocks.slice(index)];
    if (index > 0) prose.push(lineBreak(), lineBreak());
    for (const child of block.children) prose.push(block.type === 'heading' ? asBold(child) : child);
  }
  return [prose, []];
}
