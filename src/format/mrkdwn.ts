/** Slack mrkdwn, the format of a message's `text` and of many fields in blocks and attachments: reading it. */
import { emojiOf, unicodeOfName } from './emoji.ts';
import { readToken, tokenEnd, tokenText, unescapeMrkdwn } from './mrkdwn-tokens.ts';
import { normalise } from './normalise.ts';
import type { Block, Doc, Inline, Link, Marks } from './tree.ts';
import { lineBreak, noMarks, text } from './tree.ts';

export { renderMrkdwn } from './mrkdwn-render.ts';

/**
 * Parses Slack mrkdwn.
 *
 * | Slack                                   | Doc                                                             |
 * | --------------------------------------- | --------------------------------------------------------------- |
 * | `<@U123>`, `<@U123|ann>`                | mention of a user, label `ann` if given                         |
 * | `<#C123|general>`, `<!subteam^S1|@ops>` | mention of a channel, of a usergroup                            |
 * | `<!here>`, `<!channel>`, `<!everyone>`  | everyone                                                        |
 * | `<!date^1392734382^{date}|18 Feb>`      | text `18 Feb`, or the date in UTC; a link if it has one         |
 * | `<https://x.org|label>`                 | link; schemes other than http, https and mailto are text        |
 * | `*b*` `_i_` `~s~` `` `c` ``             | marks, where Slack reads them: at a word's edge, on one line    |
 * | ```` ```code``` ````                    | code block                                                      |
 * | lines with `&gt;`, `>`                  | quote; `&gt;&gt;&gt;` quotes all that follows                   |
 * | `:wave:`, `:wave::skin-tone-2:`         | emoji; the workspace's own have no characters                   |
 * | `&amp;` `&lt;` `&gt;`                   | the character; Slack escapes these three, no others             |
 * | any other `<…>`                         | text as it stands: what we can't read we still show             |
 *
 * Total: nothing throws. Linear in the length of `source`.
 * @see https://docs.slack.dev/messaging/formatting-message-text
 */
export function parseMrkdwn(source: string): Doc {
  const blocks: Block[] = [];
  for (const [index, part] of fences(source.replaceAll('\r\n', '\n')).entries()) {
    if (index % 2 === 0) pushLines(blocks, part);
    else blocks.push({ type: 'code', text: codeText(part) });
  }
  return normalise({ blocks });
}

/** Text that isn't mrkdwn but comes escaped and with emoji names: Block Kit's `plain_text`. */
export function parseSlackPlainText(source: string): Doc {
  const children: Inline[] = [];
  for (const piece of pieces(source, { tokens: false }))
    children.push(...(piece.node ? [piece.node] : [text(piece.raw)]));
  return normalise({ blocks: [{ type: 'paragraph', children }] });
}

/** Even places hold text, odd ones the code between two fences. */
function fences(source: string): readonly string[] {
  const parts: string[] = [''];
  const found = source.split('```');
  for (const [index, part] of found.entries()) {
    const last = parts.length - 1;
    const code = index % 2 === 1 && index < found.length - 1 && part.trim() !== '';
    if (code) parts.push(part, '');
    else parts[last] += index % 2 === 1 ? `\`\`\`${part}${index < found.length - 1 ? '```' : ''}` : part;
  }
  return parts;
}

function codeText(source: string): string {
  const body = source.replace(/^ *\n/, '').replace(/\n$/, '');
  let out = '';
  let from = 0;
  for (let open = body.indexOf('<'); open >= 0; open = body.indexOf('<', open + 1)) {
    const end = tokenEnd(body, open);
    if (end < 0) continue;
    out += unescapeMrkdwn(body.slice(from, open)) + tokenText(body.slice(open + 1, end));
    from = end + 1;
  }
  return out + unescapeMrkdwn(body.slice(from));
}

const quoteSign = /^(?:&gt;|>) ?/;
const quoteRestSign = /^(?:&gt;|>){3} ?/;

/** Lines of text as paragraphs and quotes. */
function pushLines(blocks: Block[], source: string): void {
  let children: Inline[] = [];
  let quoted = false;
  let toTheEnd = false;
  const flush = () => {
    const own: Block = { type: 'paragraph', children };
    blocks.push(quoted ? { type: 'quote', blocks: [own] } : own);
    children = [];
  };
  for (const line of source.split('\n')) {
    const rest: boolean = !toTheEnd && quoteRestSign.test(line);
    const sign = toTheEnd ? undefined : (rest ? quoteRestSign : quoteSign).exec(line)?.[0];
    const inQuote = toTheEnd || sign !== undefined;
    if (inQuote !== quoted) {
      flush();
      quoted = inQuote;
    }
    toTheEnd ||= rest;
    for (const node of parseLine(line.slice(sign?.length ?? 0))) children.push(node);
    children.push(lineBreak());
  }
  flush();
}

/** A piece of a line: a node, a sign that may open or close a mark, or text. */
interface Piece {
  readonly raw: string;
  readonly node?: Inline;
  readonly sign?: Sign;
}

