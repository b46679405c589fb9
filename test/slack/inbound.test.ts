import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SlackEvent } from '../../src/events.ts';
import { plainText } from '../../src/format/doc.ts';
import { InvalidId, slackUserId } from '../../src/ids.ts';
import { toldByHistory } from '../../src/slack/envelope.ts';
import { MalformedPayload, slackEvent } from '../../src/slack/inbound.ts';
import { bytes, callback, written } from './support/payloads.ts';
import type { Json } from './support/payloads.ts';

const teams = {
  has: (team: string) => team === 'T1',
  botOf: () => slackUserId('U0BOT'),
};

function read(event: Json, envelope: Json = {}): SlackEvent {
  return slackEvent(bytes(callback(event, envelope)), teams);
}

function readMessage(event: Json) {
  const result = read(event);
  if (result.type !== 'message') throw new Error(`not a message but ${JSON.stringify(result)}`);
  return result;
}

const place = { team: 'T1', channel: 'C1' };

describe('a message', () => {
  test('of a person has its author, place, time and text', () => {
    const { text, ...message } = readMessage(written('hello'));
    assert.equal(plainText(text), 'hello');
    assert.deepEqual(message, {
      type: 'message',
      ...place,
      ts: '1700000000.000100',
      author: { type: 'user', id: 'U1', team: 'T1' },
      emote: false,
      broadcast: false,
      files: [],
    });
  });

  test('in a thread names the root, and the root itself none', () => {
    assert.equal(readMessage(written('a', { thread_ts: '1600000000.000100' })).threadTs, '1600000000.000100');
    assert.equal(readMessage(written('a', { thread_ts: '1700000000.000100' })).threadTs, undefined);
  });

  test('that was also sent to the channel is marked', () => {
    const message = readMessage(
      written('a', { subtype: 'thread_broadcast', thread_ts: '1600000000.000100', root: {} }),
    );
    assert.equal(message.broadcast, true);
    assert.equal(message.threadTs, '1600000000.000100');
  });

  test('by /me is an emote', () => {
    assert.equal(readMessage(written('waves', { subtype: 'me_message' })).emote, true);
  });

  test('of an app goes by the name and picture that the post has, else by the app’s own', () => {
    const bot = {
      user: undefined,
      subtype: 'bot_message',
      bot_id: 'B1',
      app_id: 'A2',
      bot_profile: {
        id: 'B1',
        app_id: 'A2',
        name: 'CI',
        icons: { image_36: 'https://x/36', image_72: 'https://x/72' },
      },
    };
    const plain = readMessage(written('built', bot));
    assert.deepEqual(plain.author, { type: 'bot', id: 'B1', name: 'CI', picture: 'https://x/72' });
    assert.equal(plain.app, 'A2');
    const custom = { ...bot, username: 'Release bot', icons: { image_48: 'https://x/48' } };
    assert.deepEqual(readMessage(written('built', custom)).author, {
      type: 'bot',
      id: 'B1',
      name: 'Release bot',
      picture: 'https://x/48',
    });
  });

  test('of an app’s bot user is the bot user’s', () => {
    const message = readMessage(written('a', { user: 'U5', bot_id: 'B5', app_id: 'A5' }));
    assert.deepEqual(message.author, { type: 'user', id: 'U5', team: 'T1' });
    assert.equal(message.app, 'A5');
  });

  test('of ours carries its key', () => {
    const metadata = { event_type: 'matrix_slack_bridge', event_payload: { k: 'key1' } };
    assert.equal(readMessage(written('a', { metadata })).opKey, 'key1');
    const other = { event_type: 'task_created', event_payload: { k: 'key1' } };
    assert.equal(readMessage(written('a', { metadata: other })).opKey, undefined);
  });

  test('of a kind that nobody knows yet is bridged when somebody wrote it', () => {
    assert.equal(plainText(readMessage(written('new', { subtype: 'brand_new' })).text), 'new');
    assert.deepEqual(read(written('new', { subtype: 'brand_new', user: undefined })), {
      type: 'ignored',
      reason: 'no-author',
    });
  });

  for (const subtype of ['channel_join', 'pinned_item', 'tombstone', 'assistant_app_thread'])
    test(`of the kind ${subtype} is ignored by name`, () => {
      assert.deepEqual(read(written('a', { subtype })), { type: 'ignored', reason: `subtype:${subtype}` });
    });
});

