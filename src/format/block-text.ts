/** Text inside Block Kit blocks, and the words on their buttons and menus. */
import { flattenBlocks } from './flatten.ts';
import { asNumber, asObject, asText, objectsIn } from './json.ts';
import type { JsonObject } from './json.ts';
import { parseMrkdwn, parseSlackPlainText } from './mrkdwn.ts';
import { parseRichText } from './rich-text.ts';
import { dateText } from './slack-date.ts';
import type { Block, Image, Inline } from './tree.ts';
import { link, text } from './tree.ts';
import { safeUrl } from './url.ts';

/** A text object (`mrkdwn`, `plain_text`, `raw_text`, `rich_text`) or a bare string as blocks; empty for anything else. */
export function textBlocks(value: unknown): readonly Block[] {
  if (typeof value === 'string') return parseSlackPlainText(value).blocks;
  const object = asObject(value);
  if (!object) return [];
  if (object['type'] === 'rich_text') return parseRichText(object).blocks;
  const said = asText(object['text']) ?? numberText(object['value']);
  return (object['type'] === 'mrkdwn' ? parseMrkdwn(said) : parseSlackPlainText(said)).blocks;
}

/** A `raw_number` may come without the text that stands for it. */
function numberText(value: unknown): string {
  return asNumber(value)?.toString() ?? '';
}

/** {@link textBlocks} as running text. */
export function textInlines(value: unknown): readonly Inline[] {
  return flattenBlocks(textBlocks(value));
}

/** Bold, whatever else it is. */
export function bold(children: readonly Inline[]): readonly Inline[] {
  return children.map((node): Inline => {
    if (node.type === 'text') return text(node.text, { ...node.marks, bold: true });
    return node.type === 'link' ? link(node.url, bold(node.children)) : node;
  });
}

/** Running text as a link, if it has an address that may be one; an address in the text itself is no second link. */
export function linked(children: readonly Inline[], address: unknown): readonly Inline[] {
  const url = safeUrl(asText(address) ?? '');
  if (url === undefined) return children;
  const inner = children.flatMap((node) => (node.type === 'link' ? node.children : [node]));
  return [link(url, inner.length > 0 ? inner : [text(url)])];
}

/** An image element or block: its address is public, or a Slack file's. */
export function imageOf(value: JsonObject): Image {
  const file = asObject(value['slack_file']);
  const src = safeUrl(asText(value['image_url']) ?? asText(file?.['url']) ?? '');
  return { type: 'image', alt: asText(value['alt_text']) ?? 'image', ...(src !== undefined && { src }) };
}

/** What an interactive element shows: a button's words (a link if it has an address), a menu's choices. */
export function elementInlines(element: JsonObject): readonly Inline[] {
  switch (element['type']) {
    case 'image':
      return [imageOf(element)];
    case 'mrkdwn':
    case 'plain_text':
    case 'raw_text':
    case 'raw_number':
    case 'rich_text':
      return textInlines(element);
    case 'button':
    case 'workflow_button':
    case 'icon_button':
    case 'url':
      return button(element);
    case 'feedback_buttons':
      return joined(
        [element['positive_button'], element['negative_button']]
          .flatMap((each) => objectsIn([each]))
          .map(button),
      );
    default:
      return input(element);
  }
}

/** Lists of running text with spaces between; empty ones are left out. */
export function joined(
  parts: readonly (readonly Inline[])[],
  between: Inline = text(' '),
): readonly Inline[] {
  const out: Inline[] = [];
  for (const part of parts) {
    if (part.length === 0) continue;
    if (out.length > 0) out.push(between);
    for (const node of part) out.push(node);
  }
  return out;
}

function button(element: JsonObject): readonly Inline[] {
  const words = textInlines(element['text']);
  const shown = words.length > 0 ? words : [text(asText(element['accessibility_label']) ?? 'button')];
  const label = [text('['), ...shown, text(']')];
  return linked(label, element['url']);
}

/** What an element asks for, where it has no words of its own. */
const asked: Readonly<Record<string, string>> = {
  channels_select: 'choose a channel',
  conversations_select: 'choose a conversation',
  datepicker: 'choose a date',
  datetimepicker: 'choose a date and time',
  external_select: 'choose',
  file_input: 'choose a file',
  multi_channels_select: 'choose channels',
  multi_conversations_select: 'choose conversations',
  multi_external_select: 'choose',
  multi_users_select: 'choose people',
  timepicker: 'choose a time',
  users_select: 'choose a person',
};

/** What people would fill in: what is filled in already, or the hint; and the choices. */
function input(element: JsonObject): readonly Inline[] {
  const groups = objectsIn(element['option_groups']).flatMap((group) => objectsIn(group['options']));
  const options = [...objectsIn(element['options']), ...groups];
  const hint =
    filledIn(element, options.length > 0) ?? textInlines(element['placeholder'] ?? element['text']);
  const words = joined([hint, ...options.map(choice)], text(' / '));
  const kind = asText(element['type']) ?? 'element';
  return [text('['), ...(words.length > 0 ? words : [text(asked[kind] ?? kind)]), text(']')];
}

/** A choice that was made is among the choices. */
function filledIn(element: JsonObject, hasChoices: boolean): readonly Inline[] | undefined {
  const at = asNumber(element['initial_date_time']);
  if (at !== undefined) return [text(dateText(at, ''))];
  const made = hasChoices ? undefined : asObject(element['initial_option'])?.['text'];
  const values = [made, element['initial_value'], element['initial_date'], element['initial_time']];
  return values.map(textInlines).find((each) => each.length > 0);
}

function choice(option: JsonObject): readonly Inline[] {
  const description = textInlines(option['description']);
  const explained = description.length > 0 ? [text('('), ...description, text(')')] : [];
  return linked(joined([textInlines(option['text']), explained]), option['url']);
}
