import type { RichTextBlock } from '@slack/types';

import { checkList, checkString, checkText, isFields } from './check.ts';
import type { Fields } from './check.ts';
import { checkElements } from './elements.ts';
import { renderRichText } from './render.ts';

const MOST_BLOCKS = 50;
const LONGEST_ALL = 13_200;

export type BlockProblem =
  | { readonly error: 'invalid_blocks'; readonly messages: readonly string[] }
  | { readonly error: 'msg_blocks_too_long' | 'invalid_blocks_format' };

/**
 * What Slack would say about a message's blocks; `undefined`: they are good. Messages read like its own, with a JSON pointer.
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */
export function checkBlocks(blocks: readonly unknown[]): BlockProblem | undefined {
  const messages = problemsOf(blocks, MOST_BLOCKS, '/blocks');
  if (messages.length > 0) return { error: 'invalid_blocks', messages };
  return textLength(blocks) > LONGEST_ALL ? { error: 'msg_blocks_too_long' } : undefined;
}

/** The same of a list that holds at most so many, with pointers below `at`. */
export function problemsOf(blocks: readonly unknown[], most: number, at: string): readonly string[] {
  const messages = blocks.length > most ? [`no more than ${most} items allowed [json-pointer:${at}]`] : [];
  return [...messages, ...blocks.flatMap((block, index) => checkBlock(block, `${at}/${index}`))];
}

/** The `text` of a post that has blocks only: what notifications show. */
export function fallbackText(blocks: readonly unknown[]): string {
  return blocks
    .map((block) => (isFields(block) ? blockText(block) : ''))
    .filter((text) => text !== '')
    .join('\n');
}

type Check = (block: Fields, at: string) => readonly string[];

const CHECKS: ReadonlyMap<unknown, Check> = new Map<unknown, Check>([
  ['section', checkSection],
  ['header', (block, at) => checkText(block['text'], `${at}/text`, 150, ['plain_text'])],
  ['context', (block, at) => checkList(block['elements'], `${at}/elements`, 1, 10)],
  ['actions', checkActions],
  ['image', checkImage],
  ['divider', () => []],
  ['rich_text', checkRichText],
  ['markdown', (block, at) => checkString(block['text'], `${at}/text`, 12_000)],
  ['file', (block, at) => checkString(block['external_id'], `${at}/external_id`, 255)],
  ['input', () => []],
  ['video', () => []],
  ['table', () => []],
]);

function checkBlock(block: unknown, at: string): readonly string[] {
  if (!isFields(block)) return [`must be an object [json-pointer:${at}]`];
  if (block['type'] === undefined) return [`missing required field: type [json-pointer:${at}]`];
  const check = CHECKS.get(block['type']);
  if (!check) return [`unsupported type: ${JSON.stringify(block['type'])} [json-pointer:${at}/type]`];
  return [
    ...check(block, at),
    ...(block['block_id'] === undefined ? [] : checkString(block['block_id'], `${at}/block_id`, 255)),
  ];
}

function checkActions(block: Fields, at: string): readonly string[] {
  const elements = block['elements'];
  const problems = checkList(elements, `${at}/elements`, 1, 25);
  return Array.isArray(elements) ? [...problems, ...checkElements(elements, `${at}/elements`)] : problems;
}

function checkSection(block: Fields, at: string): readonly string[] {
  if (block['text'] === undefined && block['fields'] === undefined) {
    return [`missing required field: text or fields [json-pointer:${at}]`];
  }
  const problems: string[] = [];
  if (block['text'] !== undefined) problems.push(...checkText(block['text'], `${at}/text`, 3000));
  if (block['accessory'] !== undefined)
    problems.push(...checkElements([block['accessory']], `${at}/accessory`));
  const fields = block['fields'];
  if (fields === undefined) return problems;
  problems.push(...checkList(fields, `${at}/fields`, 1, 10));
  if (Array.isArray(fields)) {
    for (const [index, field] of fields.entries())
      problems.push(...checkText(field, `${at}/fields/${index}`, 2000));
  }
  return problems;
}

function checkImage(block: Fields, at: string): readonly string[] {
  const problems = [...checkString(block['alt_text'], `${at}/alt_text`, 2000)];
  if (block['slack_file'] !== undefined) return problems;
  problems.push(...checkString(block['image_url'], `${at}/image_url`, 3000));
  if (block['title'] !== undefined)
    problems.push(...checkText(block['title'], `${at}/title`, 2000, ['plain_text']));
  return problems;
}

const RICH_PARTS = new Set<unknown>([
  'rich_text_section',
  'rich_text_list',
  'rich_text_quote',
  'rich_text_preformatted',
]);

function checkRichText(block: Fields, at: string): readonly string[] {
  const elements = block['elements'];
  if (!Array.isArray(elements)) return [`missing required field: elements [json-pointer:${at}]`];
  return elements.flatMap((part: unknown, index) => {
    const here = `${at}/elements/${index}`;
    if (!isFields(part) || !RICH_PARTS.has(part['type']))
      return [`unsupported type [json-pointer:${here}/type]`];
    if (!Array.isArray(part['elements'])) return [`missing required field: elements [json-pointer:${here}]`];
    if (part['type'] !== 'rich_text_list') return checkInline(part['elements'], here);
    if (part['style'] !== 'bullet' && part['style'] !== 'ordered')
      return [`must be a valid enum value [json-pointer:${here}/style]`];
    return part['elements'].flatMap((item: unknown, itemIndex) => {
      const itemAt = `${here}/elements/${itemIndex}`;
      if (!isFields(item) || !Array.isArray(item['elements']))
        return [`must be a rich_text_section [json-pointer:${itemAt}]`];
      return checkInline(item['elements'], itemAt);
    });
  });
}

/** What each inline element must hold, as a string unless a number is named. */
const INLINE_FIELDS: ReadonlyMap<unknown, readonly string[]> = new Map<unknown, readonly string[]>([
  ['text', ['text']],
  ['link', ['url']],
  ['emoji', ['name']],
  ['user', ['user_id']],
  ['usergroup', ['usergroup_id']],
  ['channel', ['channel_id']],
  ['team', ['team_id']],
  ['broadcast', ['range']],
  ['color', ['value']],
  ['date', ['format']],
]);

function checkInline(elements: readonly unknown[], at: string): readonly string[] {
  return elements.flatMap((element, index) => {
    const here = `${at}/elements/${index}`;
    const required = isFields(element) ? INLINE_FIELDS.get(element['type']) : undefined;
    if (!isFields(element) || !required) return [`unsupported type [json-pointer:${here}/type]`];
    const problems = required.filter((field) => typeof element[field] !== 'string');
    if (element['type'] === 'text' && element['text'] === '')
      return [`must be more than 0 characters [json-pointer:${here}/text]`];
    return problems.map((field) => `missing required field: ${field} [json-pointer:${here}]`);
  });
}

/** The characters of all strings that a reader sees: `text` fields at any depth. */
function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textLength(item), 0);
  if (!isFields(value)) return 0;
  let length = 0;
  for (const [key, field] of Object.entries(value)) {
    length += key === 'text' && typeof field === 'string' ? field.length : textLength(field);
  }
  return length;
}

function blockText(block: Fields): string {
  if (block['type'] === 'rich_text') return renderRichText(block as unknown as RichTextBlock);
  if (block['type'] === 'image') return typeof block['alt_text'] === 'string' ? block['alt_text'] : '';
  const text = block['text'];
  if (typeof text === 'string') return text;
  return isFields(text) && typeof text['text'] === 'string' ? text['text'] : '';
}
