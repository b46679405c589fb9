/** Writing running text in a format whose marks open and close: HTML, mrkdwn, plain text. */
import type { Inline, Marks, Text } from './tree.ts';
import { noMarks, text } from './tree.ts';

/** One mark that is on; a colour stands for itself, as `#rrggbb`. */
export type Mark = 'spoiler' | 'bold' | 'italic' | 'underline' | 'strike' | 'code' | `#${string}`;

export interface InlineWriter {
  readonly open: (mark: Mark) => string;
  readonly close: (mark: Mark) => string;
  readonly text: (node: Text) => string;
  readonly leaf: (node: Exclude<Inline, Text>) => string;
}

/** Marks from the outermost to the innermost. */
function marksOf({ spoiler, color, bold, italic, underline, strike, code }: Marks): readonly Mark[] {
  const marks: Mark[] = [];
  if (spoiler) marks.push('spoiler');
  if (color?.startsWith('#')) marks.push(`#${color.slice(1)}`);
  if (bold) marks.push('bold');
  if (italic) marks.push('italic');
  if (underline) marks.push('underline');
  if (strike) marks.push('strike');
  if (code) marks.push('code');
  return marks;
}

/**
 * Writes inline nodes with as few marks opened as a proper nesting allows. A node without marks of its own (a break, a
 * mention, an emoji) stays inside those that go on after it, except code; a link closes all marks and opens its own.
 */
export function writeInlines(children: readonly Inline[], writer: InlineWriter): string {
  const wanted = wantedMarks(children);
  const open: Mark[] = [];
  let out = '';
  for (const [index, child] of children.entries()) {
    const marks = wanted?.[index] ?? none;
    const kept = open.findIndex((mark) => !marks.includes(mark));
    if (kept >= 0) for (const mark of open.splice(kept).reverse()) out += writer.close(mark);
    if (child.type !== 'text') {
      out += writer.leaf(child);
      continue;
    }
    for (const mark of marks) {
      if (open.includes(mark)) continue;
      open.push(mark);
      out += writer.open(mark);
    }
    out += writer.text(child);
  }
  for (const mark of open.reverse()) out += writer.close(mark);
  return out;
}

const none: readonly Mark[] = [];

/** Of each child; `undefined` where none has any, as mostly. */
function wantedMarks(children: readonly Inline[]): readonly (readonly Mark[])[] | undefined {
  if (!children.some((child) => child.type === 'text' && child.marks !== noMarks)) return undefined;
  const wanted: (readonly Mark[])[] = [];
  let following = none;
  for (const child of children.toReversed()) {
    if (child.type === 'link') following = none;
    else if (child.type === 'text') following = child.marks === noMarks ? none : marksOf(child.marks);
    const keepsCode = child.type === 'text' || child.type === 'break' || following.length === 0;
    wanted.push(keepsCode ? following : following.filter((mark) => mark !== 'code'));
  }
  return wanted.reverse();
}

/** The same nodes with spaces at the ends of marked texts unmarked, for formats whose markers must touch a word. */
export function unmarkSpaces(children: readonly Inline[]): readonly Inline[] {
  if (!children.some(hasMarkedEnds)) return children;
  return children.flatMap((node): readonly Inline[] => {
    if (node.type !== 'text' || !hasMarkedEnds(node)) return [node];
    const core = node.text.trim();
    if (core === '') return [text(node.text)];
    const start = node.text.indexOf(core);
    const parts = [
      text(node.text.slice(0, start)),
      text(core, node.marks),
      text(node.text.slice(start + core.length)),
    ];
    return parts.filter((part) => part.text !== '');
  });
}

function hasMarkedEnds(node: Inline): boolean {
  if (node.type !== 'text' || node.marks === noMarks || node.marks.code === true) return false;
  return node.text.trim().length !== node.text.length;
}

/** Running text in bold, its links too: headings, where there are none. */
export function asBold(node: Inline): Inline {
  if (node.type === 'text') return text(node.text, { ...node.marks, bold: true });
  return node.type === 'link' ? { ...node, children: node.children.map(asBold) } : node;
}
