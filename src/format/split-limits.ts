/** What a piece of a split message may cost, and what parts of a tree cost on each network. */
import { plainInlines } from './plain-text.ts';
import type { Block, Inline, Mention } from './tree.ts';

export interface SplitLimits {
  /** What one piece may cost. */
  readonly size: number;
  /** What one character (code point) costs. */
  readonly character: (char: string) => number;
  /** The most that a UTF-16 unit costs. */
  readonly unit: number;
  /** What each inline node costs besides its characters, each block, and each line for each level it lies deep. */
  readonly inline: number;
  readonly block: number;
  readonly level: number;
  /** Texts are measured by their length only, each unit at its most. */
  readonly isRough?: boolean;
}

/**
 * Slack: all text in a message's blocks together stays below about 13,200 characters (`msg_blocks_too_long`), a
 * message's `text` below 40,000; both count what is escaped.
 *
 * @see https://docs.slack.dev/reference/methods/chat.postMessage
 */
export const slackLimits: SplitLimits = {
  size: 12_000,
  character: (char) => (char === '&' ? 5 : char === '<' || char === '>' ? 4 : char.length),
  unit: 5,
  inline: 4,
  block: 4,
  level: 4,
};

/**
 * Matrix: an event holds 65,536 bytes of JSON, in which the text stands twice, plain and as HTML; encryption makes it a
 * third longer.
 *
 * @see https://spec.matrix.org/latest/client-server-api/#size-limits
 */
export const matrixLimits: SplitLimits = {
  size: 44_000,
  character: matrixCharacter,
  unit: 12,
  inline: 60,
  block: 60,
  level: 3,
};

function matrixCharacter(char: string): number {
  switch (char) {
    case '"':
      return 2 + 6;
    case '&':
    case "'":
      return 1 + 5;
    case '<':
    case '>':
      return 1 + 4;
    case '\\':
      return 2 + 2;
    case '\n':
      return 2 + 4;
    case ' ':
      return 1 + 2; // it may become a no-break space
    default: {
      const point = char.codePointAt(0) ?? 0;
      return 2 * (point < 0x20 ? 6 : point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);
    }
  }
}

export function textCost(value: string, limits: SplitLimits): number {
  if (limits.isRough === true) return value.length * limits.unit;
  let cost = 0;
  for (const char of value) cost += limits.character(char);
  return cost;
}

export function inlineCost(node: Inline, limits: SplitLimits, depth: number): number {
  switch (node.type) {
    case 'text':
      return limits.inline + textCost(node.text, limits);
    case 'break':
      return limits.character('\n') + limits.level * Math.min(depth, 8);
    case 'link':
      return node.children.reduce(
        (cost, child) => cost + textCost(plainInlines([child]), limits) + limits.inline,
        limits.inline + textCost(node.url, limits),
      );
    case 'mention':
      return 2 * limits.inline + 2 * textCost(mentionWords(node.target), limits);
    case 'emoji':
      return 2 * limits.inline + textCost(node.name, limits) + textCost(node.image ?? '', limits);
    case 'image':
      return 2 * limits.inline + 2 * textCost(node.alt, limits) + textCost(node.src ?? '', limits);
  }
}

/** All that a mention's renderings hold: its label, its id, in an address as well. */
function mentionWords(target: Mention): string {
  const { type: _, ...said } = target;
  return Object.values(said).flat().join(' ');
}

/** Whether the blocks fit one piece even if each character costs the most: with what people mostly write that is so. */
export function surelyFits(blocks: readonly Block[], limits: SplitLimits): boolean {
  const costs = blockCosts(blocks, { ...limits, isRough: true });
  return blocks.reduce((sum, block) => sum + (costs.get(block) ?? 0), 0) <= limits.size;
}

/** What each block of a tree costs, computed once from the innermost outwards. */
export function blockCosts(blocks: readonly Block[], limits: SplitLimits): ReadonlyMap<Block, number> {
  const costs = new Map<Block, number>();
  const sum = (inner: readonly Block[], depth: number) =>
    inner.reduce((total, block) => total + cost(block, depth), 0);
  const inlines = (children: readonly Inline[], depth: number) =>
    children.reduce((total, node) => total + inlineCost(node, limits, depth), 0);
  const own = (block: Block, depth: number): number => {
    switch (block.type) {
      case 'paragraph':
      case 'heading':
        return inlines(block.children, depth);
      case 'list':
        return block.items.reduce((total, item) => total + limits.block + sum(item.blocks, depth + 1), 0);
      case 'quote':
        return sum(block.blocks, depth + 1);
      case 'code':
        return codeCost(block.text, limits, depth);
      case 'divider':
        return 0;
      case 'table': {
        const rows = block.header ? [block.header, ...block.rows] : block.rows;
        const cells = rows.flat().reduce((total, cell) => total + limits.block + inlines(cell, depth), 0);
        return rows.length * limits.block + cells; // rows without cells are rows, too
      }
    }
  };
  const cost = (block: Block, depth: number): number => {
    const total = limits.block + limits.level * Math.min(depth, 8) + own(block, depth);
    costs.set(block, total);
    return total;
  };
  sum(blocks, 0);
  return costs;
}

/** Code costs its characters, and each of its lines its indent. */
export function codeCost(value: string, limits: SplitLimits, depth: number): number {
  const lines = depth === 0 ? 0 : value.split('\n').length;
  return limits.inline + textCost(value, limits) + lines * limits.level * Math.min(depth, 8);
}
