import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import { matrixUserId } from '../../src/ids.ts';
import { createAddresses } from '../../src/matrix/addresses.ts';
import type { Answer, Call } from '../../src/matrix/call.ts';
import { recordingLog } from './support.ts';

const ann = matrixUserId('@ann:hs');

function asking(status: number, body: unknown, adminToken: string | undefined = 'secret') {
  const calls: Call[] = [];
  const log = recordingLog();
  const exchange = async (call: Call): Promise<Answer> => {
    calls.push(call);
    return { status, body, headers: {} };
  };
  const addressesOf = createAddresses({
    client: { exchange },
    log,
    ...(adminToken !== '' && { adminToken }),
  });
  return { addressesOf, calls, log };
}

test('the addresses that the homeserver verified are a person’s', async () => {
  const { addressesOf, calls } = asking(200, {
    threepids: [
      { medium: 'email', address: 'ann@example.org', validated_at: 1 },
      { medium: 'email', address: 'unverified@example.org', validated_at: 0 },
      { medium: 'msisdn', address: '4900000', validated_at: 1 },
      'nothing',
    ],
  });
  assert.deepEqual(await addressesOf(ann), ['ann@example.org']);
  assert.deepEqual(
    calls.map(({ path, adminToken }) => [path, adminToken]),
    [[['v2', 'users', ann], 'secret']],
  );
});

test('a homeserver that won’t say isn’t asked again; one that can’t now, is; without a token nobody is', async () => {
  const refusing = asking(403, {});
  assert.equal(await refusing.addressesOf(ann), undefined);
  assert.equal(await refusing.addressesOf(ann), undefined);
  assert.deepEqual([refusing.calls.length, refusing.log.lines.length], [1, 1]);
  await assert.rejects(asking(503, {}).addressesOf(ann), TryLater);
  const without = asking(200, {}, '');
  assert.equal(await without.addressesOf(ann), undefined);
  assert.equal(without.calls.length, 0);
  assert.equal(await asking(404, {}).addressesOf(ann), undefined);
});
