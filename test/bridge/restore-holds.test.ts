import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRestore } from '../../src/bridge/restore.ts';
import type { RestoreOptions } from '../../src/bridge/restore.ts';
import { portalId } from '../../src/ids.ts';
import type { Item } from '../../src/queue/ports.ts';

test('until a portal is compared with its backup, what is said in it and its votes wait, and nothing of others', async () => {
  const pending = new Map([[portalId(7), 1_700_000_000_000]]);
  const store = { restored: { pending: () => Promise.resolve(pending) } };
  const restore = await openRestore({ store } as unknown as RestoreOptions); // what isn't started asks for no more
  const item = { from: 'matrix', seq: 1 } as Item;
  const held = ['slack', 'matrix', 'votes', 'control'].map(
    (lane) => restore.holdBack({ ...item, lane: `portal:7:${lane}` }) !== undefined,
  );
  assert.deepEqual(held, [true, true, true, false]);
  assert.equal(restore.holdBack({ ...item, lane: 'portal:8:votes' }), undefined);
});
