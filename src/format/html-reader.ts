/** Building a tree from HTML's tags as they come. */
import { flattenBlocks } from './flatten.ts';
import {
  anchorOf,
  imageOfElement,
  languageOf,
  marksOfElement,
  raisedText,
  startOf,
} from './html-elements.ts';
import type { Anchor, Attributes, Raised } from './html-elements.ts';
import { InlineRun } from './html-inline-run.ts';
import { maxDepth } from './normalise.ts';
import type { Block, HeadingLevel, Inline, ListItem, Marks, TableRow } from './tree.ts';
import { lineBreak, noMarks } from './tree.ts';

/** An open element. `close` says what becomes of it; `marks` are those outside of it. */
interface Frame {
  readonly tag: string;
  readonly marks: Marks;
  readonly raised: Raised | undefined;
  readonly close: () => void;
  readonly items?: ListItem[];
  readonly table?: OpenTable;
}

interface OpenTable {
  header: TableRow | undefined;
  readonly rows: TableRow[];
  row: Inline[][] | undefined;
  /** Whether the open row has header cells only. */
  heads: boolean;
}

const dropped = new Set(['script', 'style', 'iframe', 'noembed', 'noframes', 'title']);
const lineElements = new Set(
  'div section article header footer main aside nav address center figure figcaption dl dt dd form fieldset'.split(
    ' ',
  ),
);
/** Elements that end tags of running text don't reach out of. */
const structural = new Set('ul ol li blockquote details table tr td th'.split(' '));
const cells = new Set(['td', 'th', 'table']);

export class HtmlReader {
  private readonly frames: Frame[] = [];
  private readonly outer: Block[][] = [];
  private blocks: Block[] = [];
  private run = new InlineRun();
  private marks: Marks = noMarks;
  private raised: Raised | undefined;
  private code: { readonly parts: string[]; language: string | undefined } | undefined;
  /** The element whose content is left out, and how many of its kind are open in it. */
  private skipped: { readonly tag: string; inside: number } | undefined;
  private pending: string[] = [];

  /** Text comes in parts; what stands between two tags is read as one. */
  text(chars: string): void {
    if (this.skipped === undefined) this.pending.push(chars);
  }

  private endText(): void {
    if (this.pending.length === 0) return;
    const chars = this.pending.join('');
    this.pending = [];
    if (this.code) this.code.parts.push(chars);
    else {
      if (chars.trim() !== '') this.ensureItem();
      this.run.addText(this.raised ? raisedText(this.raised, chars) : chars, this.marks);
    }
  }

  open(tag: string, attributes: Attributes): void {
    if (this.skipped) {
      if (tag === this.skipped.tag) this.skipped.inside += 1;
      return;
    }
    this.endText();
    if (this.code) this.openInCode(tag, attributes);
    else if (dropped.has(tag)) this.skipped = { tag, inside: 0 };
    else if (isMaths(tag, attributes)) this.addMaths(tag, attributes.get('data-mx-maths') ?? '');
    else if (!this.openVoid(tag, attributes)) this.openElement(tag, attributes);
  }

  close(tag: string): void {
    if (this.skipped) {
      if (tag !== this.skipped.tag) return;
      if (this.skipped.inside === 0) this.skipped = undefined;
      else this.skipped.inside -= 1;
      return;
    }
    this.endText();
    if (this.code && tag !== 'pre') return;
    if (tag === 'br') this.run.add(lineBreak());
    const index = this.frameOf(tag);
    if (index >= 0) this.closeFrames(index);
  }

  /** Closes what is still open. */
  end(): readonly Block[] {
    this.endText();
    this.closeFrames(0);
    this.flush();
    return this.blocks;
  }

  private openInCode(tag: string, attributes: Attributes): void {
    if (!this.code) return;
    if (tag === 'br') this.code.parts.push('\n');
    if (tag === 'code') this.code.language ??= languageOf(attributes);
    if (tag === 'img') this.code.parts.push(attributes.get('alt') ?? '');
  }

