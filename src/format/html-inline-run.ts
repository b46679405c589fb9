/** Running text as HTML gives it: spaces fold, lines begin and end, links wrap what is in them. */
import type { Anchor } from './html-elements.ts';
import { plainInlines } from './plain-text.ts';
import type { Inline, Marks, Mention } from './tree.ts';
import { lineBreak, link, mention, text } from './tree.ts';

interface OpenAnchor {
  readonly anchor: Anchor;
  /** Where in the run its content begins. */
  from: number;
  used: boolean;
}

export class InlineRun {
  private nodes: Inline[] = [];
  private anchor: OpenAnchor | undefined;
  /** Whether a space would fold away here: at a line's start, after another space. */
  private afterSpace = true;

  addText(chars: string, marks: Marks): void {
    const folded = marks.code ? chars.replace(/[\r\n]+/g, ' ') : this.fold(chars);
    if (folded === '') return;
    this.nodes.push(text(folded, marks));
    this.afterSpace = !marks.code && folded.endsWith(' ');
  }

  add(node: Inline): void {
    if (node.type === 'break') this.trimEnd();
    this.nodes.push(node);
    this.afterSpace = node.type === 'break';
  }

  /** Ends the line, if anything stands on it. */
  endLine(): void {
    const last = this.nodes.at(-1);
    if (last && last.type !== 'break') this.add(lineBreak());
  }

  openAnchor(anchor: Anchor): void {
    this.anchor = { anchor, from: this.nodes.length, used: false };
  }

  closeAnchor(): void {
    const open = this.anchor;
    if (!open) return;
    this.wrapAnchor();
    this.anchor = undefined;
    if (open.used) return;
    this.add('url' in open.anchor ? link(open.anchor.url) : mention(open.anchor.mention));
  }

  /** All that was gathered; a link that is still open goes on in the next run. */
  take(): readonly Inline[] {
    this.wrapAnchor();
    this.trimEnd();
    const taken = this.nodes;
    this.nodes = [];
    this.afterSpace = true;
    if (this.anchor) this.anchor.from = 0;
    return taken;
  }

  /**
   * Spaces and line feeds fold to one space. A no-break space beside another space, or at a line's start, was put there
   * to keep spaces from folding: it is a space.
   */
  private fold(chars: string): string {
    const single = chars.replace(/[ \t\n\r\f]+/g, ' ');
    const started = this.afterSpace && single.startsWith(' ') ? single.slice(1) : single;
    const first = this.afterSpace ? started.replace(/^\u00A0/, ' ') : started;
    return first.replace(/\u00A0(?=[ \u00A0])|(?<=[ \u00A0])\u00A0/g, ' ');
  }

  private trimEnd(): void {
    const last = this.nodes.at(-1);
    if (last?.type !== 'text' || last.marks.code || !last.text.endsWith(' ')) return;
    this.nodes.pop();
    const trimmed = last.text.slice(0, -1);
    if (trimmed !== '') this.nodes.push(text(trimmed, last.marks));
  }

  private wrapAnchor(): void {
    const open = this.anchor;
    if (!open) return;
    const children = this.nodes.splice(Math.min(open.from, this.nodes.length));
    open.from = 0;
    if (
      children.every((node) => node.type === 'break' || (node.type === 'text' && node.text.trim() === ''))
    ) {
      for (const child of children) this.nodes.push(child);
      return;
    }
    open.used = true;
    if ('url' in open.anchor) this.nodes.push(link(open.anchor.url, children));
    else this.nodes.push(mention(labelled(open.anchor.mention, plainInlines(children).trim())));
  }
}

/** A pill's text is a name, unless it is the id itself. */
function labelled(target: Mention, shown: string): Mention {
  switch (target.type) {
    case 'matrix-user':
      return shown === target.user ? target : { ...target, label: shown.replace(/^@/, '') };
    case 'matrix-room':
      return shown === target.room ? target : { ...target, label: shown };
    case 'matrix-alias':
      return shown === target.alias ? target : { ...target, label: shown };
    default:
      return target;
  }
}
