import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foundAgain } from '../../src/bridge/restore-links.ts';
import type { Post } from '../../src/bridge/restore-posts.ts';
import type { SharedPost } from '../../src/bridge/restore-shares.ts';
import { createTrace } from '../../src/bridge/restore-trace.ts';
import {
  channelId,
  eventId,
  matrixUserId,
  portalId,
  roomId,
  slackUserId,
  teamId,
  ts,
} from '../../src/ids.ts';
import type { EventId, Ts } from '../../src/ids.ts';
import { createEchoMarks, markKey } from '../../src/matrix/echo-mark.ts';
import { transactionIds, transactionKey } from '../../src/matrix/transaction-id.ts';
import { keyedFileName, keyInFileName } from '../../src/portal/file-key.ts';
import type { MessageLink, Portal } from '../../src/portal/ports.ts';
import { permalink } from '../../src/slack/permalink.ts';
import { defaultPolicy } from '../support/default-policy.ts';

const bridgeId = 'the id of this test';
const transactionId = transactionIds(bridgeId);
const ghost = '@slack_u1:hs';
const isOurs = (user: string): boolean => user.startsWith('@slack_');
const portal: Portal = {
  id: portalId(7),
  room: roomId('!room:hs'),
  kind: 'channel',
  through: 'bot',
  status: 'live',
  policy: defaultPolicy,
  channels: [{ team: teamId('T1'), channel: channelId('C1'), name: 'town' }],
  since: ts('1700000000.000000'),
};
const root = ts('1700000001.000100');
const reply = ts('1700000002.000200');

function copy(id: string, of: Ts, part: string, more: Readonly<Record<string, unknown>> = {}) {
  const transaction = transactionId('send', { fact: `slack:7:message:${of}`, part });
  const external_url = permalink('https://acme.slack.com/', channelId('C1'), of, root);
  const content = { msgtype: 'm.text', body: 'x', external_url, [transactionKey]: transaction, ...more };
  return { event_id: id, sender: ghost, type: 'm.room.message', origin_server_ts: 5, content };
}

function said(id: string, relation?: object) {
  const content = { msgtype: 'm.text', body: 'hi', ...(relation && { 'm.relates_to': relation }) };
  return { event_id: id, sender: '@ann:hs', type: 'm.room.message', origin_server_ts: 9, content };
}

function byUs(id: string, type: string, relation: object) {
  const content = { 'm.relates_to': relation, [transactionKey]: 'any' };
  return { event_id: id, sender: ghost, type, origin_server_ts: 5, content };
}

async function found(
  events: readonly Readonly<Record<string, unknown>>[],
  posts: ReadonlyMap<string, Post> = new Map(),
  known: readonly MessageLink[] = [],
  shares: readonly SharedPost[] = [],
) {
  const trace = createTrace({ portal: portal.id, room: portal.room, bridgeId, isOurs });
  for (const event of events) trace.add(event);
  return foundAgain({
    portal,
    trace,
    posts,
    shares,
    opKey: (event: EventId, piece: number) => `${event} ${piece}`,
    matrix: {
      bot: matrixUserId('@slackbot:hs'),
      authorOf: (user) => (user === ghost ? { author: slackUserId('U1') } : undefined),
      member: async (_room, user) => ({ user, name: user === '@ann:hs' ? 'Ann' : 'Bob' }),
    },
    links: {
      byEvent: async (event) => known.filter((link) => link.event === event),
      byTs: async (_portal, at) => known.filter((link) => link.ts === at),
    },
  });
}

const place = { portal: portal.id, room: portal.room, source: 'live' };

