/** Splitting a message that is too long for one. */
import { flattenBlocks } from './flatten.ts';
import { normalise } from './normalise.ts';
import { plainInlines } from './plain-text.ts';
import { blockCosts, codeCost, inlineCost, slackLimits, surelyFits, textCost } from './split-limits.ts';
import type { SplitLimits } from './split-limits.ts';
import { affordable, cutLength, lookBack } from './split-text.ts';
import type {
  Block,
  CodeBlock,
  Doc,
  Heading,
  Inline,
  List,
  ListItem,
  Paragraph,
  Quote,
  Table,
  TableRow,
  Text,
} from './tree.ts';
import { text } from './tree.ts';

export { matrixLimits, slackLimits } from './split-limits.ts';
export type { SplitLimits } from './split-limits.ts';

/**
 * The tree in pieces of which each is within the limits (Slack's, unless others are given); one piece if it fits, none if it is empty. The same tree always
 * gives the same pieces.
 *
 * It is cut between blocks where it can be, else in them: between items and rows, behind a line's end, behind a word,
 * never inside a grapheme, a mention or an emoji, and inside a link only if the link alone is too long. What is cut is
 * closed and opened again: quotes, lists with their numbers, code with its language, tables with their header.
 */
export function splitDoc(doc: Doc, limits: SplitLimits = slackLimits): readonly Doc[] {
  const { blocks } = normalise(doc);
  if (surelyFits(blocks, limits)) return blocks.length === 0 ? [] : [{ blocks }];
  const splitter = new Splitter(limits, blockCosts(blocks, limits));
  splitter.addBlocks(blocks);
  return splitter.end();
}

/** A list or quote that the current place lies in, and how to open it again in the next piece. */
interface Open {
  /** Adds itself, empty, and gives the blocks inside it. */
  readonly reopen: (into: Block[]) => Block[];
  /** The blocks inside it in the piece that is open now. */
  blocks: Block[];
}

class Splitter {
  private readonly limits: SplitLimits;
  private readonly costs: ReadonlyMap<Block, number>;
  private readonly pieces: Doc[] = [];
  private readonly path: Open[] = [];
  private root: Block[] = [];
  /** Where blocks are added: the innermost open list item or quote, or the root. */
  private target: Block[] = this.root;
  private left: number;
  /** Whether the piece holds anything but reopened lists and quotes. */
  private filled = false;

  constructor(limits: SplitLimits, costs: ReadonlyMap<Block, number>) {
    this.limits = limits;
    this.costs = costs;
    this.left = limits.size;
  }

  end(): readonly Doc[] {
    this.endPiece();
    return this.pieces;
  }

  addBlocks(blocks: readonly Block[]): void {
    for (const block of blocks) this.addBlock(block);
  }

  private endPiece(): void {
    const piece = normalise({ blocks: this.root });
    if (piece.blocks.length > 0) this.pieces.push(piece);
  }

  private cut(): void {
    this.endPiece();
    this.root = [];
    this.left = this.limits.size;
    this.filled = false;
    this.target = this.root;
    for (const open of this.path) {
      open.blocks = open.reopen(this.target);
      this.target = open.blocks;
    }
  }

  private spend(cost: number): void {
    this.left -= cost;
    this.filled = true;
  }

  private addBlock(block: Block): void {
    const cost = this.costs.get(block) ?? 0;
    if (cost > this.left && this.filled && cost <= this.limits.size - this.reopenCost()) this.cut();
    if (cost <= this.left) {
      this.spend(cost);
      this.target.push(block);
      return;
    }
    switch (block.type) {
      case 'paragraph':
      case 'heading':
        this.addInlines(block);
        return;
      case 'list':
        this.addList(block);
        return;
      case 'quote':
        this.addQuote(block);
        return;
      case 'code':
        this.addCode(block);
        return;
      case 'table':
        this.addTable(block);
        return;
      case 'divider':
        this.cut();
        this.target.push(block);
    }
  }

  private reopenCost(): number {
    return this.path.length * (this.limits.block + this.limits.level);
  }

  private enter(reopen: Open['reopen'], inside: () => void): void {
    this.spend(this.limits.block + this.limits.level);
    this.target = reopen(this.target);
    this.path.push({ reopen, blocks: this.target });
    inside();
    this.path.pop();
    this.target = this.path.at(-1)?.blocks ?? this.root;
  }

  private addQuote(quote: Quote): void {
    const reopen = (into: Block[]) => {
      const blocks: Block[] = [];
      into.push({ ...quote, blocks });
      return blocks;
    };
    this.enter(reopen, () => this.addBlocks(quote.blocks));
  }

