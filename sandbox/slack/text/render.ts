import type { RichTextBlock, RichTextElement } from '@slack/types';

/** The mrkdwn that Slack writes into `text` for a `rich_text` block. */
export function renderRichText(block: RichTextBlock): string {
  return block.elements.map(renderPart).join('\n');
}

function renderPart(part: RichTextBlock['elements'][number]): string {
  switch (part.type) {
    case 'rich_text_section':
      return renderInline(part.elements);
    case 'rich_text_quote':
      return renderInline(part.elements).replace(/^/gm, '&gt; ');
    case 'rich_text_preformatted':
      return `\`\`\`${renderInline(part.elements)}\`\`\``;
    case 'rich_text_list': {
      const indent = '    '.repeat(part.indent ?? 0);
      const bullet = (part.indent ?? 0) % 2 === 0 ? '•' : '◦';
      return part.elements
        .map(
          (item, index) =>
            `${indent}${part.style === 'ordered' ? `${index + 1}.` : bullet} ${renderInline(item.elements)}`,
        )
        .join('\n');
    }
    default:
      return '';
  }
}

const MARKS = [
  ['bold', '*'],
  ['italic', '_'],
  ['strike', '~'],
  ['code', '`'],
] as const;

/** Wraps each run of elements that share a style once, the outermost style first. */
function renderInline(elements: readonly RichTextElement[], depth = 0): string {
  const [style, mark] = MARKS[depth] ?? [];
  if (style === undefined || mark === undefined) return elements.map(renderElement).join('');
  let text = '';
  for (let start = 0; start < elements.length;) {
    const isSet = elements[start]?.style?.[style] === true;
    let end = start + 1;
    while (end < elements.length && (elements[end]?.style?.[style] === true) === isSet) end += 1;
    const inside = renderInline(elements.slice(start, end), depth + 1);
    text += isSet ? `${mark}${inside}${mark}` : inside;
    start = end;
  }
  return text;
}

function renderElement(element: RichTextElement): string {
  switch (element.type) {
    case 'text':
      return escapeText(element.text);
    case 'link':
      return element.text === undefined
        ? `<${escapeText(element.url)}>`
        : `<${escapeText(element.url)}|${escapeText(element.text)}>`;
    case 'emoji':
      return `:${element.name}:${skinToneSuffix(element)}`;
    case 'user':
      return `<@${element.user_id}>`;
    case 'usergroup':
      return `<!subteam^${element.usergroup_id}>`;
    case 'channel':
      return `<#${element.channel_id}|>`;
    case 'team':
      return `<!team^${element.team_id}>`;
    case 'broadcast':
      return `<!${element.range}>`;
    case 'color':
      return element.value;
    case 'date':
      return `<!date^${element.timestamp}^${element.format}${element.url === undefined ? '' : `^${element.url}`}|${element.fallback ?? ''}>`;
    default:
      return '';
  }
}

/** The vendor's type lacks `skin_tone`, which Slack sends. */
function skinToneSuffix(element: RichTextElement): string {
  return 'skin_tone' in element && typeof element.skin_tone === 'number'
    ? `:skin-tone-${element.skin_tone}:`
    : '';
}

/** Slack escapes these three characters, no others. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const TOKEN = /<(?:[@#!][^<>]*|(?:https?:\/\/|mailto:|tel:|slack:\/\/)[^<>]*)>/g;
const ADDRESS = /(^|[\s(])(https?:\/\/[^\s<>|]+[^\s<>|.,;:!?'")\]])/g;

/** How Slack keeps an app's mrkdwn: stray `&`, `<`, `>` as entities, bare addresses as links, tokens untouched. */
export function normalizeMrkdwn(text: string): string {
  let result = '';
  let from = 0;
  for (const token of text.matchAll(TOKEN)) {
    result += normalizePlain(text.slice(from, token.index)) + token[0];
    from = token.index + token[0].length;
  }
  return result + normalizePlain(text.slice(from));
}

function normalizePlain(text: string): string {
  return text
    .replace(/&(?!(?:amp|lt|gt);)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(ADDRESS, '$1<$2>');
}