test('a copy of a message is known by its address and by the transaction id of its part', async () => {
  const file = { body: 'plan.pdf: https://acme.slack.com/files/U1/F0ABCDEF12/plan.pdf' };
  const { links } = await found([
    copy('$a', root, 'text'),
    copy('$b', reply, 'text.1'),
    copy('$c', reply, 'file:F0ABCDEF12', file),
  ]);
  const common = { ...place, piece: 0, origin: 'slack', sender: 'U1', postedAs: ghost };
  assert.deepEqual(links, [
    { ...common, event: '$a', ts: root, part: 'text', sentAt: 1_700_000_001_000 },
    { ...common, event: '$b', ts: reply, threadTs: root, part: 'text.1', sentAt: 1_700_000_002_000 },
    { ...common, event: '$c', ts: reply, threadTs: root, part: 'file:F0ABCDEF12', sentAt: 1_700_000_002_000 },
  ]);
});

test('what we did as a person is known by its mark, and for whom of Slack, whoever has linked what by now', async () => {
  const marks = createEchoMarks(bridgeId);
  const sender = '@ann:hs';
  const author = slackUserId('U7ANN');
  const asAnn = (event: { readonly content: Readonly<Record<string, unknown>> }) => {
    const transaction = String(event.content[transactionKey]);
    const mark = marks.mark({ sender, room: portal.room, transaction, bound: 5, author });
    return { ...event, sender, content: { ...event.content, [markKey]: mark } };
  };
  const react = { rel_type: 'm.annotation', event_id: '$a', key: '🎉' };
  const { links, reactions } = await found([
    asAnn(copy('$a', root, 'text')),
    asAnn(byUs('$b', 'm.reaction', react)),
  ]);
  assert.deepEqual(
    links.map((link) => [link.event, link.origin, link.sender, link.postedAs]),
    [['$a', 'slack', 'U7ANN', sender]],
  );
  assert.deepEqual(
    reactions.map((reaction) => [reaction.event, reaction.origin, reaction.sender, reaction.postedAs]),
    [['$b', 'slack', 'U7ANN', sender]],
  );
});

test('a file is known by the name of its own that its event carries, and its caption with it', async () => {
  const file = { msgtype: 'm.image', filename: 'plan.png', 'matrix_slack_bridge.file': 'F0ABCDEF12' };
  const { links } = await found([
    copy('$a', root, 'file:F0ABCDEF12', { ...file, body: 'plan.png' }),
    copy('$b', reply, 'file:F0ABCDEF12', { ...file, body: 'look' }),
    copy('$c', reply, 'channel:file:F0ABCDEF12', { ...file, body: 'look' }),
  ]);
  assert.deepEqual(
    links.map(({ event, part, piece }) => [event, part, piece]),
    [
      ['$a', 'file:F0ABCDEF12', 0],
      ['$b', 'file:F0ABCDEF12', 0],
      ['$b', 'text', 1],
      ['$c', 'channel:file:F0ABCDEF12', 0],
      ['$c', 'channel:text', 1],
    ],
  );
});

test('what only looks like a copy is none: another part, another account, no key, a removed one', async () => {
  const foreign = { ...copy('$d', root, 'text'), sender: '@ann:hs' };
  const { links } = await found([
    copy('$a', root, 'text', { [transactionKey]: transactionId('send', { fact: 'else', part: 'text' }) }),
    copy('$b', root, 'text', { external_url: 'https://acme.slack.com/archives/C1/p1' }),
    { ...copy('$c', root, 'text'), content: {} },
    foreign,
    { ...copy('$e', root, 'text'), state_key: '' },
    { event_id: 7, sender: ghost, type: 'm.room.message', content: {} },
  ]);
  assert.deepEqual(links, []);
});

