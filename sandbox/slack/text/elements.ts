import { checkString, checkText, isFields } from './check.ts';
import type { Fields } from './check.ts';

const STYLES: ReadonlySet<unknown> = new Set([undefined, 'primary', 'danger']);

/**
 * What Slack would say about things that can be pressed; `at`: of the first, or of the list. Others than buttons are taken
 * as they are.
 * @see https://docs.slack.dev/reference/block-kit/block-elements/button-element
 */
export function checkElements(elements: readonly unknown[], at: string): readonly string[] {
  const problems = elements.flatMap((element, index) => {
    const here = elements.length === 1 ? at : `${at}/${index}`;
    if (!isFields(element) || typeof element['type'] !== 'string')
      return [`missing required field: type [json-pointer:${here}]`];
    return element['type'] === 'button' ? checkButton(element, here) : [];
  });
  const ids = elements.flatMap((element) => (isFields(element) ? (element['action_id'] ?? []) : []));
  return new Set(ids).size === ids.length
    ? problems
    : [...problems, `action_id already exists for another element [json-pointer:${at}]`];
}

function checkButton(button: Fields, at: string): readonly string[] {
  const optional = (field: string, longest: number): readonly string[] =>
    button[field] === undefined ? [] : checkString(button[field], `${at}/${field}`, longest);
  return [
    ...checkText(button['text'], `${at}/text`, 75, ['plain_text']),
    ...optional('action_id', 255),
    ...optional('value', 2000),
    ...optional('url', 3000),
    ...(STYLES.has(button['style']) ? [] : [`must be a valid enum value [json-pointer:${at}/style]`]),
    ...(button['confirm'] === undefined ? [] : checkConfirm(button['confirm'], `${at}/confirm`)),
  ];
}

/** @see https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object */
function checkConfirm(confirm: unknown, at: string): readonly string[] {
  if (!isFields(confirm)) return [`must be an object [json-pointer:${at}]`];
  return [
    ...checkText(confirm['title'], `${at}/title`, 100, ['plain_text']),
    ...checkText(confirm['text'], `${at}/text`, 300),
    ...checkText(confirm['confirm'], `${at}/confirm`, 30, ['plain_text']),
    ...checkText(confirm['deny'], `${at}/deny`, 30, ['plain_text']),
  ];
}
