import assert from 'node:assert/strict';
import { test } from 'node:test';
import { teamId } from '../../src/ids.ts';
import type { CallSlack } from '../../src/slack/calls.ts';
import { createListReader } from '../../src/slack/channel-lists.ts';

const team = teamId('T1');
const raw = (n: number) => ({ id: `C${n}`, name: `channel-${n}` });

/** Two pages; a channel that was made meanwhile moved the last one of the first page to the second. */
const paged: CallSlack = async ({ args }) => {
  await new Promise(setImmediate);
  return args?.['cursor'] === undefined
    ? { ok: true, channels: [raw(1), raw(2)], response_metadata: { next_cursor: 'more' } }
    : { ok: true, channels: [raw(2), raw(3)] };
};

test('a channel that stands on two pages is listed once', async () => {
  const channels = await createListReader(paged)(team);
  assert.deepEqual(
    channels.map(({ channel }) => channel),
    ['C1', 'C2', 'C3'],
  );
});

test('who asks while the list is read gets all of it, each channel once', async () => {
  const list = createListReader(paged);
  const [first, second] = await Promise.all([list(team), list(team)]);
  for (const channels of [first, second])
    assert.deepEqual(
      channels.map(({ name }) => name),
      ['channel-1', 'channel-2', 'channel-3'],
    );
});
