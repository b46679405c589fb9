/** Tables for Slack: as its own blocks, and drawn. */
import { asBold } from './marks.ts';
import { plainInlines } from './plain-text.ts';
import { richTextElements } from './rich-text-elements.ts';
import type { TableBlock, TableBlockCell } from './slack-blocks.ts';
import type { SlackRenderOptions } from './slack-mention.ts';
import type { Table, TableCell } from './tree.ts';

const maxRows = 100;
const maxColumns = 20;
const maxCharacters = 10_000;

/**
 * Whether Slack takes a table as a block; it takes one a message, of 100 rows, 20 columns and 10,000 characters.
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks/table-block
 */
export function fitsTableBlock(table: Table): boolean {
  const rows = rowsOf(table);
  if (rows.length === 0 || rows.length > maxRows) return false;
  let characters = 0;
  for (const row of rows) {
    if (row.length > maxColumns) return false;
    for (const cell of row) characters += plainInlines(cell).length;
  }
  return characters <= maxCharacters && columnsOf(rows) > 0;
}

/** A table that fits as a block: rows filled up to one length, the header bold. */
export function renderTable(table: Table, options: SlackRenderOptions): TableBlock {
  const rows = rowsOf(table);
  const columns = columnsOf(rows);
  return {
    type: 'table',
    rows: rows.map((row, index) =>
      Array.from({ length: columns }, (_, column) => {
        const cell = row[column] ?? [];
        return renderCell(table.header && index === 0 ? cell.map(asBold) : cell, options);
      }),
    ),
  };
}

function rowsOf({ header, rows }: Table): readonly (readonly TableCell[])[] {
  return header ? [header, ...rows] : rows;
}

function columnsOf(rows: readonly (readonly TableCell[])[]): number {
  return rows.reduce((most, row) => Math.max(most, row.length), 0);
}

function renderCell(cell: TableCell, options: SlackRenderOptions): TableBlockCell {
  const elements = richTextElements(cell, options);
  const [only] = elements;
  if (!only) return { type: 'raw_text', text: ' ' }; // Slack refuses a cell without text
  if (elements.length === 1 && only.type === 'text' && !only.style)
    return { type: 'raw_text', text: only.text };
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}

/** A table in characters of one width, a row on each line; `aligned`: with its columns below each other. */
export function drawTable({ header, rows }: Table, aligned: boolean): string {
  const texts = (header ? [header, ...rows] : rows).map((row) =>
    row.map((cell) => plainInlines(cell).replaceAll('\n', ' ')),
  );
  if (!aligned) return texts.map((row) => row.join(' | ').trimEnd()).join('\n');
  const widths: number[] = [];
  for (const row of texts)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  const cap = 40; // a wide cell pushes its own row only, so that the drawing stays linear in the table
  const lines = texts.map((row) =>
    row
      .map((cell, column) => cell.padEnd(Math.min(widths[column] ?? 0, cap)))
      .join(' | ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(Math.min(width, cap))).join('-+-');
  return (header ? [...lines.slice(0, 1), rule, ...lines.slice(1)] : lines).join('\n');
}
