import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emojiTable } from '../../src/format/emoji-table.ts';
import {
  canonicalName,
  emojiOf,
  isEmojiName,
  nameOfUnicode,
  reactionToSlackName,
  unicodeOfName,
} from '../../src/format/emoji.ts';
import { emojiTableSource } from '../../scripts/generate-emoji-table.ts';

test('names and characters lead to each other', () => {
  for (const [name, unicode] of [
    ['wave', '👋'],
    ['wave::skin-tone-2', '👋🏻'],
    ['wave::skin-tone-6', '👋🏿'],
    ['heart', '❤️'],
    ['+1', '👍️'],
    ['+1::skin-tone-4', '👍🏽'],
    ['flag-de', '🇩🇪'],
    ['one', '1️⃣'],
    ['man-shrugging::skin-tone-5', '🤷🏾‍♂️'],
    ['female-technologist::skin-tone-3', '👩🏼‍💻'],
    ['handshake::skin-tone-2', '🤝🏻'],
  ] as const) {
    assert.equal(unicodeOfName(name), unicode, name);
    assert.equal(nameOfUnicode(unicode), name, name);
  }
});

test('every standard emoji comes back as itself', () => {
  const lines = emojiTable.trim().split('\n');
  assert.ok(lines.length > 1800);
  for (const line of lines) {
    const [unicode = '', name = ''] = line.split(' ');
    assert.equal(unicodeOfName(name), unicode);
    assert.equal(nameOfUnicode(unicode), name);
    assert.equal(nameOfUnicode(unicode.replaceAll('\uFE0F', '')), name);
  }
});

test('other names of an emoji are known, and come back as the first', () => {
  assert.equal(unicodeOfName('thumbsup'), '👍️');
  assert.equal(canonicalName('thumbsup'), '+1');
  assert.equal(canonicalName(':de:'), 'flag-de');
  assert.equal(canonicalName('thumbsup::skin-tone-3'), '+1::skin-tone-3');
  assert.equal(canonicalName('our_own'), 'our_own');
});

test('a skin tone on what has none is left out', () => {
  assert.equal(unicodeOfName('heart::skin-tone-3'), '❤️');
  assert.equal(unicodeOfName('wave::skin-tone-9'), undefined);
});

test('a Matrix reaction is named for Slack, or refused', () => {
  for (const [key, name] of [
    ['👍', '+1'],
    ['👍️', '+1'],
    ['❤', 'heart'],
    ['👋🏽', 'wave::skin-tone-4'],
    [' 🎉 ', 'tada'],
    [':partyparrot:', 'partyparrot'],
    [':thumbsup:', '+1'],
    [':wave::skin-tone-3:', 'wave::skin-tone-3'],
    ['ok', undefined],
    ['+1', undefined],
    [':<!channel>:', undefined],
    ['👍👍', undefined],
    ['mxc://x.org/abc', undefined],
    ['', undefined],
  ] as const) {
    assert.equal(reactionToSlackName(key), name, key);
  }
});

test('a reaction with a picture has the name that stands beside it', () => {
  for (const [shortcode, name] of [
    ['partyparrot', 'partyparrot'],
    ['thumbsup', '+1'],
    ['a b', undefined],
  ] as const)
    assert.equal(reactionToSlackName('mxc://x.org/abc', shortcode), name, shortcode);
  assert.equal(reactionToSlackName('👍', 'partyparrot'), '+1', 'characters say what they are');
});

test('an emoji node has characters only if it is a standard one', () => {
  assert.deepEqual(emojiOf(':tada:'), { type: 'emoji', name: 'tada', unicode: '🎉' });
  assert.deepEqual(emojiOf('our_own'), { type: 'emoji', name: 'our_own' });
});

test('names that Slack would refuse are no names', () => {
  for (const name of ['a b', '', 'a:b', '<!here>', 'x'.repeat(101)])
    assert.equal(isEmojiName(name), false, name);
  for (const name of ['wave', 'wave::skin-tone-2', '+1', 'größe', 'a-b_c'])
    assert.equal(isEmojiName(name), true, name);
});

test('the table is what its generator makes', async () => {
  const { readFile } = await import('node:fs/promises');
  const path = new URL('../../src/format/emoji-table.ts', import.meta.url);
  assert.equal(await readFile(path, 'utf8'), emojiTableSource());
});
