import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { collectMentions, textDoc } from '../../src/format/doc.ts';
import type { Doc, Mention } from '../../src/format/doc.ts';
import { parseHtml, renderHtml } from '../../src/format/html.ts';
import { parseMrkdwn, renderMrkdwn } from '../../src/format/mrkdwn.ts';
import { parseRichText, renderRichText } from '../../src/format/rich-text.ts';
import { matrixUserId, slackUserId } from '../../src/ids.ts';

const attacks = [
  '<!channel>',
  '<!here|x>',
  '<@U123>',
  '<@U123|ann>',
  '<#C123>',
  '<!subteam^S1>',
  '<https://evil.example|https://good.example>',
  '@channel',
  '@here',
  '@room',
  '<b>x</b>',
  '<a href="https://matrix.to/#/@ann:x.org">Ann</a>',
  '<script>alert(1)</script>',
  '"><img src=x onerror=y>',
  '&lt;!channel&gt;',
  '&amp;lt;!channel&amp;gt;',
  '*x*',
  '_x_',
  '~x~',
  '`x`',
  '```x```',
  '</code></pre><b>',
  '\u202E<!channel>',
  '<!chan\u0000nel>',
];

const hostile = fc
  .array(fc.oneof(fc.constantFrom(...attacks), fc.string({ maxLength: 5 })), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''));

/** The same text in every place that a text can be in. */
function everywhere(text: string): Doc {
  const node = textDoc(text).blocks;
  const line = { type: 'text' as const, text, marks: {} };
  const mentions: readonly Mention[] = [
    { type: 'matrix-user', user: matrixUserId('@ann:x.org'), label: text },
    { type: 'slack-user', user: slackUserId('U999'), label: text },
    { type: 'matrix-alias', alias: '#a:x.org', label: text },
  ];
  return {
    blocks: [
      ...node,
      { type: 'heading', level: 1, children: [line] },
      { type: 'quote', blocks: node },
      { type: 'list', ordered: false, start: 1, items: [{ blocks: node }] },
      { type: 'code', text, language: text },
      { type: 'table', header: [[line]], rows: [[[line]]] },
      { type: 'paragraph', children: mentions.map((target) => ({ type: 'mention', target })) },
      {
        type: 'paragraph',
        children: [
          { type: 'link', url: `https://x.org/${text}`, children: [line] },
          { type: 'emoji', name: text },
          { type: 'emoji', name: text, image: `mxc://x.org/${text}` },
          { type: 'image', src: `https://x.org/${text}`, alt: text },
          { ...line, marks: { code: true, bold: true } },
          { ...line, marks: { color: text } },
        ],
      },
    ],
  };
}

/** Mentions in the parsed result other than those that the tree really holds. */
function strangers(doc: Doc): readonly Mention[] {
  const known = new Set(['@ann:x.org', 'U999', '#a:x.org']);
  return collectMentions(doc).filter(
    (target) =>
      !('user' in target && known.has(target.user)) && !('alias' in target && known.has(target.alias)),
  );
}

test('no text becomes a live mention or call on Slack', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const doc = everywhere(text);
      assert.deepEqual(strangers(parseMrkdwn(renderMrkdwn(doc, { broadcast: true }))), []);
      assert.deepEqual(
        strangers(
          parseRichText(
            renderRichText(doc, { broadcast: true }).filter((block) => block.type === 'rich_text'),
          ),
        ),
        [],
      );
    }),
    { numRuns: 500 },
  );
});

test('no text becomes markup or a mention on Matrix', () => {
  const expected = new Set(
    'p br h1 blockquote ul li pre code table thead tbody tr th td a img strong span'
      .split(' ')
      .flatMap((tag) => [tag, `/${tag}`]),
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const { formattedBody = '', mentions } = renderHtml(everywhere(text), { room: true });
      assert.deepEqual(strangers(parseHtml(formattedBody)), []);
      assert.deepEqual(mentions, { userIds: ['@ann:x.org'], room: false });
      for (const [, tag = ''] of formattedBody.matchAll(/<(\/?[a-z0-9]*)/gi))
        assert.ok(expected.has(tag), tag);
      assert.ok(!/ on[a-z]+=/i.test(formattedBody.replaceAll(/"[^"]*"|>[^<]*</g, '')), formattedBody);
    }),
    { numRuns: 500 },
  );
});

test('links lead to web and mail addresses only, whoever made the tree', () => {
  for (const url of [
    'javascript:alert(1)',
    'JaVaScRiPt:x',
    ' data:text/html,x',
    'vbscript:x',
    'slack://x',
    'file:///etc/passwd',
    'https:x',
    '//x.org',
    'java\tscript:x',
  ]) {
    const doc: Doc = {
      blocks: [
        {
          type: 'paragraph',
          children: [{ type: 'link', url, children: [{ type: 'text', text: 'x', marks: {} }] }],
        },
      ],
    };
    assert.equal(renderHtml(doc).formattedBody ?? '', 'x', url);
    assert.equal(renderMrkdwn(doc), 'x', url);
    assert.deepEqual(renderRichText(doc), renderRichText(textDoc('x')), url);
  }
});
