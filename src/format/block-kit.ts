/** Block Kit blocks other than rich_text: reading them. */
import { bold, elementInlines, imageOf, joined, linked, textBlocks, textInlines } from './block-text.ts';
import { asArray, asObject, asText, objectsIn } from './json.ts';
import type { JsonObject } from './json.ts';
import { normaliseBlocks } from './normalise.ts';
import { parseRichText } from './rich-text.ts';
import type { Block, Inline, Table } from './tree.ts';
import { lineBreak, paragraph, text } from './tree.ts';
import { textInside } from './unknown-block.ts';

/** Blocks in blocks are read this deep; what lies deeper is given as its text. */
const maxNesting = 10;

/**
 * Parses a list of Block Kit blocks; each of them becomes at least readable text.
 *
 * | Slack                                     | Doc                                                        |
 * | ----------------------------------------- | ---------------------------------------------------------- |
 * | `rich_text`                               | as `parseRichText` says                                    |
 * | `section`, `context`, `alert`             | paragraphs; fields and accessories after the text          |
 * | `header`                                  | heading                                                    |
 * | `divider`                                 | divider                                                    |
 * | `image`, `video`                          | title and picture; title, author and description, linked   |
 * | `actions`, `context_actions`, `input`     | buttons and choices in brackets, links where they have one |
 * | `table`, `data_table`                     | table, whose first row is its header                       |
 * | `card`, `carousel`, `container`, `plan`, `task_card` | their titles, bold, and what they hold          |
 * | `markdown`, `file`, `call`                | its text; the file's id; the call's name, to join it       |
 * | any other                                 | all text inside it, or its type in brackets                |
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */
export function parseBlocks(value: unknown): readonly Block[] {
  return normaliseBlocks(objectsIn(value).flatMap((block) => readBlock(block, 0)));
}

function readBlock(block: JsonObject, depth: number): readonly Block[] {
  const found = depth > maxNesting ? [] : readKnown(block, depth);
  const said = block['type'] === 'rich_text' ? found : normaliseBlocks(found); // what was parsed is in its one form already
  if (said.length > 0) return found;
  const inside = textInside(block);
  return inside === ''
    ? [paragraph(text(`[${asText(block['type']) ?? 'block'}]`))]
    : [paragraph(text(inside))];
}

function readKnown(block: JsonObject, depth: number): readonly Block[] {
  switch (block['type']) {
    case 'rich_text':
      return parseRichText(block).blocks;
    case 'section':
      return readSection(block);
    case 'context':
      return readContext(block);
    case 'header':
      return [{ type: 'heading', level: 3, children: textInlines(block['text']) }];
    case 'divider':
      return [{ type: 'divider' }];
    case 'image':
      return lines(textInlines(block['title']), [imageOf(block)]);
    case 'video':
      return readVideo(block);
    case 'actions':
    case 'context_actions':
      return lines(joined(objectsIn(block['elements']).map(elementInlines)));
    case 'input':
      return lines(
        bold(textInlines(block['label'])),
        elementsOf(block['element']),
        textInlines(block['hint']),
      );
    case 'markdown':
      return textBlocks(block['text']);
    case 'alert':
      return readAlert(block);
    case 'call':
      return lines(readCall(block));
    case 'file':
      return lines([text(`[file ${asText(block['external_id']) ?? ''}]`)]);
    case 'table':
    case 'data_table':
      return [...lines(textInlines(block['caption'])), readTable(block)];
    default:
      return readContainer(block, depth);
  }
}

/** What apps for calls post, by the Calls API. */
function readCall(block: JsonObject): readonly Inline[] {
  const call = asObject(asObject(block['call'])?.['v1']);
  const name = asText(call?.['name']) ?? 'Call';
  return call?.['has_ended'] === true ? [text(`${name} (ended)`)] : linked([text(name)], call?.['join_url']);
}

/** Blocks that hold others. */
function readContainer(block: JsonObject, depth: number): readonly Block[] {
  const children = (key: string) => objectsIn(block[key]).flatMap((child) => readBlock(child, depth + 1));
  const title = bold(textInlines(block['rich_text_title'] ?? block['title']));
  switch (block['type']) {
    case 'card':
      return [
        ...lines(title, textInlines(block['subtitle'])),
        ...textBlocks(block['body']),
        ...lines(imagesOf(block['hero_image']), joined(objectsIn(block['actions']).map(elementInlines))),
      ];
    case 'carousel':
      return children('elements');
    case 'container':
      return [...lines(title, textInlines(block['subtitle'])), ...children('child_blocks')];
    case 'plan':
      return [...lines(title), ...children('tasks')];
    case 'task_card':
      return [
        ...lines(joined([title, [text(`(${(asText(block['status']) ?? 'pending').replaceAll('_', ' ')})`)]])),
        ...textBlocks(block['details']),
        ...textBlocks(block['output']),
        ...lines(joined(objectsIn(block['sources']).map(elementInlines))),
      ];
    default:
      return [];
  }
}

/** Running texts as the lines of one paragraph. */
function lines(...parts: readonly (readonly Inline[])[]): readonly Block[] {
  const children = joined(parts, lineBreak());
  return children.length > 0 ? [{ type: 'paragraph', children }] : [];
}

function elementsOf(value: unknown): readonly Inline[] {
  const element = asObject(value);
  return element ? elementInlines(element) : [];
}

function imagesOf(value: unknown): readonly Inline[] {
  const image = asObject(value);
  return image ? [imageOf(image)] : [];
}

function readSection(block: JsonObject): readonly Block[] {
  const fields = asArray(block['fields']).flatMap(textBlocks);
  return [...textBlocks(block['text']), ...fields, ...lines(elementsOf(block['accessory']))];
}

function readContext(block: JsonObject): readonly Block[] {
  const elements = objectsIn(block['elements']);
  const plain = elements.every(
    (each) => each['type'] === 'image' || textBlocks(each).every(({ type }) => type === 'paragraph'),
  );
  return plain
    ? lines(joined(elements.map(elementInlines)))
    : elements.flatMap((each) => readContextElement(each));
}

function readContextElement(element: JsonObject): readonly Block[] {
  return element['type'] === 'image' ? lines([imageOf(element)]) : textBlocks(element);
}

const alertSigns: Readonly<Record<string, string>> = {
  info: 'ℹ️ ',
  warning: '⚠️ ',
  error: '❌ ',
  success: '✅ ',
};

function readAlert(block: JsonObject): readonly Block[] {
  const sign = alertSigns[asText(block['level']) ?? ''];
  const [first, ...rest] = textBlocks(block['text']);
  if (sign === undefined || first?.type !== 'paragraph') return textBlocks(block['text']);
  return [paragraph(text(sign), ...first.children), ...rest];
}

function readVideo(block: JsonObject): readonly Block[] {
  const title = textInlines(block['title']);
  const shown = title.length > 0 ? title : [text(asText(block['alt_text']) ?? 'video')];
  const by = [asText(block['author_name']), asText(block['provider_name'])].filter(
    (each) => each !== undefined,
  );
  return lines(
    bold(linked(shown, block['title_url'] ?? block['video_url'])),
    by.length > 0 ? [text(by.join(' · '))] : [],
    textInlines(block['description']),
  );
}

function readTable(block: JsonObject): Table {
  const [header, ...rows] = asArray(block['rows']).map((row) => asArray(row).map(textInlines));
  return { type: 'table', ...(header && { header }), rows };
}
