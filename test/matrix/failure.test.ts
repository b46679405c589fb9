import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import { roomId } from '../../src/ids.ts';
import { failureOf } from '../../src/matrix/failure.ts';
import { Refusal, toCannotBridge } from '../../src/matrix/refusal.ts';

const room = roomId('!r');
const context = { url: 'http://hs', room, asPerson: false, othersWork: false };

function outcome(status: number, body: unknown, headers = {}, more = {}) {
  return failureOf({ status, body, headers }, { ...context, ...more });
}

test('a rate limit is waited for exactly as long as it says, and holds up its room only', () => {
  for (const [body, headers, after] of [
    [{ errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 1234 }, {}, 1234],
    [{ errcode: 'M_LIMIT_EXCEEDED' }, { 'retry-after': '7' }, 7000],
    [undefined, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
    [{}, {}, 1000],
  ] as const) {
    const error = outcome(429, body, headers);
    assert.ok(error instanceof TryLater);
    assert.equal(error.after, after);
    assert.equal(error.target, 'room:!r');
  }
  const everywhere = outcome(429, {}, {}, { room: undefined });
  assert.ok(everywhere instanceof TryLater);
  assert.equal(everywhere.target, 'matrix');
});

test('what says that the homeserver is down, or is none, holds up everything', () => {
  for (const [status, body] of [
    [502, undefined],
    [503, { errcode: 'M_UNKNOWN', error: 'x' }],
    [504, undefined],
    [500, { errcode: 'M_UNKNOWN', error: 'Internal server error' }],
    [401, { errcode: 'M_UNKNOWN_TOKEN', error: 'x' }],
    [404, undefined],
    [403, { message: 'a firewall' }],
    [200, 'a page'],
    [302, undefined],
  ] as const) {
    const error = outcome(status, body);
    assert.ok(error instanceof TryLater, String(status));
    assert.equal(error.target, 'matrix', String(status));
  }
});

test('an error of the server while others go through is the own error of one event, so that it is not tried for ever', () => {
  const internal = { errcode: 'M_UNKNOWN', error: 'Internal server error' };
  for (const status of [500, 502, 504]) {
    const own = outcome(status, internal, {}, { othersWork: true });
    assert.ok(own instanceof TryLater);
    assert.equal(own.target, undefined);
  }
  for (const [status, body] of [
    [502, undefined],
    [503, internal],
    [504, '<html>'],
  ] as const) {
    const down = outcome(status, body, {}, { othersWork: true });
    assert.ok(down instanceof TryLater);
    assert.equal(down.target, 'matrix');
  }
});

test("a homeserver's no is final, and said in people's words", () => {
  for (const [status, body, reason, words] of [
    [403, { errcode: 'M_FORBIDDEN', error: 'no power' }, 'matrix-forbidden', /room does not allow it/],
    [413, undefined, 'matrix-too-large', /too large for Matrix/],
    [413, { errcode: 'M_UNKNOWN' }, 'matrix-too-large', /too large for Matrix/],
    [400, { errcode: 'M_TOO_LARGE', error: 'x' }, 'matrix-too-large', /too large for Matrix/],
    [404, { errcode: 'M_NOT_FOUND' }, 'matrix-not-found', /not there any more/],
    [
      400,
      { errcode: 'M_BAD_JSON', error: 'odd' },
      'matrix-refused',
      /the homeserver refuses it \(M_BAD_JSON: odd\)/,
    ],
  ] as const) {
    const error = outcome(status, body);
    assert.ok(error instanceof Refusal, reason);
    const told = toCannotBridge(error, 'send the message');
    assert.equal(told.reason, reason);
    assert.match(told.message, /^could not send the message: /);
    assert.match(told.message, words);
  }
});
