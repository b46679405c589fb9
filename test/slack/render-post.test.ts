import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mention, paragraph, text, textDoc } from '../../src/format/doc.ts';
import { cutMrkdwn, renderPost } from '../../src/slack/render-post.ts';

test('a call to the channel that the portal allowed rings once: in the blocks, or in the text without them', () => {
  const doc = { blocks: [paragraph(mention({ type: 'everyone', range: 'channel' }), text(' look'))] };
  const { blocks, text: fallback, plainText } = renderPost({ text: doc, emote: false });
  assert.match(JSON.stringify(blocks), /"type":"broadcast","range":"channel"/);
  assert.equal(fallback, '@channel look');
  assert.equal(plainText, '<!channel> look');
});

test('the text beside the blocks is short, however long the message is', () => {
  const rendered = renderPost({ text: textDoc('word '.repeat(2000).trim()), emote: false });
  assert.ok(rendered.text.length <= 3000);
  assert.equal(rendered.plainText.length, 9999);
});

test('a cut tears no address, escape or character', () => {
  for (const [source, length, expected] of [
    ['short', 10, 'short'],
    ['hello world', 6, 'hello…'],
    ['see <https://example.org|this>', 12, 'see …'],
    ['<https://a.org> and <https://b.org>', 25, '<https://a.org> and …'],
    ['a &amp; b', 6, 'a …'],
    ['a &amp; b c', 10, 'a &amp; b…'],
    ['ab🙂cd', 4, 'ab…'],
  ] as const)
    assert.equal(cutMrkdwn(source, length), expected);
});