describe('a huddle', () => {
  const room = { created_by: 'U1', date_start: 1_700_000_000, date_end: 0, has_ended: false };
  const huddle = (change: Json = {}, more: Json = {}) =>
    written('A huddle started', { subtype: 'huddle_thread', room: { ...room, ...change }, ...more });
  const change = (now: Json, previous: Json) =>
    read({
      type: 'message',
      subtype: 'message_changed',
      channel: 'C1',
      event_ts: '1700000900.000000',
      message: now,
      previous_message: previous,
    });

  test('shows where to join, and who began it where that isn’t its author', () => {
    const join = '[join it in Slack](https://app.slack.com/huddle/T1/C1)';
    assert.equal(plainText(readMessage(huddle()).text), `🎧 A huddle is on: ${join}`);
    const bySlackbot = readMessage(huddle({}, { user: 'USLACKBOT' }));
    assert.equal(plainText(bySlackbot.text), `🎧 A huddle by @U1 is on: ${join}`);
  });

  for (const [end, words] of [
    [1_700_000_010, ' after less than a minute'],
    [1_700_000_060, ' after 1 minute'],
    [1_700_007_260, ' after 2 hours and 1 minute'],
    [0, ''],
  ] as const)
    test(`that ended${words} says so, once`, () => {
      const ended = huddle({ has_ended: true, date_end: end });
      const event = change(ended, huddle());
      assert.ok(event.type === 'edit');
      assert.equal(plainText(event.message.text), `🎧 The huddle ended${words}.`);
      assert.deepEqual(change(ended, ended), { type: 'ignored', reason: 'unchanged' });
    });

  test('that somebody joins or leaves is the same huddle', () => {
    assert.deepEqual(change(huddle({ participants: ['U1', 'U2'] }), huddle()), {
      type: 'ignored',
      reason: 'unchanged',
    });
  });
});

test('what somebody did to the channel is said of them, unless the words name them', () => {
  const reminder = readMessage(written(' set up a reminder', { subtype: 'reminder_add', blocks: undefined }));
  assert.deepEqual([reminder.emote, plainText(reminder.text)], [true, 'set up a reminder']);
  assert.equal(readMessage(written('<@U1> added an app', { subtype: 'bot_add' })).emote, false);
});

