import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textDoc } from '../../src/format/doc.ts';
import { parseHtml } from '../../src/format/html.ts';
import { eventId } from '../../src/ids.ts';
import { editContent, messageContent, reactionContent } from '../../src/matrix/content.ts';
import { transactionIds } from '../../src/matrix/transaction-id.ts';

const hello = { kind: 'text', text: textDoc('hello') } as const;
const root = eventId('$root');
const latest = eventId('$latest');

test('a plain message has a body, its transaction id, and always says who is mentioned', () => {
  assert.deepEqual(messageContent(hello, 'x1'), {
    msgtype: 'm.text',
    body: 'hello',
    'm.mentions': {},
    'matrix_slack_bridge.transaction': 'x1',
  });
});

test('formatting, mentions and the address of the original are written', () => {
  const text = parseHtml('<b>hi</b> <a href="https://matrix.to/#/@ann:example.org">Ann</a>');
  const externalUrl = 'https://example.slack.com/archives/C1/p1';
  const content = messageContent({ kind: 'notice', text, externalUrl }, 'x1');
  assert.equal(content['msgtype'], 'm.notice');
  assert.equal(content['format'], 'org.matrix.custom.html');
  assert.match(String(content['formatted_body']), /<strong>hi<\/strong>/);
  assert.deepEqual(content['m.mentions'], { user_ids: ['@ann:example.org'] });
  assert.equal(content['external_url'], externalUrl);
});

test('a call to everybody that the portal let through is one', () => {
  const everyone = { type: 'mention', target: { type: 'everyone', range: 'channel' } } as const;
  const text = { blocks: [{ type: 'paragraph', children: [everyone] }] } as const;
  assert.deepEqual(messageContent({ kind: 'text', text }, 'x1')['m.mentions'], { room: true });
});

test('threads name the newest message for clients without threads, replies in them the one that is answered', () => {
  const thread = { root, latest };
  assert.deepEqual(messageContent({ ...hello, thread }, 'x')['m.relates_to'], {
    rel_type: 'm.thread',
    event_id: root,
    is_falling_back: true,
    'm.in_reply_to': { event_id: latest },
  });
  const replyTo = eventId('$asked');
  assert.deepEqual(messageContent({ ...hello, thread, replyTo }, 'x')['m.relates_to'], {
    rel_type: 'm.thread',
    event_id: root,
    is_falling_back: false,
    'm.in_reply_to': { event_id: replyTo },
  });
  assert.deepEqual(messageContent({ ...hello, replyTo }, 'x')['m.relates_to'], {
    'm.in_reply_to': { event_id: replyTo },
  });
});

test('an edit replaces the content, has a fallback, and rings for nobody', () => {
  const text = parseHtml('now <a href="https://matrix.to/#/@ann:example.org">Ann</a>');
  const content = editContent({ kind: 'text', text }, root, 'x1');
  assert.equal(content['body'], '* now @Ann');
  assert.deepEqual(content['m.mentions'], {});
  assert.deepEqual(content['m.relates_to'], { rel_type: 'm.replace', event_id: root });
  const replaced = content['m.new_content'] as Record<string, unknown>;
  assert.equal(replaced['body'], 'now @Ann');
  assert.deepEqual(replaced['m.mentions'], { user_ids: ['@ann:example.org'] });
});

test('a text that does not fit an event loses its formatting first and its end last', () => {
  const sized = (text: string) => {
    const doc = parseHtml(`<b>${text}</b>`);
    return [
      messageContent({ kind: 'text', text: doc }, 'x'),
      editContent({ kind: 'text', text: doc }, root, 'x'),
    ];
  };
  for (const content of sized('é"\\'.repeat(5000))) {
    assert.ok(Buffer.byteLength(JSON.stringify(content)) <= 58_000);
    assert.ok(!JSON.stringify(content).includes('formatted_body'));
    assert.ok(!JSON.stringify(content).includes(`${'é"\\'.repeat(2)}…"}`), 'nothing is cut');
  }
  for (const content of sized('𝕏'.repeat(15_000))) {
    const bytes = Buffer.byteLength(JSON.stringify(content));
    assert.ok(bytes <= 58_000 && bytes > 57_900, String(bytes));
    const said = (content['m.new_content'] ?? content) as Record<string, unknown>;
    assert.match(String(said['body']), /𝕏…$/u);
  }
});

test('a reaction names its target and key', () => {
  assert.deepEqual(reactionContent(root, { key: '👍' }, 'x1'), {
    'm.relates_to': { rel_type: 'm.annotation', event_id: root, key: '👍' },
    'matrix_slack_bridge.transaction': 'x1',
  });
});

test('a reaction with a picture says its name as well, in both ways that clients know', () => {
  const key = 'mxc://hs/parrot';
  assert.deepEqual(reactionContent(root, { key, shortcode: 'parrot' }, 'x1'), {
    'm.relates_to': { rel_type: 'm.annotation', event_id: root, key },
    shortcode: ':parrot:',
    'com.beeper.reaction.shortcode': ':parrot:',
    'matrix_slack_bridge.transaction': 'x1',
  });
});

test('a transaction id follows from bridge, kind, fact and part, and from nothing else', () => {
  const ids = transactionIds('bridge one');
  const key = { fact: 'slack:1:message:1700000000.000100', part: 'text' };
  const first = ids('send', key);
  assert.match(first, /^[\w-]{32}$/);
  assert.equal(ids('send', { ...key, at: 12 }), first);
  const others = [
    ids('edit', key),
    ids('send', { ...key, part: 'text.1' }),
    ids('send', { fact: `${key.fact}text`, part: '' }),
    transactionIds('bridge two')('send', key),
  ];
  assert.equal(new Set([first, ...others]).size, 5);
});
