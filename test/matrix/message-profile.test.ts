import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainText, textDoc } from '../../src/format/doc.ts';
import { parseMrkdwn } from '../../src/format/mrkdwn.ts';
import { eventId, mxcUri } from '../../src/ids.ts';
import { editContent, messageContent } from '../../src/matrix/content.ts';
import { matrixEvent } from '../../src/matrix/inbound.ts';

const speaker = { id: '@slack_b1:hs x', name: 'Build <7>', picture: mxcUri('mxc://hs/face') };
const profile = {
  id: '@slack_b1:hs x',
  displayname: 'Build <7>',
  avatar_url: 'mxc://hs/face',
  has_fallback: true,
};
const profileKey = 'com.beeper.per_message_profile';

test('who speaks is told by a profile of the message, and by a name before the text that can be taken away again', () => {
  const content = messageContent({ kind: 'text', text: textDoc('done'), speaker }, 'x');
  assert.deepEqual(content[profileKey], profile);
  assert.equal(content['body'], 'Build <7>: done');
  assert.equal(content['format'], 'org.matrix.custom.html');
  assert.equal(content['formatted_body'], '<strong data-mx-profile-fallback>Build &lt;7&gt;: </strong>done');
  const code = messageContent({ kind: 'text', text: parseMrkdwn('```a```'), speaker }, 'x');
  assert.equal(code['body'], 'Build <7>: \n```\na\n```');
});

test('an edit keeps the profile', () => {
  const content = editContent({ kind: 'text', text: textDoc('redone'), speaker }, eventId('$e'), 'x');
  assert.deepEqual(content[profileKey], profile);
  assert.equal(content['body'], '* Build <7>: redone');
  const now = content['m.new_content'];
  assert.ok(typeof now === 'object' && now !== null && profileKey in now);
  assert.deepEqual(now[profileKey], profile);
});

function read(content: object) {
  const common = { event_id: '$e', room_id: '!r', sender: '@ann:hs', origin_server_ts: 1 };
  const event = matrixEvent(Buffer.from(JSON.stringify({ type: 'm.room.message', ...common, content })));
  assert.ok(event.type === 'edit' || event.type === 'message');
  const { text, speaker: by, plain } = event.type === 'edit' ? event.message : event;
  return { text: plainText(text), speaker: by, plain };
}

const spoken = {
  msgtype: 'm.text',
  body: 'Zoe: hi *all*',
  format: 'org.matrix.custom.html',
  formatted_body: '<strong data-mx-profile-fallback>Zoe: </strong>hi <em>all</em>',
  [profileKey]: { id: 'zoe', displayname: 'Zoe', avatar_url: 'mxc://hs/zoe', has_fallback: true },
};

test('what others write with a profile is read without the name before it', () => {
  const wanted = { text: 'hi all', speaker: { name: 'Zoe', picture: 'mxc://hs/zoe' }, plain: 'hi all' };
  assert.deepEqual(read(spoken), wanted);
  const { format: _, formatted_body: __, ...plain } = spoken;
  assert.deepEqual(read({ ...plain, body: 'Zoe: hi all' }), wanted);
  const { [profileKey]: named, ...rest } = spoken;
  assert.deepEqual(read({ ...rest, 'm.per_message_profile': named }), wanted);
});

test('a name that stands there without being said to stand in for the profile is the writer’s own', () => {
  const own = { ...spoken, [profileKey]: { id: 'zoe', displayname: 'Zoe' } };
  assert.deepEqual(read(own), { text: 'Zoe: hi all', speaker: { name: 'Zoe' }, plain: 'Zoe: hi all' });
});

test('a profile without a name that could be shown is none, and its odd picture is left out', () => {
  for (const displayname of [undefined, '', ' \u200B', 7]) {
    const shown = read({ msgtype: 'm.text', body: 'hi', [profileKey]: { id: 'x', displayname } });
    assert.deepEqual(shown, { text: 'hi', speaker: undefined, plain: 'hi' });
  }
  const odd = read({
    msgtype: 'm.text',
    body: 'hi',
    [profileKey]: { displayname: 'Zoe', avatar_url: 'https://x.org' },
  });
  assert.deepEqual(odd.speaker, { name: 'Zoe' });
});

test('an edit has the profile of its new content, else the one beside that', () => {
  const edit = (outer: object, inner: object) =>
    read({
      ...outer,
      'm.new_content': inner,
      'm.relates_to': { rel_type: 'm.replace', event_id: '$first' },
    });
  const { [profileKey]: named, ...bare } = spoken;
  assert.equal(edit({ body: '* x' }, spoken).speaker?.name, 'Zoe');
  assert.deepEqual(edit({ body: '* x', [profileKey]: named }, bare), read(spoken));
});
