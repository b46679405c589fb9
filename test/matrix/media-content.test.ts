import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textDoc } from '../../src/format/doc.ts';
import { parseHtml } from '../../src/format/html.ts';
import { eventId, fileId, matrixUserId, mxcUri, roomId } from '../../src/ids.ts';
import { editContent, messageContent } from '../../src/matrix/content.ts';
import { messageOf } from '../../src/matrix/inbound-message.ts';
import type { OutgoingMedia } from '../../src/portal/ports.ts';

const none = textDoc('');
const picture: OutgoingMedia = {
  kind: 'image',
  url: mxcUri('mxc://hs/1'),
  name: 'plan.png',
  mimetype: 'image/png',
  size: 12,
  width: 1200,
  height: 800,
  thumbnail: { url: mxcUri('mxc://hs/2'), mimetype: 'image/jpeg', size: 5, width: 720, height: 480 },
};
const shown = {
  msgtype: 'm.image',
  body: 'plan.png',
  filename: 'plan.png',
  url: 'mxc://hs/1',
  info: {
    mimetype: 'image/png',
    size: 12,
    w: 1200,
    h: 800,
    thumbnail_url: 'mxc://hs/2',
    thumbnail_info: { mimetype: 'image/jpeg', size: 5, w: 720, h: 480 },
  },
  'm.mentions': {},
};

function content(text = none, more: Partial<OutgoingMedia> = {}) {
  return messageContent({ kind: 'text', text, file: { ...picture, ...more } }, 'x1');
}

test('a picture without a caption has its name, its size and the smaller picture', () => {
  assert.deepEqual(content(), { ...shown, 'matrix_slack_bridge.transaction': 'x1' });
  const named = messageContent({ kind: 'text', text: none, slackFile: fileId('F1') }, 'x1');
  assert.equal(named['matrix_slack_bridge.file'], 'F1');
});

test('a caption stands beside the name, with its markup and whom it mentions', () => {
  const {
    body,
    filename,
    formatted_body,
    'm.mentions': mentions,
  } = content(parseHtml('<b>hi</b> <a href="https://matrix.to/#/@ann:example.org">Ann</a>'));
  assert.deepEqual([body, filename], ['**hi** @Ann', 'plan.png']);
  assert.match(String(formatted_body), /<strong>hi<\/strong>/);
  assert.deepEqual(mentions, { user_ids: ['@ann:example.org'] });
});

test('what a picture shows is told in words, below its caption where there is one', () => {
  assert.equal(content(none, { altText: 'a house' })['body'], 'a house');
  const both = content(textDoc('look'), { altText: 'a <b>house' });
  assert.equal(both['body'], 'look\n\n_🖼️ a <b>house_');
  assert.equal(both['formatted_body'], '<p>look</p><p><em>🖼️ a &lt;b&gt;house</em></p>');
  assert.equal(both['filename'], 'plan.png');
  assert.equal(content(textDoc('a house'), { altText: 'a house' })['body'], 'a house', 'not twice');
  const long = String(content(textDoc('look'), { altText: 'ü'.repeat(5000) })['body']);
  assert.ok(long.length < 1100 && long.includes('üü…'));
});

test('each kind is an event of its kind', () => {
  const kinds = (['image', 'video', 'audio', 'voice', 'file'] as const).map((kind) =>
    content(none, { kind }),
  );
  assert.deepEqual(
    kinds.map(({ msgtype }) => msgtype),
    ['m.image', 'm.video', 'm.audio', 'm.audio', 'm.file'],
  );
});

test('a voice is one for clients that show voices, with its waveform on their scale', () => {
  const voice = content(none, {
    kind: 'voice',
    mimetype: 'audio/mp4',
    duration: 5210,
    waveform: [0, 50, 100],
  });
  assert.deepEqual(voice['org.matrix.msc3245.voice'], {});
  assert.deepEqual(voice['org.matrix.msc1767.audio'], { duration: 5210, waveform: [0, 512, 1024] });
  assert.equal(content(none, { kind: 'audio' })['org.matrix.msc3245.voice'], undefined);
});

test('a GIF says that it moves', () => {
  const { info } = content(none, { mimetype: 'image/gif' });
  const animated = { is_animated: true, 'org.matrix.msc4230.is_animated': true };
  assert.deepEqual(info, { ...shown.info, mimetype: 'image/gif', ...animated });
});

test('an edit of a caption keeps the file', () => {
  const event = { kind: 'text', text: textDoc('now'), file: picture } as const;
  const edit = editContent(event, eventId('$e'), 'x2');
  assert.deepEqual(edit['m.new_content'], { ...shown, body: 'now' });
  assert.deepEqual([edit['body'], edit['msgtype'], edit['url']], ['* now', 'm.image', 'mxc://hs/1']);
});

test('who says it by another’s account is named before the caption, or the name of the file', () => {
  const speaker = { id: 'b7', name: 'Build 7' };
  const spoken = (text = none) => messageContent({ kind: 'text', text, file: picture, speaker }, 'x1');
  assert.equal(spoken(textDoc('done'))['body'], 'Build 7: done');
  assert.equal(spoken()['body'], 'Build 7: plan.png');
  const place = { event: eventId('$e'), room: roomId('!r:hs'), sender: matrixUserId('@a:hs'), at: 1 };
  const read = messageOf(place, 'm.room.message', spoken());
  assert.ok(read.type === 'message' && read.plain === '', 'without the name before it that is no caption');
});

test('a caption that doesn’t fit an event is cut, and the file stays', () => {
  const long = content(textDoc('𝕏'.repeat(15_000)));
  assert.ok(Buffer.byteLength(JSON.stringify(long)) <= 58_000);
  assert.equal(long['url'], 'mxc://hs/1');
  assert.ok(String(long['body']).endsWith('…'));
});
