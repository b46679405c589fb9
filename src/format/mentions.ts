/** Who and what a tree addresses, and exchanging it: Slack's users for ghosts and back, a workspace's emoji for pictures. */
import type { Block, Doc, Emoji, Image, Inline, Link, ListItem, Mention, Text } from './tree.ts';
import { link, mention, text } from './tree.ts';
import { safeUrl } from './url.ts';

/**
 * The tree with each mention replaced by what `replace` gives for it: another mention, or text or a link where there is
 * no counterpart.
 */
export function mapMentions(doc: Doc, replace: (target: Mention) => Inline): Doc {
  return mapInlines(doc, (node) => (node.type === 'mention' ? replace(node.target) : node));
}

/** The tree with each emoji replaced by what `replace` gives for it. */
export function mapEmoji(doc: Doc, replace: (emoji: Emoji) => Inline): Doc {
  return mapInlines(doc, (node) => (node.type === 'emoji' ? replace(node) : node));
}

/**
 * The tree with the pictures that only Matrix can show made links to where they can be seen; one within a link is
 * its words there.
 */
export function linkPictures(doc: Doc, addressOf: () => string): Doc {
  let some = false;
  const isHidden = (node: Inline): node is Image =>
    node.type === 'image' && safeUrl(node.src ?? '') === undefined;
  eachInline(doc.blocks, (node) => {
    some ||= isHidden(node);
  });
  if (!some) return doc;
  const address = addressOf();
  const linked = (node: Inline): Inline =>
    isHidden(node) ? link(address, [text(`🖼️ ${node.alt || 'picture'}`)]) : node;
  const unlinked = (outer: Link): Link => {
    const children = outer.children.flatMap((child) => (child.type === 'link' ? child.children : child));
    return { ...outer, children };
  };
  return { blocks: doc.blocks.map((block) => mapBlock(block, linked, unlinked)) };
}

/** All mentions in reading order, repeated ones included. */
export function collectMentions(doc: Doc): readonly Mention[] {
  const found: Mention[] = [];
  eachInline(doc.blocks, (node) => {
    if (node.type === 'mention') found.push(node.target);
  });
  return found;
}

/** The tree with each link replaced by what `replace` gives for it. */
export function mapLinks(doc: Doc, replace: (link: Link) => Link): Doc {
  return { blocks: doc.blocks.map((block) => mapBlock(block, (node) => node, replace)) };
}

/** The addresses of all links in reading order, repeated ones included. */
export function collectLinks(doc: Doc): readonly string[] {
  const found: string[] = [];
  eachInline(doc.blocks, (node) => {
    if (node.type === 'link') found.push(node.url);
  });
  return found;
}

/** All emoji in reading order, repeated ones included. */
export function collectEmoji(doc: Doc): readonly Emoji[] {
  const found: Emoji[] = [];
  eachInline(doc.blocks, (node) => {
    if (node.type === 'emoji') found.push(node);
  });
  return found;
}

/** The call to all that Matrix's text form writes: `@room` as a word of its own, outside code. */
const roomCall = /(?<![\w@])@room(?!\w)/;

/**
 * The tree with the word `@room` in its text made a call to the channel. For an event whose `m.mentions.room` is set and
 * whose sender may do so: elsewhere `@room` is only a word.
 */
export function withRoomCalls(doc: Doc): Doc {
  return mapInlines(doc, (node) => (node.type === 'text' && !node.marks.code ? splitRoomCalls(node) : node));
}

function splitRoomCalls(node: Text): readonly Inline[] {
  const out: Inline[] = [];
  for (const [index, part] of node.text.split(roomCall).entries()) {
    if (index > 0) out.push(mention({ type: 'everyone', range: 'channel' }));
    if (part !== '') out.push(text(part, node.marks));
  }
  return out;
}

type Replace = (node: Inline) => Inline | readonly Inline[];

/** The tree with each inline node replaced; what is inside a link is asked for too, the link itself isn't. */
function mapInlines(doc: Doc, replace: Replace): Doc {
  return { blocks: doc.blocks.map((block) => mapBlock(block, replace)) };
}

function mapBlock(block: Block, replace: Replace, replaceLink: (link: Link) => Link = (link) => link): Block {
  const inlines = (children: readonly Inline[]): readonly Inline[] => {
    const out: Inline[] = [];
    for (const node of children) {
      const replaced =
        node.type === 'link' ? replaceLink({ ...node, children: inlines(node.children) }) : replace(node);
      if ('type' in replaced) out.push(replaced);
      else out.push(...replaced);
    }
    return out;
  };
  const mapInner = (inner: Block): Block => mapBlock(inner, replace, replaceLink);
  switch (block.type) {
    case 'paragraph':
    case 'heading':
      return { ...block, children: inlines(block.children) };
    case 'list': {
      const item = (each: ListItem) => ({ blocks: each.blocks.map(mapInner) });
      return { ...block, items: block.items.map(item) };
    }
    case 'quote':
      return { ...block, blocks: block.blocks.map(mapInner) };
    case 'table': {
      const { header, rows } = block;
      return {
        ...block,
        ...(header && { header: header.map(inlines) }),
        rows: rows.map((row) => row.map(inlines)),
      };
    }
    case 'code':
    case 'divider':
      return block;
  }
}

function eachInline(blocks: readonly Block[], visit: (node: Inline) => void): void {
  for (const block of blocks) {
    switch (block.type) {
      case 'paragraph':
      case 'heading':
        visitInlines(block.children, visit);
        break;
      case 'list':
        for (const item of block.items) eachInline(item.blocks, visit);
        break;
      case 'quote':
        eachInline(block.blocks, visit);
        break;
      case 'table':
        for (const cell of block.header ?? []) visitInlines(cell, visit);
        for (const row of block.rows) for (const cell of row) visitInlines(cell, visit);
        break;
      case 'code':
      case 'divider':
        break;
    }
  }
}

function visitInlines(children: readonly Inline[], visit: (node: Inline) => void): void {
  for (const node of children) {
    visit(node);
    if (node.type === 'link') visitInlines(node.children, visit);
  }
}