describe('a changed message', () => {
  const before = written('old', { type: 'message' });
  const changed = (message: Json, previous: Json = before) =>
    read({
      type: 'message',
      subtype: 'message_changed',
      hidden: true,
      channel: 'C1',
      ts: '1700000009.000900',
      event_ts: '1700000009.000900',
      message,
      previous_message: previous,
    });

  test('by its author is an edit with the whole message', () => {
    const event = changed(written('new', { edited: { user: 'U1', ts: '1700000009.000000' } }));
    assert.equal(event.type, 'edit');
    assert.equal(event.ts, '1700000000.000100');
    assert.equal(event.message.editTs, '1700000009.000900');
    assert.equal(plainText(event.message.text), 'new');
  });

  test('says that its channel is private, or that history told it', () => {
    const message = written('new', { edited: { user: 'U1', ts: '1700000009.000000' } });
    const event = { type: 'message', subtype: 'message_changed', channel: 'C1', message };
    const told = { ...event, ts: '1700000009.000900', previous_message: before };
    for (const [type, inPrivate] of [
      ['group', true],
      ['channel', undefined],
    ] as const) {
      const edit = read({ ...told, channel_type: type });
      assert.equal(edit.type === 'edit' && edit.inPrivate, inPrivate);
    }
    const late = read(told, { [toldByHistory]: true });
    assert.equal(late.type === 'edit' && late.late, true);
  });

  test('that is the same but for an unfurl is no edit, edited before or not', () => {
    const attachments = [{ id: 1, from_url: 'https://example.org', title: 'Example' }];
    assert.deepEqual(changed({ ...before, attachments }), { type: 'ignored', reason: 'unfurl' });
    const edit = { edited: { user: 'U1', ts: '1700000005.000000' } };
    assert.deepEqual(changed({ ...before, ...edit, attachments }, { ...before, ...edit }), {
      type: 'ignored',
      reason: 'unfurl',
    });
  });

  test('that sends a reply to the channel, too, is an edit at the time of the change', () => {
    const reply = { ...before, thread_ts: '1600000000.000100' };
    const event = changed({ ...reply, subtype: 'thread_broadcast', root: {} }, reply);
    assert.equal(event.type, 'edit');
    assert.equal(event.message.broadcast, true);
    assert.equal(event.message.editTs, '1700000009.000900');
    const loud = { ...reply, subtype: 'thread_broadcast' };
    assert.deepEqual(changed(loud, loud), { type: 'ignored', reason: 'unchanged' });
  });

  test('that only counts its replies is no edit', () => {
    assert.deepEqual(changed({ ...before, reply_count: 1, thread_ts: before['ts'] }), {
      type: 'ignored',
      reason: 'unchanged',
    });
  });

  test('by an app that leaves no edit mark is an edit at the time of the change', () => {
    const event = changed(written('42 % done'), written('41 % done'));
    assert.equal(event.type, 'edit');
    assert.equal(event.message.editTs, '1700000009.000900');
  });

  test('to a tombstone is a deletion', () => {
    const tombstone = {
      ...before,
      subtype: 'tombstone',
      text: 'This message was deleted.',
      user: 'USLACKBOT',
    };
    assert.deepEqual(changed(tombstone), { type: 'delete', ...place, ts: '1700000000.000100' });
  });
});