test('reactions and edits of ours belong to the messages that they name, found again or known', async () => {
  const known: MessageLink = {
    portal: portal.id,
    ts: reply,
    part: 'text',
    event: eventId('$known'),
    piece: 0,
    room: portal.room,
    origin: 'matrix',
    source: 'live',
    sender: '@ann:hs',
    postedAs: 'T1',
    sentAt: 1,
  };
  const { reactions, related } = await found(
    [
      copy('$a', root, 'text'),
      byUs('$r', 'm.reaction', { rel_type: 'm.annotation', event_id: '$known', key: '🎉' }),
      byUs('$lost', 'm.reaction', { rel_type: 'm.annotation', event_id: '$nowhere', key: '🎉' }),
      byUs('$e', 'm.room.message', { rel_type: 'm.replace', event_id: '$a' }),
    ],
    new Map(),
    [known],
  );
  const by = { sender: 'U1', origin: 'slack', postedAs: ghost };
  assert.deepEqual(reactions, [{ event: '$r', portal: 7, ts: reply, name: 'tada', ...by }]);
  assert.deepEqual(related, [{ event: '$e', portal: 7, ts: root, part: 'text', kind: 'edit' }]);
});

test('what our users redacted was taken back, in whatever version of room; what people redacted is told as usual', async () => {
  const redaction = { type: 'm.room.redaction', origin_server_ts: 5 };
  const { takenBack, links } = await found([
    { ...redaction, event_id: '$r1', sender: ghost, content: { redacts: '$x' } },
    { ...redaction, event_id: '$r2', sender: ghost, content: {}, redacts: '$y' },
    { ...redaction, event_id: '$r3', sender: ghost, content: { redacts: 7 } },
    { ...redaction, event_id: '$r4', sender: '@ann:hs', content: { redacts: '$z' } },
  ]);
  assert.deepEqual(takenBack, ['$x', '$y']);
  assert.deepEqual(links, []);
});

test('the file of a very long message is known by the key in its name', async () => {
  const [key, ...others] = ['message-abcdefghijklmnopqrstuvwxyz_-0123.md', 'message-short.md', 'plan.md'];
  assert.equal(keyInFileName(key ?? ''), 'abcdefghijklmnopqrstuvwxyz_-0123');
  assert.equal(keyedFileName('abcdefghijklmnopqrstuvwxyz_-0123'), key);
  for (const name of others) assert.equal(keyInFileName(name), undefined);
  const posts = new Map<string, Post>([
    ['$long 0', { ts: root }],
    ['$long 1', { ts: reply, part: 'file:F1' }],
  ]);
  const { links } = await found([said('$long')], posts);
  assert.deepEqual(
    links.map(({ ts: at, part, piece }) => [at, part, piece]),
    [
      [root, 'text', 0],
      [reply, 'file:F1', 1],
    ],
  );
});

test('our posts in Slack are known by the keys of the events that they are of', async () => {
  const posts = new Map([
    ['$long 0', { ts: root }],
    ['$long 1', { ts: reply, threadTs: root }],
    ['$edit 2', { ts: ts('1700000003.000300') }],
    ['$unheard 0', { ts: ts('1700000004.000300') }],
  ]);
  const { links } = await found(
    [said('$long'), said('$edit', { rel_type: 'm.replace', event_id: '$long' }), said('$never')],
    posts,
  );
  const common = { ...place, event: '$long', part: 'text', origin: 'matrix', sender: '@ann:hs' };
  assert.deepEqual(links, [
    { ...common, ts: root, piece: 0, postedAs: 'T1', sentAt: 9 },
    { ...common, ts: reply, threadTs: root, piece: 1, postedAs: 'T1', sentAt: 9 },
    {
      ...common,
      ts: '1700000003.000300',
      piece: 2,
      postedAs: 'T1',
      sentAt: 9,
      lastEdit: '0000000000000009 $edit',
    },
  ]);
});

const noon = 1_700_000_100_000;

function sentFiles(id: string, names: readonly string[], more: Readonly<Record<string, unknown>> = {}) {
  const url = 'mxc://hs/any';
  const itemtypes = names.map((body) => ({
    itemtype: 'm.image',
    body,
    url,
    info: { mimetype: 'image/png' },
  }));
  const content = { msgtype: 'm.gallery', body: '', itemtypes };
  const event = { event_id: id, sender: '@ann:hs', type: 'm.room.message', origin_server_ts: noon, content };
  return { ...event, ...more };
}

