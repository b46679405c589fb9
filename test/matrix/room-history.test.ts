import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matrixUserId, roomId } from '../../src/ids.ts';
import { createRoomHistory } from '../../src/matrix/room-history.ts';
import type { HomeserverClient } from '../../src/matrix/call.ts';
import type { JsonObject } from '../../src/matrix/json.ts';

const room = roomId('!room:hs');

/** A homeserver that answers each request for a page with the next of these ends. */
function historyWith(ends: readonly (string | undefined)[]) {
  const left = ends.values();
  const unused = (): never => assert.fail('history is read by single calls');
  const client: HomeserverClient = {
    url: 'http://hs',
    call: async (): Promise<JsonObject> => ({ chunk: [], start: 'start', end: left.next().value }),
    callList: unused,
    exchange: unused,
    open: unused,
    close: unused,
  };
  return createRoomHistory(client, async () => ({ user: matrixUserId('@bot:hs') }));
}

test('a page says where the next one begins, and the last one that nothing follows', async () => {
  const history = historyWith(['a', 'b', undefined]);
  assert.equal((await history.older(room)).next, 'a');
  assert.equal((await history.older(room, 'a')).next, 'b');
  assert.equal((await history.older(room, 'b')).next, undefined);
});

test('a page that leads to itself is the last one', async () => {
  const history = historyWith(['s0', 's0', 's0']);
  assert.equal((await history.older(room)).next, 's0');
  assert.equal((await history.older(room, 's0')).next, undefined);
  assert.equal((await history.newer(room, 's0')).next, undefined);
});