type Sign = '*' | '_' | '~';
const signMarks = { '*': { bold: true }, _: { italic: true }, '~': { strike: true } } as const;

/** Where text may stop being just text. */
const special = /[<`*_~:]/g;

function pieces(line: string, read: { readonly tokens: boolean }): readonly Piece[] {
  const out: Piece[] = [];
  let from = 0; // where the text that was not read yet begins
  const pushText = (to: number) => {
    if (to > from) out.push({ raw: unescapeMrkdwn(line.slice(from, to)) });
  };
  special.lastIndex = 0;
  for (let match = special.exec(line); match; match = special.exec(line)) {
    const found = pieceAt(line, match.index, read.tokens);
    if (!found) continue;
    pushText(match.index);
    out.push(found.piece);
    from = found.end;
    special.lastIndex = found.end;
  }
  pushText(line.length);
  return out;
}

const emojiToken = /:([\p{L}\p{M}\p{N}_+'-]{1,100}(?:::skin-tone-[2-6])?):/uy;

function pieceAt(line: string, at: number, tokens: boolean): { piece: Piece; end: number } | undefined {
  const char = line[at];
  if (char === ':') {
    emojiToken.lastIndex = at;
    const [raw, name] = emojiToken.exec(line) ?? [];
    if (!raw || !name || (/^\d+$/.test(name) && unicodeOfName(name) === undefined)) return undefined; // 10:30:45
    return { piece: { raw, node: emojiOf(name) }, end: at + raw.length };
  }
  if (!tokens) return undefined;
  if (char === '<') {
    const end = tokenEnd(line, at);
    const raw = line.slice(at, end + 1);
    return end < 0 ? undefined : { piece: { raw, node: readToken(raw.slice(1, -1)) }, end: end + 1 };
  }
  if (char === '`') {
    const end = line.indexOf('`', at + 1);
    if (end < 0 || line.slice(at + 1, end).trim() === '') return undefined;
    const raw = line.slice(at, end + 1);
    return { piece: { raw, node: inlineCode(raw.slice(1, -1)) }, end: end + 1 };
  }
  return char === '*' || char === '_' || char === '~'
    ? { piece: { raw: char, sign: char }, end: at + 1 }
    : undefined;
}

/** A link alone in code leads somewhere in Slack, too. */
function inlineCode(source: string): Inline {
  const alone = source.startsWith('<') && tokenEnd(source, 0) === source.length - 1;
  const node = alone ? readToken(source.slice(1, -1)) : undefined;
  return node?.type === 'link' ? marked(node, { code: true }) : text(codeText(source), { code: true });
}

function parseLine(line: string): readonly Inline[] {
  const found = pieces(line, { tokens: true });
  const partner = pairSigns(found);
  const out: Inline[] = [];
  let marks: Marks = noMarks;
  for (const [index, piece] of found.entries()) {
    const other = partner.get(index);
    if (piece.sign && other !== undefined)
      marks = other > index ? { ...marks, ...signMarks[piece.sign] } : without(marks, piece.sign);
    else if (piece.node) out.push(marked(piece.node, marks));
    else out.push(text(piece.raw, marks));
  }
  return out;
}

/** Which signs belong together, both ways. At most one sign of each kind is open, so this is linear. */
function pairSigns(found: readonly Piece[]): ReadonlyMap<number, number> {
  const partner = new Map<number, number>();
  const open: { readonly sign: Sign; readonly index: number }[] = [];
  for (const [index, { sign }] of found.entries()) {
    if (!sign) continue;
    const before = found[index - 1]?.raw.at(-1) ?? ' ';
    const after = found[index + 1]?.raw.at(0) ?? ' ';
    if (before === sign || after === sign) continue; // `**` is no mark in Slack
    const opener = open.findIndex((each) => each.sign === sign);
    if (opener >= 0) {
      const from = open[opener]?.index ?? 0;
      if (from + 1 < index && !isSpace(before) && !isWord(after)) {
        partner.set(from, index).set(index, from);
        open.length = opener; // what was opened inside and not closed is text
      }
    } else if (!isWord(before) && before !== '\\' && !isSpace(after)) open.push({ sign, index });
  }
  return partner;
}

function isSpace(char: string): boolean {
  return /\s/.test(char);
}

function isWord(char: string): boolean {
  return /[\p{L}\p{N}]/u.test(char);
}

function without(marks: Marks, sign: Sign): Marks {
  const { bold, italic, strike } = marks;
  return {
    ...(bold && sign !== '*' && { bold }),
    ...(italic && sign !== '_' && { italic }),
    ...(strike && sign !== '~' && { strike }),
  };
}

function marked(node: Inline, marks: Marks): Inline {
  if (node.type === 'text') return text(node.text, { ...marks, ...node.marks });
  if (node.type !== 'link') return node;
  return { ...node, children: node.children.map((child) => marked(child, marks)) } satisfies Link;
}