describe('other events', () => {
  const cases: readonly [what: string, event: Json, expected: unknown][] = [
    [
      'a deletion',
      { type: 'message', subtype: 'message_deleted', channel: 'C1', ts: '2.000000', deleted_ts: '1.000100' },
      { type: 'delete', ...place, ts: '1.000100' },
    ],
    [
      'a reaction with a skin tone',
      {
        type: 'reaction_added',
        user: 'U1',
        reaction: 'wave::skin-tone-3',
        item: { type: 'message', channel: 'C1', ts: '1.000100' },
        event_ts: '2.000000',
      },
      { type: 'reaction', change: 'added', ...place, ts: '1.000100', user: 'U1', name: 'wave::skin-tone-3' },
    ],
    [
      'a reaction to a file',
      { type: 'reaction_removed', user: 'U1', reaction: 'wave', item: { type: 'file', file: 'F1' } },
      { type: 'ignored', reason: 'reaction-to-other' },
    ],
    [
      'the bot’s coming',
      { type: 'member_joined_channel', user: 'U0BOT', channel: 'C1', team: 'T1', inviter: 'U1' },
      { type: 'channel', change: 'bot-joined', ...place },
    ],
    [
      'a person’s coming',
      { type: 'member_joined_channel', user: 'U1', channel: 'C1', team: 'T1' },
      { type: 'member', change: 'joined', user: 'U1', ...place },
    ],
    [
      'a person’s leaving',
      { type: 'member_left_channel', user: 'U1', channel: 'C1', team: 'T1' },
      { type: 'member', change: 'left', user: 'U1', ...place },
    ],
    [
      'the coming of nobody',
      { type: 'member_joined_channel', user: '../etc', channel: 'C1', team: 'T1' },
      { type: 'ignored', reason: 'member' },
    ],
    [
      'the bot’s leaving a private channel',
      { type: 'group_left', channel: 'G1' },
      { type: 'channel', change: 'bot-left', team: 'T1', channel: 'G1' },
    ],
    [
      'an archived channel',
      { type: 'channel_archive', channel: 'C1', user: 'U1' },
      { type: 'channel', change: 'archived', ...place },
    ],
    [
      'a renamed channel',
      { type: 'channel_rename', channel: { id: 'C1', name: 'new', created: 1 } },
      { type: 'channel', change: 'renamed', ...place },
    ],
    [
      'the bot’s revoked token',
      { type: 'tokens_revoked', tokens: { oauth: [], bot: ['U0BOT'] } },
      { type: 'team', team: 'T1', change: 'tokens-revoked' },
    ],
    [
      'a person’s revoked token',
      { type: 'tokens_revoked', tokens: { oauth: ['U1'] } },
      { type: 'logins-revoked', team: 'T1', users: ['U1'] },
    ],
    ['the app’s removal', { type: 'app_uninstalled' }, { type: 'team', team: 'T1', change: 'uninstalled' }],
    [
      'a renamed usergroup',
      { type: 'subteam_updated', subteam: { id: 'S1', handle: 'builders' }, event_ts: '1.000100' },
      { type: 'usergroups', team: 'T1' },
    ],
    ['an unknown event', { type: 'shiny_new' }, { type: 'ignored', reason: 'unknown:shiny_new' }],
    [
      'an event called like an object’s own',
      { type: 'toString' },
      { type: 'ignored', reason: 'unknown:toString' },
    ],
  ];
  for (const [what, event, expected] of cases)
    test(`${what} is read as such`, () => assert.deepEqual(read(event), expected));

  test('a profile has the display name, else the real one, else the user name, and the largest picture', () => {
    const profile = { image_24: 'https://x/24', image_512: 'https://x/512', image_original: 'https://x/o' };
    const change = (more: Json) =>
      read({
        type: 'user_change',
        user: { id: 'U1', name: 'ann', real_name: '', profile: { ...profile, ...more } },
      });
    const picture = 'https://x/512';
    for (const [more, name] of [
      [{ display_name: 'Annie', real_name: 'Ann Other' }, 'Annie'],
      [{ display_name: '', real_name: 'Ann Other' }, 'Ann Other'],
      [{ display_name: ' \u200b', real_name: '' }, 'ann'],
      [{ display_name: 'A\u202enn  B' }, 'Ann B'],
    ] as const) {
      const told = change(more);
      assert.ok(told.type === 'profile' && told.team === 'T1');
      const { team, id, name: shown, picture: largest, bot, deactivated } = told.profile;
      assert.deepEqual(
        [team, id, shown, largest, bot, deactivated],
        ['T1', 'U1', name, picture, false, false],
      );
    }
  });

  test('Slack’s word that it holds events back is the workspace’s', () => {
    const body = { type: 'app_rate_limited', team_id: 'T1', minute_rate_limited: 1_700_000_000 };
    assert.deepEqual(slackEvent(bytes(body), teams), { type: 'team', team: 'T1', change: 'rate-limited' });
  });
});

describe('what can’t be what it says', () => {
  for (const [what, payload] of [
    ['no JSON', Buffer.from('{')],
    ['no object', bytes([1])],
    [
      'another workspace’s',
      bytes(callback(written('a'), { team_id: 'T9', context_team_id: 'T9', authorizations: [] })),
    ],
    ['no event', bytes(callback({}))],
    ['a message without a ts', bytes(callback(written('a', { ts: 17 })))],
    ['a message of nobody real', bytes(callback(written('a', { user: '../../etc' })))],
    ['a message from no channel', bytes(callback(written('a', { channel: '' })))],
  ] as const)
    test(`${what} is an error that says so`, () =>
      assert.throws(
        () => slackEvent(payload, teams),
        (error) => error instanceof MalformedPayload || error instanceof InvalidId,
      ));
});