  /** A formula as it was written; what stands in the element is the same for clients that can't draw it. */
  private addMaths(tag: string, formula: string): void {
    this.ensureItem();
    if (tag === 'div') {
      this.flush();
      this.blocks.push({ type: 'code', text: formula });
    } else this.run.addText(formula, { ...this.marks, code: true });
    this.skipped = { tag, inside: 0 };
  }

  private openVoid(tag: string, attributes: Attributes): boolean {
    switch (tag) {
      case 'br':
      case 'img':
        this.ensureItem();
        this.run.add(tag === 'br' ? lineBreak() : imageOfElement(attributes));
        return true;
      case 'hr':
        this.ensureItem();
        this.flush();
        this.blocks.push({ type: 'divider' });
        return true;
      case 'input':
        if (attributes.get('type') === 'checkbox') this.text(attributes.has('checked') ? '☑ ' : '☐ ');
        return true;
      default:
        return false;
    }
  }

  private openElement(tag: string, attributes: Attributes): void {
    if (this.frames.length >= maxDepth) {
      if (structural.has(tag) || lineElements.has(tag) || tag === 'p') this.run.endLine();
      return;
    }
    if (tag !== 'li') this.ensureItem();
    switch (tag) {
      case 'a':
        this.openAnchor(anchorOf(attributes));
        return;
      case 'p':
      case 'summary':
        this.closeOpen('p');
        this.flush();
        this.push(tag, () => this.flush());
        this.addMarks(marksOfElement(tag, attributes));
        return;
      case 'ul':
      case 'ol':
        this.openList(tag, attributes);
        return;
      case 'li':
        this.openItem();
        return;
      case 'blockquote':
      case 'details':
        this.closeOpen('p');
        this.openContainer(tag, (blocks) => this.blocks.push({ type: 'quote', blocks }));
        return;
      case 'pre':
        this.openCode(attributes);
        return;
      case 'table':
        this.openTable();
        return;
      case 'tr':
      case 'td':
      case 'th':
        this.openTablePart(tag);
        return;
      default:
        this.openOther(tag, attributes);
    }
  }

  private openOther(tag: string, attributes: Attributes): void {
    const level = headingLevel(tag);
    if (level !== undefined) {
      this.closeOpen('p');
      this.flush();
      this.push(tag, () => {
        const children = this.run.take();
        if (children.length > 0) this.blocks.push({ type: 'heading', level, children });
      });
      return;
    }
    const marks = marksOfElement(tag, attributes);
    if (lineElements.has(tag)) {
      this.run.endLine();
      this.push(tag, () => this.run.endLine());
    } else if (marks || tag === 'sup' || tag === 'sub') this.push(tag, () => undefined);
    if (tag === 'sup' || tag === 'sub') this.raised = tag;
    const reason = marks?.spoiler && attributes.get('data-mx-spoiler');
    if (reason) this.run.addText(`(${reason}) `, this.marks);
    this.addMarks(marks);
  }

  private addMarks(marks: Marks | undefined): void {
    if (marks) this.marks = { ...this.marks, ...marks };
  }

  private openAnchor(anchor: Anchor | undefined): void {
    this.closeOpen('a');
    if (!anchor) return;
    this.run.openAnchor(anchor);
    this.push('a', () => this.run.closeAnchor());
  }

  private openList(tag: 'ul' | 'ol', attributes: Attributes): void {
    this.closeOpen('p');
    this.flush();
    const items: ListItem[] = [];
    const ordered = tag === 'ol';
    const start = ordered ? startOf(attributes) : 1;
    this.push(
      tag,
      () => {
        this.flush();
        this.blocks.push({ type: 'list', ordered, start, items });
      },
      { items },
    );
  }

  private openItem(): void {
    this.closeOpen('li');
    const items =
      this.frames.at(-1)?.items ??
      this.frames.findLast((frame) => frame.items ?? cells.has(frame.tag))?.items;
    if (items) this.openContainer('li', (blocks) => items.push({ blocks }));
    else this.run.endLine();
  }

  /** What stands in a list but in none of its items gets an item of its own. */
  private ensureItem(): void {
    if (this.frames.at(-1)?.items) this.openItem();
  }

