import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { messageDoc } from '../../src/format/blocks.ts';
import { plainText } from '../../src/format/doc.ts';
import type { Doc } from '../../src/format/doc.ts';
import { nameOfUnicode, reactionToSlackName } from '../../src/format/emoji.ts';
import { parseHtml, renderHtml } from '../../src/format/html.ts';
import { parseMrkdwn, renderMrkdwn } from '../../src/format/mrkdwn.ts';
import { nameKeys } from '../../src/format/name-keys.ts';
import { cleanName } from '../../src/format/names.ts';
import { parseRichText, renderRichText } from '../../src/format/rich-text.ts';
import { matrixLimits, slackLimits, splitDoc } from '../../src/format/splitter.ts';

/** Everything that can be done with a tree, done; nothing may throw. */
function useAll(doc: Doc): void {
  const { body, formattedBody } = renderHtml(doc, { room: true });
  assert.equal(typeof body, 'string');
  if (formattedBody !== undefined) parseHtml(formattedBody);
  renderRichText(doc, { broadcast: true });
  renderMrkdwn(doc, { broadcast: true });
  for (const limits of [slackLimits, matrixLimits, { ...slackLimits, size: 20 }]) splitDoc(doc, limits);
}

const strings = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        '<',
        '>',
        '&',
        '|',
        '@U1',
        '#C1',
        '!date^1^',
        '`',
        '```',
        '*',
        '_',
        '~',
        ':',
        ':a:',
        '\n',
        ' ',
        'x',
        '&gt;',
        '\uD800',
      ),
    )
    .map((parts) => parts.join('')),
);

const markup = fc
  .array(
    fc.constantFrom(
      '<p>',
      '</p>',
      '<b>',
      '</b>',
      '<ul>',
      '</ul>',
      '<ol start=x>',
      '<li>',
      '</li>',
      '<table>',
      '</table>',
      '<tr>',
      '<td>',
      '<th>',
      '</td>',
      '<pre>',
      '</pre>',
      '<code>',
      '</code>',
      '<a href="https://x.org">',
      '<a href="matrix:u/a:b">',
      '</a>',
      '<blockquote>',
      '</blockquote>',
      '<details>',
      '<summary>',
      '</details>',
      '<h1>',
      '</h1>',
      '<br>',
      '<hr>',
      '<img alt=x>',
      '<script>',
      '</script>',
      '<span data-mx-spoiler>',
      '</span>',
      '<div>',
      '</div>',
      '<mx-reply>',
      '</mx-reply>',
      'text',
      ' ',
      '&lt;',
      '<',
      '<!--',
      '-->',
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

test('any text is read as mrkdwn and as HTML, and what comes out can be written', () => {
  fc.assert(
    fc.property(fc.oneof(strings, markup), (text) => {
      useAll(parseMrkdwn(text));
      useAll(parseHtml(text));
      cleanName(text);
      nameKeys(text);
      nameOfUnicode(text);
      reactionToSlackName(text);
      reactionToSlackName('mxc://hs/a', text);
    }),
    { numRuns: 1500 },
  );
});

const types = [
  'rich_text',
  'rich_text_section',
  'rich_text_list',
  'rich_text_quote',
  'rich_text_preformatted',
  'text',
  'link',
  'user',
  'emoji',
  'date',
  'color',
  'broadcast',
  'section',
  'header',
  'context',
  'actions',
  'input',
  'image',
  'video',
  'table',
  'data_table',
  'card',
  'carousel',
  'container',
  'plan',
  'task_card',
  'alert',
  'markdown',
  'file',
  'mrkdwn',
  'plain_text',
  'raw_text',
  'button',
  'static_select',
  'checkboxes',
  'hologram',
];
const keys = [
  'type',
  'text',
  'elements',
  'fields',
  'style',
  'accessory',
  'title',
  'rows',
  'tasks',
  'child_blocks',
  'url',
  'name',
  'user_id',
  'timestamp',
  'format',
  'value',
  'indent',
  'offset',
  'border',
  'range',
  'options',
  'option_groups',
  'message_blocks',
  'blocks',
  'fallback',
  'color',
  'ts',
  'footer',
  'pretext',
  'actions',
  'label',
  'element',
  'body',
];

const payload = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.constantFrom(...types), strings, fc.integer(), fc.boolean(), fc.constant(null), fc.double()),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 6 }),
    fc.record({
      type: fc.constantFrom(...types),
      elements: fc.array(tie('value'), { maxLength: 3 }),
      text: tie('value'),
    }),
  ),
})).value;

test('any payload is read as a Slack message, and what comes out can be written', () => {
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 3 }), payload, payload, (blocks, text, attachments) => {
      useAll(messageDoc({ blocks, text, attachments }));
      useAll(messageDoc({ attachments: [attachments], text }));
      useAll(parseRichText(blocks));
      useAll(parseRichText(text));
    }),
    { numRuns: 1500 },
  );
});

test('any JSON is read as a Slack message', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (blocks, attachments) => {
      useAll(messageDoc({ blocks, text: blocks, attachments }));
      useAll(messageDoc({ blocks: [blocks], attachments: [attachments] }));
    }),
    { numRuns: 500 },
  );
});

test('words are never lost, whatever stands around them', () => {
  fc.assert(
    fc.property(markup, (html) => {
      const around = `<p>first</p>${html.replaceAll(/<!--|<\/?script>|<\/?mx-reply>|<(?![/a-z])|<(?=text)/g, '')}`;
      assert.ok(plainText(parseHtml(around)).startsWith('first'), around);
      const count = (value: string) => value.split('text').length;
      assert.equal(count(plainText(parseHtml(around))), count(around));
    }),
    { numRuns: 500 },
  );
});
