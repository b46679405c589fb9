/** Blocks where only running text can be: cells of a table, context lines. */
import type { Block, Inline } from './tree.ts';
import { lineBreak, text } from './tree.ts';

/** Blocks as lines of running text, each with the sign of what it was. */
export function flattenBlocks(blocks: readonly Block[]): readonly Inline[] {
  return lines(blocks.map(flattenBlock));
}

function flattenBlock(block: Block): readonly Inline[] {
  switch (block.type) {
    case 'paragraph':
    case 'heading':
      return block.children;
    case 'code':
      return [text(block.text, { code: true })];
    case 'quote':
      return [text('> '), ...flattenBlocks(block.blocks)];
    case 'list':
      return lines(
        block.items.map((item, index) => {
          const sign = text(block.ordered ? `${block.start + index}. ` : '• ');
          return [sign, ...flattenBlocks(item.blocks)];
        }),
      );
    case 'table':
      return lines((block.header ? [block.header, ...block.rows] : block.rows).map(cellsInLine));
    case 'divider':
      return [text('———')];
  }
}

function lines(each: readonly (readonly Inline[])[]): readonly Inline[] {
  const out: Inline[] = [];
  for (const line of each) {
    if (out.length > 0) out.push(lineBreak());
    for (const node of line) out.push(node);
  }
  return out;
}

function cellsInLine(row: readonly (readonly Inline[])[]): readonly Inline[] {
  const out: Inline[] = [];
  for (const cell of row) {
    if (out.length > 0) out.push(text(' | '));
    for (const node of cell) out.push(node);
  }
  return out;
}
