import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepEmojiPacks } from '../../src/bridge/emoji-packs.ts';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { mxcUri, portalId, roomId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import type { Portal } from '../../src/portal/ports.ts';
import type { EmojiPictures } from '../../src/store/emoji.ts';
import { eventually } from '../matrix/support.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import { RecordedSlack } from '../portal/support/recorded-slack.ts';
import { portal } from '../portal/support/world.ts';

type Images = Readonly<Record<string, { readonly url: string }>>;

/** Rooms that keep the state that they are given. */
function scene(...portals: readonly Portal[]) {
  const states = new Map<string, Readonly<Record<string, unknown>>>();
  const writes: string[] = [];
  let emoji: Awaited<ReturnType<EmojiPictures['shown']>> = [];
  let waiting: readonly string[] = [];
  let refusal: Error | undefined;
  const packs = keepEmojiPacks({
    emoji: { shown: async () => emoji, unshown: async () => waiting },
    portals: { all: () => portals },
    matrix: {
      picture: async (url) => {
        waiting = waiting.filter((each) => each !== url);
        const picture = mxcUri(`mxc://hs/${url}`);
        emoji = [...emoji, { name: url, picture }];
        return picture;
      },
      state: async (room, type, key) => states.get(`${room} ${type} ${key}`),
      setState: async (room, type, key, content) => {
        if (refusal) throw refusal;
        writes.push(`${room} ${key}`);
        states.set(`${room} ${type} ${key}`, content);
      },
    },
    teams: () => new RecordedSlack().teams(),
    log: silentLogger,
    pace: 0,
    every: 5,
  });
  return {
    writes,
    stop: () => packs.stop(),
    show: (...names: readonly string[]) => {
      emoji = names.map((name) => ({ name, picture: mxcUri(`mxc://hs/${name}`) }));
    },
    wait: (...urls: readonly string[]) => {
      waiting = urls;
    },
    refuse: (error: Error | undefined) => {
      refusal = error;
    },
    pack: (room: string, key = 'slack.T1') => states.get(`${room} im.ponies.room_emotes ${key}`),
  };
}

const other: Portal = { ...portal, id: portalId(8), room: roomId('!other:hs') };

test('each room has the emoji of its workspace that were shown so far, and each once', async () => {
  const shown = scene(portal, other);
  assert.deepEqual(shown.writes, []);
  shown.show('gopher', 'parrot');
  await eventually(() => shown.writes.length === 2);
  assert.deepEqual(shown.pack(other.room), {
    images: { gopher: { url: 'mxc://hs/gopher' }, parrot: { url: 'mxc://hs/parrot' } },
    pack: { display_name: 'Acme (Slack)', usage: ['emoticon'] },
  });
  shown.show('parrot');
  await eventually(() => shown.writes.length === 4);
  assert.deepEqual(shown.pack(portal.room)?.['images'], { parrot: { url: 'mxc://hs/parrot' } });
  shown.show();
  await eventually(() => shown.writes.length === 6);
  await shown.stop();
  assert.deepEqual(shown.pack(portal.room), {});
});

test('emoji that nobody used yet are brought over first, and then in the packs', async () => {
  const shown = scene(portal);
  shown.wait('gopher', 'parrot', 'unicorn');
  await eventually(() => shown.writes.length > 0);
  await shown.stop();
  assert.deepEqual(Object.keys((shown.pack(portal.room)?.['images'] ?? {}) as Images).toSorted(), [
    'gopher',
    'parrot',
    'unicorn',
  ]);
  assert.equal(shown.writes.length, 1);
});

test('rooms from which nothing goes to Slack, and those that are not live, get none', async () => {
  const mute: Portal = { ...other, policy: { ...defaultPolicy, direction: 'to-matrix' } };
  const paused: Portal = { ...other, id: portalId(9), status: 'paused' };
  const shown = scene(mute, paused, portal);
  shown.show('parrot');
  await eventually(() => shown.writes.length === 1);
  await shown.stop();
  assert.deepEqual(shown.writes, [`${portal.room} slack.T1`]);
});

test('more than one event takes are several packs, which go when they are too many', async () => {
  const shown = scene(portal);
  const names = Array.from({ length: 1000 }, (_, index) => `emoji-with-a-rather-long-name-${index}`);
  shown.show(...names);
  await eventually(() => shown.writes.length >= 3);
  const keys = ['slack.T1', 'slack.T1.2', 'slack.T1.3'];
  const packs = keys.map((key) => shown.pack(portal.room, key));
  for (const pack of packs) assert.ok(JSON.stringify(pack).length < 60_000);
  const images = packs.flatMap((pack) => Object.keys((pack?.['images'] ?? {}) as Images));
  assert.deepEqual(images, names);
  shown.show('one');
  await eventually(() => JSON.stringify(shown.pack(portal.room, 'slack.T1.3')) === '{}');
  await shown.stop();
  assert.deepEqual(
    keys.map((key) => Object.keys((shown.pack(portal.room, key)?.['images'] ?? {}) as Images)),
    [['one'], [], []],
  );
});

test('no pack is larger than an event may be, whatever emoji are called; what fits in no more packs is left out', async () => {
  const shown = scene(portal);
  const longest = (index: number): string =>
    `絵${'\u{1F3F4}'.repeat(24)}"\\${String(index).padStart(5, '0')}`;
  shown.show(...Array.from({ length: 4000 }, (_, index) => longest(index)));
  await eventually(() => shown.writes.length === 8);
  await shown.stop();
  const keys = ['', '.2', '.3', '.4', '.5', '.6', '.7', '.8', '.9'].map((end) => `slack.T1${end}`);
  const packs = keys.map((key) => shown.pack(portal.room, key));
  const sizes = packs.map((pack) => Buffer.byteLength(JSON.stringify(pack ?? null)));
  assert.ok(
    Math.max(...sizes) < 60_000,
    `an event holds 64 KiB with what the homeserver adds: ${sizes.join()}`,
  );
  assert.ok(Math.min(...sizes.slice(0, 8)) > 30_000, `packs are full: ${sizes.join()}`);
  assert.equal(packs[8], undefined);
  const first = Object.keys(packs[0]?.['images'] ?? {})[0];
  assert.equal(first, longest(0));
});

test('a room where the bot may not is left alone, one that can’t be reached gets them later', async () => {
  const shown = scene(portal);
  shown.refuse(new TryLater('away', { after: 1 }));
  shown.show('parrot');
  await new Promise((done) => setTimeout(done, 30));
  shown.refuse(undefined);
  await eventually(() => shown.writes.length === 1);
  shown.refuse(new CannotBridge('matrix-forbidden', 'no'));
  shown.show('parrot', 'gopher');
  await new Promise((done) => setTimeout(done, 30));
  await shown.stop();
  assert.equal(shown.writes.length, 1);
});
