import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MatrixMessage } from '../../src/events.ts';
import { plainText } from '../../src/format/doc.ts';
import { neutralEvent } from '../../src/matrix/inbound.ts';

const url = 'mxc://example.org/abc';
const image = { msgtype: 'm.image', body: 'cat.png', url, info: { size: 12, mimetype: 'image/png' } };

function message(content: Record<string, unknown>, type = 'm.room.message'): MatrixMessage {
  const place = { event_id: '$e1', room_id: '!r1', sender: '@ann:example.org', origin_server_ts: 1 };
  const made = neutralEvent({ ...place, type, content });
  assert.ok(made.type === 'message');
  return made;
}

function file(content: Record<string, unknown>) {
  return message(content).files?.[0];
}

test('a file carries what its sender says of it', () => {
  const info = { size: 12, mimetype: 'image/png', w: 3, h: 4 };
  const picture = message({ ...image, info });
  assert.equal(picture.kind, 'file');
  const said = { size: 12, mimetype: 'image/png', width: 3, height: 4 };
  assert.deepEqual(picture.files, [{ kind: 'image', name: 'cat.png', url, ...said }]);
  assert.deepEqual(file({ msgtype: 'm.video', body: 'a.mp4', url, info: { duration: 1500.4 } }), {
    kind: 'video',
    name: 'a.mp4',
    url,
    duration: 1500,
  });
  assert.equal(file({ msgtype: 'm.audio', body: '', url: 'http://x' })?.name, 'audio');
});

test('a body beside a name of its own is the caption', () => {
  assert.equal(message(image).plain, '');
  const captioned = message({ ...image, body: 'my cat', filename: 'cat.png' });
  assert.equal(captioned.files?.[0]?.name, 'cat.png');
  assert.equal(captioned.plain, 'my cat');
  assert.equal(message({ ...image, filename: 'cat.png' }).plain, '');
  const html = { format: 'org.matrix.custom.html', formatted_body: 'my <b>cat</b>' };
  assert.deepEqual(message({ ...image, body: 'my cat', filename: 'cat.png', ...html }).text.blocks[0], {
    type: 'paragraph',
    children: [
      { type: 'text', text: 'my ', marks: {} },
      { type: 'text', text: 'cat', marks: { bold: true } },
    ],
  });
});

test('a voice message is one, by any of the keys that clients write', () => {
  const audio = { msgtype: 'm.audio', body: 'Voice message.ogg', url };
  assert.equal(file(audio)?.kind, 'audio');
  for (const key of ['org.matrix.msc3245.voice', 'org.matrix.msc3245.voice.v2', 'm.voice'])
    assert.equal(file({ ...audio, [key]: {} })?.kind, 'voice');
});

test('the text of a sticker says what it shows', () => {
  const sticker = message({ body: 'a wave', url, info: { size: -1 } }, 'm.sticker');
  assert.deepEqual(sticker.files, [{ kind: 'sticker', name: 'a wave', url, altText: 'a wave' }]);
  assert.equal(sticker.plain, '');
});

test('what a picture shows is said in several ways', () => {
  const text = { 'm.text': [{ body: 'a cat' }] };
  assert.equal(file({ ...image, 'm.alt_text': text })?.altText, 'a cat');
  assert.equal(file({ ...image, 'org.matrix.msc1767.alt_text': 'a cat' })?.altText, 'a cat');
  assert.equal(file({ ...image, 'm.alt_text': 7 })?.altText, undefined);
});

test('a gallery has several files in their order, and one caption', () => {
  for (const msgtype of ['dm.filament.gallery', 'm.gallery']) {
    const itemtypes = [
      { itemtype: 'm.image', body: 'a.png', url },
      { itemtype: 'm.image', body: 'the second', filename: 'b.png', url },
      { itemtype: 'm.video', body: 'c.mp4' },
      { itemtype: 'x.new', body: 'd.bin', url },
      'no item',
    ];
    const gallery = message({ msgtype, body: 'our trip', itemtypes });
    assert.equal(plainText(gallery.text), 'our trip');
    assert.deepEqual(gallery.files, [
      { kind: 'image', name: 'a.png', url },
      { kind: 'image', name: 'b.png', url, altText: 'the second' },
      { kind: 'video', name: 'c.mp4' },
      { kind: 'file', name: 'd.bin', url },
    ]);
  }
});

test('a gallery without a picture is its text', () => {
  const empty = message({ msgtype: 'm.gallery', body: 'our trip', itemtypes: [] });
  assert.equal(empty.files, undefined);
  assert.equal(empty.plain, 'our trip');
});

const enciphered = {
  v: 'v2',
  url,
  key: {
    alg: 'A256CTR',
    ext: true,
    k: 'aWF6-32KGYaC3A_FEUCk1Bt0JA37zP0wrStgmdCaW-0',
    key_ops: ['encrypt', 'decrypt'],
    kty: 'oct',
  },
  iv: 'w+sE15fzSc0AAAAAAAAAAA',
  hashes: { sha256: 'fdSLu/YkRx3Wyh3KQabP3rd6+SFiKg5lsJZQHtkSAYA' },
};

test('a file of an encrypted room carries how it is deciphered', () => {
  const found = file({ msgtype: 'm.file', body: 'a.txt', file: enciphered });
  assert.equal(found?.url, url);
  assert.deepEqual(found?.cipher, {
    key: enciphered.key.k,
    iv: enciphered.iv,
    sha256: enciphered.hashes.sha256,
  });
});

test('a file whose cipher can’t be read has no address', () => {
  const broken = [
    { url },
    { ...enciphered, v: 'v3' },
    { ...enciphered, url: 'http://example.org' },
    { ...enciphered, key: { k: 'aWF6' } },
    { ...enciphered, key: 'aWF6' },
    { ...enciphered, iv: `${enciphered.iv}AAAA` },
    { ...enciphered, hashes: {} },
    { ...enciphered, hashes: { sha256: 'x'.repeat(100_000) } },
  ];
  for (const each of broken) {
    const found = file({ msgtype: 'm.file', body: 'a.txt', file: each, url });
    assert.deepEqual(found, { kind: 'file', name: 'a.txt' });
  }
});

test('whatever a file’s content is, it is read', () => {
  const keys = ['msgtype', 'body', 'filename', 'url', 'info', 'file', 'itemtypes', 'm.alt_text', 'm.voice'];
  const values = fc.oneof(
    fc.constantFrom('m.image', 'm.audio', 'dm.filament.gallery', url, image, enciphered, [image]),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const content = fc.dictionary(fc.constantFrom(...keys), values);
  const place = { event_id: '$e1', room_id: '!r1', sender: '@ann:example.org', origin_server_ts: 1 };
  fc.assert(
    fc.property(content, fc.constantFrom('m.room.message', 'm.sticker'), (made, type) => {
      const event = neutralEvent({ ...place, type, content: made });
      if (event.type !== 'message') return;
      for (const { name, altText } of event.files ?? [])
        assert.ok(name.length > 0 && name.length <= 1000 && (altText ?? '').length <= 10_000);
    }),
  );
});
