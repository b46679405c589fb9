import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { silentLogger } from '../../src/log.ts';
import { createEmojiLists } from '../../src/slack/emoji-lists.ts';
import { slackEvent } from '../../src/slack/inbound.ts';
import { teamId } from '../../src/ids.ts';
import { eventually } from '../matrix/support.ts';
import type { RunningAdapter } from './support/adapter.ts';
import { memoryEmoji, startAdapter } from './support/adapter.ts';
import { bytes, callback } from './support/payloads.ts';

describe('the workspace’s own emoji', () => {
  let running: RunningAdapter;
  before(async () => {
    running = await startAdapter({ listen: true });
  });
  after(() => running.stop());

  test('are those of its list: pictures, other names of these, and of standard ones', async () => {
    const { slack, sandbox, place } = running;
    const { value } = sandbox.control.addEmoji({ name: 'our-parrot' });
    sandbox.control.addEmoji({ name: 'polly', aliasFor: 'our-parrot' });
    sandbox.control.addEmoji({ name: 'yay', aliasFor: 'wave' });
    await slack.emojiChanged(place.team, { type: 'unknown' });
    const names = ['our-parrot', 'polly', 'yay', 'yay::skin-tone-3', 'nobody'];
    const found = await eventuallyOwn(running, names, 4);
    assert.deepEqual(Object.fromEntries(found), {
      'our-parrot': { picture: value },
      polly: { picture: value },
      yay: { unicode: '👋' },
      'yay::skin-tone-3': { unicode: '👋🏼' },
    });
    assert.equal(await slack.emojiOfPicture(place.team, [value]), 'our-parrot');
    assert.equal(await slack.emojiOfPicture(place.team, []), undefined);
    assert.match((await slack.picture(value)).mimetype, /^image\//);
  });

  test('are kept in step by what events tell', async () => {
    const { slack, place } = running;
    const value = 'https://x.org/a.png';
    const own = async (...names: string[]) => [...(await slack.ownEmoji(place.team, names)).keys()];
    await slack.emojiChanged(place.team, { type: 'added', name: 'new', value });
    assert.deepEqual(await own('new', 'newer'), ['new']);
    await slack.emojiChanged(place.team, { type: 'renamed', from: 'new', to: 'newer', value });
    assert.deepEqual(await own('new', 'newer'), ['newer']);
    await slack.emojiChanged(place.team, { type: 'removed', names: ['newer'] });
    assert.deepEqual(await own('new', 'newer'), []);
  });

  test('that name each other are none', async () => {
    const { slack, place } = running;
    for (const [name, other] of [
      ['our-a', 'our-b'],
      ['our-b', 'our-a'],
    ] as const)
      await slack.emojiChanged(place.team, { type: 'added', name, value: `alias:${other}` });
    assert.equal((await slack.ownEmoji(place.team, ['our-a', 'our-b'])).size, 0);
  });
});

async function eventuallyOwn({ slack, place }: RunningAdapter, names: readonly string[], count: number) {
  let found: Awaited<ReturnType<typeof slack.ownEmoji>> = new Map();
  await eventually(() => {
    void slack.ownEmoji(place.team, names).then((own) => (found = own));
    return found.size === count;
  });
  return found;
}

test('without the permission to list them there are none, and nobody waits', async () => {
  const running = await startAdapter();
  const { slack, sandbox, app, place } = running;
  try {
    const scopes = app.scopes.filter((scope) => scope !== 'emoji:read');
    await sandbox.control.configureApp({ app: app.id, scopes });
    sandbox.control.addEmoji({ name: 'our-parrot' });
    await slack.listen();
    assert.equal((await slack.ownEmoji(place.team, ['our-parrot'])).size, 0);
  } finally {
    await running.stop();
  }
});

test('a name that nobody has is looked for once, until the list changes', async () => {
  const team = teamId('T1');
  let clock = 0;
  let read = 0;
  const lists = createEmojiLists({
    call: async () => {
      read += 1;
      return { emoji: {} };
    },
    store: memoryEmoji(),
    teams: [team],
    log: silentLogger,
    now: () => clock,
  });
  const reads = async (...names: readonly string[]): Promise<number> => {
    clock += 10 * 60_000;
    await lists.find(team, names);
    await new Promise(setImmediate);
    return read;
  };
  lists.begin();
  await new Promise(setImmediate);
  const counts = [
    await reads('none'),
    await reads('none'),
    await reads('none', 'other'),
    await reads('other'),
  ];
  lists.changed(team, false);
  counts.push(await reads('none'));
  lists.stop();
  assert.deepEqual(counts, [2, 2, 3, 3, 4]);
});

test('each change that an event tells is read; what isn’t understood asks for the list', () => {
  const teams = { has: () => true, botOf: () => undefined };
  const read = (event: object) => {
    const told = slackEvent(
      bytes(callback({ type: 'emoji_changed', event_ts: '1.000100', ...event })),
      teams,
    );
    return told.type === 'emoji' && told.team === teamId('T1') ? told.change : told;
  };
  const value = 'https://x.org/a.png';
  for (const [event, change] of [
    [
      { subtype: 'add', name: 'a', value },
      { type: 'added', name: 'a', value },
    ],
    [
      { subtype: 'remove', names: ['a', 7, 'b'] },
      { type: 'removed', names: ['a', 'b'] },
    ],
    [
      { subtype: 'rename', old_name: 'a', new_name: 'b', value },
      { type: 'renamed', from: 'a', to: 'b', value },
    ],
    [{ subtype: 'add', name: 'a' }, { type: 'unknown' }],
    [{ subtype: 'other' }, { type: 'unknown' }],
    [{}, { type: 'unknown' }],
  ] as const)
    assert.deepEqual(read(event), change);
});