function edited(id: string, target: string, names: readonly string[]) {
  const { content, ...event } = sentFiles(id, names);
  const relation = { rel_type: 'm.replace', event_id: target };
  return { ...event, content: { ...content, 'm.new_content': content, 'm.relates_to': relation } };
}

function share(second: number, names: readonly string[], username = 'Ann (Matrix)'): SharedPost {
  return { ts: ts(`17000001${second}.000100`), part: `file:F${second}`, username, names, ids: [] };
}

async function pieces(
  events: readonly Readonly<Record<string, unknown>>[],
  shares: readonly SharedPost[],
  known: readonly MessageLink[] = [],
) {
  const { links } = await found(events, new Map(), known, shares);
  return links.map(({ event, part, piece }) => [event, part, piece]);
}

test('a share of files is that of the message whose files and sender it shows, each of one only', async () => {
  const shares = [share(12, ['cat.png']), share(11, ['cat.png']), share(13, ['dog.png'], 'Bob (Matrix)')];
  const bobs = { sender: '@bob:hs' };
  assert.deepEqual(
    await pieces(
      [
        sentFiles('$1', ['cat']),
        sentFiles('$2', ['cat.png'], { origin_server_ts: noon + 1 }),
        sentFiles('$3', ['cat.png'], { origin_server_ts: noon + 2 }),
        sentFiles('$4', ['dog.png'], bobs),
      ],
      shares,
    ),
    [
      ['$1', 'file:F11', 50],
      ['$4', 'file:F13', 50],
      ['$2', 'file:F12', 50],
    ],
  );
});

test('a share may lack files that couldn’t be brought; more than ten are in several', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `p${index}.png`);
  const shares = [share(11, names.slice(1, 10)), share(12, names.slice(10))];
  assert.deepEqual(await pieces([sentFiles('$1', names)], shares), [
    ['$1', 'file:F11', 50],
    ['$1', 'file:F12', 51],
  ]);
  assert.deepEqual(await pieces([sentFiles('$1', ['a.png'])], [share(11, ['a.png', 'b.png'])]), []);
});

test('an edit with the same files, or others, is no message of its own', async () => {
  const events = [
    sentFiles('$1', ['cat.png']),
    edited('$e', '$1', ['dog.png']),
    sentFiles('$2', ['dog.png']),
  ];
  assert.deepEqual(await pieces(events, [share(11, ['dog.png']), share(12, ['dog.png'])]), [
    ['$1', 'file:F11', 50],
    ['$2', 'file:F12', 50],
  ]);
});

test('a share that is known, or older than its message could be, is none', async () => {
  const known: MessageLink = {
    portal: portal.id,
    room: portal.room,
    source: 'live',
    origin: 'matrix',
    piece: 50,
    ts: ts('1700000111.000100'),
    part: 'file:F11',
    event: eventId('$old'),
    sender: '@ann:hs',
    postedAs: 'T1',
    sentAt: 1,
  };
  const old = { ...share(12, ['cat.png']), ts: ts('1600000000.000100') };
  assert.deepEqual(await pieces([sentFiles('$1', ['cat.png'])], [share(11, ['cat.png']), old], [known]), []);
});

test('what somebody’s own account made in Slack stays that account’s', async () => {
  const account = slackUserId('UANN');
  const posts = new Map([['$m 0', { ts: root, account }]]);
  const person = matrixUserId('@ann:hs');
  const own: SharedPost = { ...share(11, ['cat.png'], ''), account, person };
  const events = [
    said('$m'),
    sentFiles('$bob', ['cat.png'], { sender: '@bob:hs' }),
    sentFiles('$f', ['cat.png']),
  ];
  const { links } = await found(events, posts, [], [own]);
  assert.deepEqual(
    links.map(({ event, postedAs }) => [event, postedAs]),
    [
      ['$m', account],
      ['$f', account],
    ],
  );
});