  /** An item that is cut begins again with its own number. */
  private addList(list: List): void {
    for (const [index, item] of list.items.entries()) {
      const cost = item.blocks.reduce(
        (total, block) => total + (this.costs.get(block) ?? 0),
        this.limits.block,
      );
      if (cost > this.left && this.filled && cost <= this.limits.size - this.reopenCost()) this.cut();
      const reopen = (into: Block[]) => {
        const blocks: Block[] = [];
        const items: ListItem[] = [{ blocks }];
        into.push({ ...list, start: list.ordered ? list.start + index : 1, items });
        return blocks;
      };
      this.enter(reopen, () => this.addBlocks(item.blocks));
    }
  }

  private addInlines(block: Paragraph | Heading): void {
    let line: Inline[] = [];
    const endLine = () => {
      if (line.length > 0) this.target.push({ ...block, children: line });
      line = [];
    };
    for (const node of block.children) {
      let rest: Inline | undefined = node;
      while (rest) {
        const [taken, more] = this.takeInline(rest);
        if (taken) line.push(taken);
        if (more) {
          endLine();
          this.cut();
        }
        rest = more;
      }
    }
    endLine();
  }

  /** The part of a node that fits into this piece, and what is left for the next. */
  private takeInline(node: Inline): readonly [Inline | undefined, Inline | undefined] {
    if (node.type === 'text') return this.takeText(node);
    const cost = inlineCost(node, this.limits, this.path.length);
    if (cost <= this.left) {
      this.spend(cost);
      return [node, undefined];
    }
    if (this.filled) return [undefined, node];
    return this.takeText(text(plainInlines([node]))); // too long for a whole piece: as text it can be cut
  }

  private takeText({ text: value, marks }: Text): readonly [Inline | undefined, Inline | undefined] {
    const length = this.lengthToTake(value, this.left - this.limits.inline, this.limits);
    if (length === 0) return [undefined, text(value, marks)];
    const taken = value.slice(0, length);
    this.spend(this.limits.inline + textCost(taken, this.limits));
    return [text(taken, marks), length < value.length ? text(value.slice(length), marks) : undefined];
  }

  /** How much of a text goes into this piece; 0, a cut before it, only where the next piece has more room. */
  private lengthToTake(value: string, budget: number, limits: SplitLimits): number {
    const length = cutLength(value, budget, limits);
    const inWord =
      length < value.length && length < lookBack && value.slice(0, length).trimEnd().length === length;
    if (this.filled) return inWord ? 0 : length;
    return (
      length || affordable(value, budget, limits) || String.fromCodePoint(value.codePointAt(0) ?? 0).length
    );
  }

  private addCode(block: CodeBlock): void {
    const { limits } = this;
    const indent = limits.level * Math.min(this.path.length, 8);
    const indented: SplitLimits = {
      ...limits,
      character: (char) => limits.character(char) + (char === '\n' ? indent : 0),
    };
    let rest = block.text;
    while (rest !== '') {
      const length = this.lengthToTake(rest, this.left - limits.block - limits.inline - indent, indented);
      if (length > 0) {
        const taken = rest.slice(0, length);
        this.target.push({
          ...block,
          text: taken.endsWith('\n') && length < rest.length ? taken.slice(0, -1) : taken,
        });
        this.spend(limits.block + codeCost(taken, limits, this.path.length));
      }
      rest = rest.slice(length);
      if (rest !== '') this.cut();
    }
  }

  /** Rows that fit together are a table, with the header again if it is small; a row too long for a piece is text. */
  private addTable(table: Table): void {
    const header = table.header ?? [];
    const small = this.rowCost(header) <= this.limits.size / 4;
    let shown = header.length === 0; // whether the header was
    let rows: TableRow[] = [];
    const flush = () => {
      const repeated = header.length > 0 && (small || !shown);
      if (rows.length > 0) this.target.push({ type: 'table', ...(repeated && { header }), rows });
      shown ||= rows.length > 0;
      rows = [];
    };
    const asText = (row: TableRow) => {
      this.addInlines({ type: 'paragraph', children: flattenBlocks([{ type: 'table', rows: [row] }]) });
    };
    const showHeader = () => {
      if (!shown) asText(header);
      shown = true;
    };
    const again = (small ? this.rowCost(header) : 0) + this.limits.block; // what a table costs before its first row
    if (!small) showHeader();
    this.left -= again;
    for (const row of table.rows) {
      const cost = this.rowCost(row);
      if (cost > this.left) {
        flush();
        this.cut();
        this.left -= again;
      }
      if (cost <= this.left) {
        rows.push(row);
        this.spend(cost);
      } else {
        showHeader();
        asText(row);
        this.left -= again;
      }
    }
    flush();
  }

  private rowCost(row: TableRow): number {
    return row.reduce(
      (total, cell) =>
        cell.reduce((sum, node) => sum + inlineCost(node, this.limits, 0), total + this.limits.block),
      this.limits.block,
    );
  }
}
