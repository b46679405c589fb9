/** Slack's rich_text blocks, what its composer makes of all that people write: reading them. */
import { asArray, asNumber, asObject, asText, objectsIn } from './json.ts';
import type { JsonObject } from './json.ts';
import { normalise } from './normalise.ts';
import { readRichTextElement } from './rich-text-inline.ts';
import type { Block, CodeBlock, Doc, Inline, ListItem } from './tree.ts';
import { lineBreak } from './tree.ts';

export { renderRichText } from './rich-text-render.ts';

/**
 * Parses a rich_text block, or a list of them.
 *
 * | Slack                               | Doc                                                                 |
 * | ----------------------------------- | ------------------------------------------------------------------- |
 * | `rich_text_section`                 | paragraph; sections in a row are its lines                          |
 * | `rich_text_list`s, flat, `indent`   | lists in each other; `offset` + 1 is the number of the first item   |
 * | `rich_text_quote`, `border: 1`      | quote; neighbours are one                                           |
 * | `rich_text_preformatted`            | code block, with its `language`                                     |
 * | `user`, `usergroup`, `channel`, `broadcast` | mention                                                     |
 * | `link`, `emoji`, `date`, `color`    | link, emoji, text (a link if the date has one), text                |
 * | `style`                             | marks                                                               |
 * | anything else                       | its text, or its type's name in brackets                            |
 *
 * Total and linear.
 * @see https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
 */
export function parseRichText(value: unknown): Doc {
  const blocks = Array.isArray(value) ? objectsIn(value) : objectsIn([value]);
  const reader = new RichTextReader();
  for (const block of blocks) for (const element of objectsIn(block['elements'])) reader.read(element);
  return normalise({ blocks: reader.end() });
}

/** Lists that are open lie on a stack, by their indent. Deeper ones than this stay in their parent. */
const maxListDepth = 20;

interface OpenList {
  readonly indent: number;
  readonly ordered: boolean;
  readonly start: number;
  readonly items: OpenItem[];
}

interface OpenItem extends ListItem {
  readonly blocks: Block[];
}

/** Gathers blocks while elements come: lines become paragraphs, lists find their parents, bordered blocks their quote. */
class RichTextReader {
  private readonly blocks: Block[] = [];
  private quote: Block[] | undefined;
  private line: Inline[] = [];
  private lists: OpenList[] = [];

  read(element: JsonObject): void {
    switch (element['type']) {
      case 'rich_text_list':
        this.inQuote(element['border'] === 1);
        this.readList(element);
        return;
      case 'rich_text_quote':
        this.inQuote(true);
        this.lists = [];
        this.endLine();
        this.readLine(inlinesOf(element));
        return;
      case 'rich_text_preformatted':
        this.inQuote(element['border'] === 1);
        this.lists = [];
        this.endLine();
        this.target().push(readCode(element));
        return;
      default:
        this.inQuote(false);
        this.lists = [];
        this.readLine(inlinesOf(element));
    }
  }

  end(): readonly Block[] {
    this.inQuote(false);
    this.endLine();
    return this.blocks;
  }

  private target(): Block[] {
    return this.quote ?? this.blocks;
  }

  private inQuote(wanted: boolean): void {
    if (wanted === (this.quote !== undefined)) return;
    this.endLine();
    this.lists = [];
    this.quote = wanted ? [] : undefined;
    if (this.quote) this.blocks.push({ type: 'quote', blocks: this.quote });
  }

  private readLine(children: readonly Inline[]): void {
    if (this.line.length > 0 && !endsLine(this.line.at(-1))) this.line.push(lineBreak());
    for (const child of children) this.line.push(child);
  }

  private endLine(): void {
    if (this.line.length > 0) this.target().push({ type: 'paragraph', children: this.line });
    this.line = [];
  }

  private readList(element: JsonObject): void {
    this.endLine();
    const indent = asNumber(element['indent']) ?? 0;
    const ordered = element['style'] === 'ordered';
    const start = ordered ? Math.max(0, Math.trunc(asNumber(element['offset']) ?? 0)) + 1 : 1;
    const list = this.listAt(indent, ordered, start);
    for (const item of objectsIn(element['elements'])) {
      list.items.push({ blocks: [{ type: 'paragraph', children: inlinesOf(item) }] });
    }
  }

  private listAt(indent: number, ordered: boolean, start: number): OpenList {
    const fits = this.lists.findLastIndex((list) => list.indent <= indent);
    this.lists.length = fits + 1;
    const top = this.lists.at(-1);
    const full = this.lists.length >= maxListDepth;
    if (top && (top.indent === indent || full)) {
      const countsOn = top.ordered === ordered && (!ordered || start === top.start + top.items.length);
      if (countsOn || full) return top;
      this.lists.pop();
    }
    const list: OpenList = { indent, ordered, start, items: [] };
    const parent = this.lists.at(-1)?.items.at(-1)?.blocks ?? this.target();
    parent.push({ type: 'list', ordered, start, items: list.items });
    this.lists.push(list);
    return list;
  }
}

function endsLine(node: Inline | undefined): boolean {
  return node?.type === 'break' || (node?.type === 'text' && node.text.endsWith('\n'));
}

/** The running text of an element; an unknown element that holds others is read through. */
function inlinesOf(element: JsonObject): readonly Inline[] {
  if (!Array.isArray(element['elements'])) return readRichTextElement(element);
  return objectsIn(element['elements']).flatMap(readRichTextElement);
}

/** The same as HTML may name. */
const languageName = /^[\w+#.-]{1,40}$/;

function readCode(element: JsonObject): CodeBlock {
  const named = asText(element['language']);
  const language = named !== undefined && languageName.test(named) ? named : undefined;
  const text = asArray(element['elements'])
    .map((part) => {
      const fields = asObject(part);
      return asText(fields?.['text']) ?? asText(fields?.['url']) ?? '';
    })
    .join('');
  return { type: 'code', text, ...(language !== undefined && { language }) };
}
