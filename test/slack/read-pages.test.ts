import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelId, teamId } from '../../src/ids.ts';
import type { Call } from '../../src/slack/calls.ts';
import { readMessages } from '../../src/slack/read-pages.ts';

const place = { team: teamId('T1'), channel: channelId('C1') };

/** What is read of a channel whose pages, of one message each, name these as the next ones. */
async function readAll(cursors: readonly string[]): Promise<readonly (string | undefined)[]> {
  const asked: (string | undefined)[] = [];
  const call = async ({ args }: Call) => {
    const next = cursors[asked.length] ?? assert.fail('a page was asked for that nothing led to');
    const { cursor } = args;
    asked.push(typeof cursor === 'string' ? cursor : undefined);
    return { messages: [{ ts: `${asked.length}.000000` }], response_metadata: { next_cursor: next } };
  };
  let read = 0;
  for await (const message of readMessages(call, place, {}))
    assert.equal(message['ts'], `${(read += 1)}.000000`);
  assert.equal(read, asked.length);
  return asked;
}

test('pages are read until one names no next one', async () => {
  assert.deepEqual(await readAll(['a', 'b', '']), [undefined, 'a', 'b']);
});

test('a page that leads to itself is the last one', async () => {
  assert.deepEqual(await readAll(['a', 'a', 'a']), [undefined, 'a']);
});
