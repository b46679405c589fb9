import assert from 'node:assert/strict';
import { collectMentions } from '../../../src/format/doc.ts';
import type { Doc, Mention } from '../../../src/format/doc.ts';
import { parseMrkdwn } from '../../../src/format/mrkdwn.ts';
import { splitDoc } from '../../../src/format/splitter.ts';
import { renderPost } from '../../../src/slack/render-post.ts';

/** @see https://docs.slack.dev/reference/block-kit/blocks and `chat.postMessage` */
const mostBlocks = 50;
const mostText = 4_000;
/** Undocumented: `msg_blocks_too_long`. */
const mostBlockText = 13_200;
const mostPlainText = 40_000;

type Element = Readonly<Record<string, unknown>>;

/** Whatever a tree holds: what goes to Slack is within its limits, has no element it doesn't know, and calls only whom it may. */
export function checkForSlack(doc: Doc): void {
  for (const piece of splitDoc(doc)) {
    const { blocks, text, plainText } = renderPost({ text: piece, emote: false });
    assert.ok(blocks.length <= mostBlocks, `${blocks.length} blocks`);
    assert.ok(text.length <= mostText && plainText.length <= mostPlainText, 'the text is not too long');
    const written = elementsIn(blocks);
    const characters = written.reduce((sum, element) => sum + textLength(element), 0);
    assert.ok(characters <= mostBlockText, `${characters} characters in blocks`);
    assert.ok(
      written.filter(({ type }) => type === 'table').length <= 1,
      'a message holds one table at most',
    );
    const known = new Set(collectMentions(piece).map(keyOf));
    for (const element of written) checkElement(element, known);
    for (const said of [text, plainText]) {
      assert.ok(said.isWellFormed() && !said.includes('\0'), 'valid Unicode without NUL');
      for (const target of collectMentions(parseMrkdwn(said))) assert.ok(known.has(keyOf(target)), 'meant');
    }
    assert.ok(!collectMentions(parseMrkdwn(text)).some(({ type }) => type === 'everyone'), 'calls nobody');
  }
}

function checkElement(element: Element, known: ReadonlySet<string>): void {
  const { type, text, url } = element;
  switch (type) {
    case 'user':
      assert.ok(known.has(`slack-user ${String(element['user_id'])}`));
      break;
    case 'channel':
      assert.ok(known.has(`slack-channel ${String(element['channel_id'])}`));
      break;
    case 'usergroup':
      assert.ok(known.has(`usergroup ${String(element['usergroup_id'])}`));
      break;
    case 'broadcast':
      assert.ok(known.has(`everyone ${String(element['range'])}`));
      break;
    case 'emoji':
      assert.match(String(element['name']), /^[\p{L}\p{M}\p{N}_+':-]+$/u);
      break;
    case 'link':
      assert.match(String(url), /^(?:https?:\/\/[^/]|mailto:.)/i);
      assert.ok(String(url).length <= 3_000, 'Slack takes the address');
      break;
    case 'text':
    case 'raw_text':
      assert.notEqual(text, '', 'Slack refuses empty texts');
      break;
    default:
      assert.ok(parts.has(String(type)), `${String(type)} is a part that Slack knows`);
      if (Array.isArray(element['elements']))
        assert.notEqual(element['elements'].length, 0, 'nothing is empty');
  }
  for (const value of [text, url]) {
    if (typeof value === 'string') assert.ok(value.isWellFormed() && !value.includes('\0'));
  }
}

const parts: ReadonlySet<string> = new Set([
  'rich_text',
  'rich_text_section',
  'rich_text_list',
  'rich_text_quote',
  'rich_text_preformatted',
  'table',
  'divider',
]);

/** Everything with a type, however deep. */
function elementsIn(value: unknown): readonly Element[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'type' in value ? [value as Element] : []; // it is an object
  return [...own, ...Object.values(value).flatMap(elementsIn)];
}

function textLength({ text, url, name }: Element): number {
  return [text, url, name].reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 0),
    0,
  );
}

function keyOf(target: Mention): string {
  switch (target.type) {
    case 'slack-user':
    case 'matrix-user':
      return `${target.type} ${target.user}`;
    case 'slack-channel':
      return `${target.type} ${target.channel}`;
    case 'matrix-room':
      return `${target.type} ${target.room}`;
    case 'matrix-alias':
      return `${target.type} ${target.alias}`;
    case 'usergroup':
      return `${target.type} ${target.usergroup}`;
    case 'everyone':
      return `${target.type} ${target.range}`;
  }
}