  private openCode(attributes: Attributes): void {
    this.closeOpen('p');
    this.flush();
    const code: NonNullable<typeof this.code> = { parts: [], language: languageOf(attributes) };
    this.code = code;
    this.push('pre', () => {
      this.code = undefined;
      const { language } = code;
      const value = code.parts.join('').replace(/^\n/, '').replace(/\n$/, '');
      this.blocks.push({ type: 'code', text: value, ...(language !== undefined && { language }) });
    });
  }

  private openTable(): void {
    this.closeOpen('p');
    this.flush();
    const table: OpenTable = { header: undefined, rows: [], row: undefined, heads: true };
    this.push(
      'table',
      () => {
        endRow(table);
        this.flush();
        const { header, rows } = table;
        this.blocks.push({ type: 'table', ...(header && { header }), rows });
      },
      { table },
    );
  }

  private openTablePart(tag: 'tr' | 'td' | 'th'): void {
    const at = this.frames.findLastIndex((frame) => frame.table);
    const table = this.frames[at]?.table;
    if (!table) {
      this.run.endLine();
      return;
    }
    this.closeFrames(at + 1);
    if (tag === 'tr' || !table.row) {
      endRow(table);
      table.row = [];
      table.heads = true;
    }
    if (tag === 'tr') return;
    const { row } = table;
    table.heads &&= tag === 'th';
    this.openContainer(tag, (blocks) => row.push([...flattenBlocks(blocks)]));
  }

  /** An element that holds blocks of its own. */
  private openContainer(tag: string, finish: (blocks: readonly Block[]) => void): void {
    this.flush();
    this.outer.push(this.blocks);
    this.blocks = [];
    this.push(tag, () => {
      this.flush();
      const inner = this.blocks;
      this.blocks = this.outer.pop() ?? [];
      finish(inner);
    });
  }

  private push(tag: string, close: () => void, more: Pick<Frame, 'items' | 'table'> = {}): void {
    this.frames.push({ tag, marks: this.marks, raised: this.raised, close, ...more });
  }

  private flush(): void {
    const children = this.run.take();
    if (children.length > 0) this.blocks.push({ type: 'paragraph', children });
  }

  private closeOpen(tag: string): void {
    const index = this.frameOf(tag);
    if (index >= 0) this.closeFrames(index);
  }

  /** The open element that an end tag belongs to, if it can reach it; at most a hundred are open. */
  private frameOf(tag: string): number {
    for (let index = this.frames.length - 1; index >= 0; index -= 1) {
      const open = this.frames[index]?.tag ?? '';
      if (open === tag) return index;
      if (stops(open, tag)) return -1;
    }
    return -1;
  }

  private closeFrames(from: number): void {
    while (this.frames.length > from) {
      const frame = this.frames.pop();
      if (!frame) return;
      frame.close();
      this.marks = frame.marks;
      this.raised = frame.raised;
    }
  }
}

/** Whether the end of `tag` can't lie outside of the open element. */
function stops(open: string, tag: string): boolean {
  if (tag === 'table') return false;
  if (tag === 'td' || tag === 'th') return open === 'table';
  if (tag === 'li') return open === 'ul' || open === 'ol' || cells.has(open);
  return structural.has(tag) || tag === 'pre' || lineElements.has(tag)
    ? cells.has(open)
    : structural.has(open);
}

function endRow(table: OpenTable): void {
  const { row } = table;
  if (!row) return;
  const isHeader = table.heads && row.length > 0 && !table.header && table.rows.length === 0;
  if (isHeader) table.header = row;
  else table.rows.push(row);
  table.row = undefined;
}

function headingLevel(tag: string): HeadingLevel | undefined {
  switch (tag) {
    case 'h1':
      return 1;
    case 'h2':
      return 2;
    case 'h3':
      return 3;
    case 'h4':
      return 4;
    case 'h5':
      return 5;
    case 'h6':
      return 6;
    default:
      return undefined;
  }
}

/** Elements that hold a formula. Any other with such an attribute is what it is. */
function isMaths(tag: string, attributes: Attributes): boolean {
  return (tag === 'span' || tag === 'div') && Boolean(attributes.get('data-mx-maths'));
}
