import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { readSignature, verifySignature } from '../../src/slack/signature.ts';

const now = 1_531_420_618_000;
const raw = Buffer.from('token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J');

function sign(secret: string, timestamp: string, body: Buffer = raw): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
}

function verdict(timestamp: string, header: string, body: Buffer = raw) {
  const signature = readSignature(timestamp, header, now);
  if (typeof signature === 'string') return signature;
  const result = verifySignature(signature, body, [{ secret: 'one' }, { secret: 'two' }]);
  return result.type === 'valid' ? result.source.secret : result.reason;
}

test('a request is its signer’s, whichever of the secrets it is', () => {
  const timestamp = '1531420618';
  assert.equal(verdict(timestamp, sign('one', timestamp)), 'one');
  assert.equal(verdict(timestamp, sign('two', timestamp)), 'two');
});

test('a wrong secret, changed bytes or a changed time are refused', () => {
  const timestamp = '1531420618';
  assert.equal(verdict(timestamp, sign('three', timestamp)), 'wrong-signature');
  assert.equal(
    verdict(timestamp, sign('one', timestamp), Buffer.from(`${raw.toString()}&x=1`)),
    'wrong-signature',
  );
  assert.equal(verdict('1531420619', sign('one', timestamp)), 'wrong-signature');
});

test('a request from more than five minutes ago, or ahead, is refused', () => {
  for (const [timestamp, expected] of [
    ['1531420318', 'one'],
    ['1531420918', 'one'],
    ['1531420317', 'stale-timestamp'],
    ['1531420919', 'stale-timestamp'],
    ['99999999999', 'stale-timestamp'],
  ] as const)
    assert.equal(verdict(timestamp, sign('one', timestamp)), expected);
});

test('headers that are missing or odd are refused before anything is computed', () => {
  assert.equal(readSignature(undefined, 'v0=ab', now), 'no-timestamp');
  assert.equal(readSignature('soon', 'v0=ab', now), 'no-timestamp');
  assert.equal(readSignature('1531420618', undefined, now), 'no-signature');
  assert.equal(readSignature('1531420618', 'v1=ab', now), 'no-signature');
  assert.equal(readSignature('1531420618', 'v0=zz', now), 'no-signature');
});
