import { withIds } from '../text/block-ids.ts';
import { problemsOf } from '../text/blocks.ts';
import { checkString, checkText, isFields } from '../text/check.ts';
import type { Fields } from '../text/check.ts';
import type { View, ViewContent } from './model.ts';

const MOST_BLOCKS = 100;
const LARGEST = 250_000;

/**
 * A view as an app gives it; or what Slack would say about it (`view_too_large`: just that).
 * @see https://docs.slack.dev/reference/views/home-tab-views
 * @see https://docs.slack.dev/reference/views/modal-views
 */
export function readView(
  value: unknown,
  type: View['type'],
): ViewContent | { readonly problems: readonly string[] } {
  if (!isFields(value)) return { problems: ['[ERROR] missing required field: view'] };
  if (JSON.stringify(value).length > LARGEST) return { problems: ['view_too_large'] };
  const problems = problemsIn(value, type);
  if (problems.length > 0) return { problems: problems.map((problem) => `[ERROR] ${problem}`) };
  const string = (name: string): string => (typeof value[name] === 'string' ? value[name] : '');
  return {
    blocks: withIds(listOf(value['blocks'])),
    callbackId: string('callback_id'),
    externalId: string('external_id'),
    privateMetadata: string('private_metadata'),
    title: value['title'],
    close: value['close'],
    submit: value['submit'],
    clearOnClose: value['clear_on_close'] === true,
    notifyOnClose: value['notify_on_close'] === true,
  };
}

function problemsIn(view: Fields, type: View['type']): readonly string[] {
  if (view['type'] !== type) return ['must be a valid enum value [json-pointer:/view/type]'];
  if (!Array.isArray(view['blocks'])) return ['missing required field: blocks [json-pointer:/view]'];
  const blocks = listOf(view['blocks']);
  const limits = { private_metadata: 3000, callback_id: 255, external_id: 255 };
  const strings = Object.entries(limits).flatMap(([name, most]) =>
    view[name] === undefined || view[name] === '' ? [] : checkString(view[name], `/view/${name}`, most),
  );
  return [...problemsOf(blocks, MOST_BLOCKS, '/view/blocks'), ...strings, ...titles(view, type, blocks)];
}

function titles(view: Fields, type: View['type'], blocks: readonly unknown[]): readonly string[] {
  const line = (name: string): readonly string[] =>
    view[name] === undefined ? [] : checkText(view[name], `/view/${name}`, 24, ['plain_text']);
  if (type === 'home')
    return ['title', 'close', 'submit'].flatMap((name) =>
      view[name] === undefined ? [] : [`invalid additional property: ${name} [json-pointer:/view]`],
    );
  const hasInput = blocks.some((block) => isFields(block) && block['type'] === 'input');
  return [
    ...(view['title'] === undefined ? ['missing required field: title [json-pointer:/view]'] : line('title')),
    ...line('close'),
    ...line('submit'),
    ...(hasInput && view['submit'] === undefined
      ? ['missing required field: submit [json-pointer:/view]']
      : []),
  ];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
