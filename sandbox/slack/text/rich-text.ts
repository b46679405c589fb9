import type { RichTextBlock, RichTextElement, RichTextSection } from '@slack/types';

import { newSecret } from '../ids.ts';
import { parseInline } from './inline.ts';
import type { TextSource } from './inline.ts';
import { renderRichText } from './render.ts';

type Part = RichTextBlock['elements'][number];

/**
 * What Slack makes of a person's typing: `rich_text` blocks, and the `text` that stands for them. Typed markup is that of
 * the composer with formatting switched to markup: `*bold*`, `_italic_`, `~struck~`, `` `code` ``, fences, `> ` quotes,
 * `- ` and `1. ` lists, `:emoji:`, `@name`, `#channel`, addresses; `<@U…>` and `<https://…|label>` work too.
 */
export function typedText(
  source: string,
  names: TextSource['names'],
): { text: string; blocks: readonly RichTextBlock[] } {
  const block = richText(source, { escaped: false, names });
  return { text: renderRichText(block), blocks: source === '' ? [] : [block] };
}

/** The block that Slack adds to an app's post that has text only; `text` is mrkdwn with `&amp; &lt; &gt;` escaped. */
export function mrkdwnBlock(text: string): RichTextBlock {
  return richText(text, { escaped: true, names: undefined });
}

function richText(source: string, options: TextSource): RichTextBlock {
  const elements: Part[] = [];
  let fence: string[] | undefined;
  for (const line of splitFences(source)) {
    if (line === '```' && fence) {
      elements.push({
        type: 'rich_text_preformatted',
        elements: [{ type: 'text', text: unescape(fence.join('\n'), options) }],
      });
      fence = undefined;
    } else if (line === '```') fence = [];
    else if (fence) fence.push(line);
    else addLine(elements, line, options);
  }
  if (fence) addLine(elements, `\`\`\`${fence.join('\n')}`, options);
  return { type: 'rich_text', block_id: newSecret(3).slice(0, 5), elements };
}

/** The lines of `source`, with each complete ``` on a line of its own and nothing added around it. */
function splitFences(source: string): readonly string[] {
  const parts = source.split('```');
  // An odd number of fences: the last one opens nothing and stays text.
  if (parts.length % 2 === 0) {
    const last = parts.pop() ?? '';
    parts.push(`${parts.pop() ?? ''}\`\`\`${last}`);
  }
  const lines: string[] = [];
  for (const [index, part] of parts.entries()) {
    if (index > 0) lines.push('```');
    const trimmed = part
      .replace(/^\n/, index > 0 ? '' : '\n')
      .replace(/\n$/, index < parts.length - 1 ? '' : '\n');
    if (trimmed !== '' || parts.length === 1) lines.push(...trimmed.split('\n'));
  }
  return lines;
}

const LIST = /^(\s*)(?:([-*•◦])|(\d+)\.)\s+(.*)$/;

function addLine(elements: Part[], line: string, options: TextSource): void {
  const quote = /^(?:>|&gt;)\s?(.*)$/.exec(line);
  const last = elements.at(-1);
  if (quote && (options.escaped || line.startsWith('>'))) {
    const inline = parseInline(quote[1] ?? '', options);
    if (last?.type === 'rich_text_quote') last.elements.push({ type: 'text', text: '\n' }, ...inline);
    else elements.push({ type: 'rich_text_quote', elements: inline });
    return;
  }
  const list = options.escaped ? null : LIST.exec(line);
  if (list) {
    const [, spaces = '', bullet, , content = ''] = list;
    addItem(
      elements,
      bullet === undefined ? 'ordered' : 'bullet',
      Math.floor(spaces.length / 4),
      parseInline(content, options),
    );
    return;
  }
  const inline = parseInline(line, options);
  if (last?.type === 'rich_text_section') last.elements.push({ type: 'text', text: '\n' }, ...inline);
  else elements.push({ type: 'rich_text_section', elements: inline });
}

function addItem(
  elements: Part[],
  style: 'bullet' | 'ordered',
  indent: number,
  inline: RichTextElement[],
): void {
  const last = elements.at(-1);
  const item: RichTextSection = { type: 'rich_text_section', elements: inline };
  if (last?.type === 'rich_text_list' && last.style === style && last.indent === indent)
    last.elements.push(item);
  else elements.push({ type: 'rich_text_list', style, indent, border: 0, elements: [item] });
}

function unescape(text: string, options: TextSource): string {
  return options.escaped
    ? text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
    : text;
}
