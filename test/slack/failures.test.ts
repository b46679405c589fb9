import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { CannotBridge, TryLater, Uncertain } from '../../src/errors.ts';
import type { Effect } from '../../src/slack/failures.ts';
import { failureOf } from '../../src/slack/failures.ts';

function sort(thrown: unknown, effect: Effect = 'post') {
  const call = { team: 'T1', method: 'chat.postMessage', effect, limit: 'slack:T1:C1' } as const;
  return failureOf(thrown, call);
}

function refused(error: string, more: Record<string, unknown> = {}) {
  return new WebAPIPlatformError({ ok: false, error, ...more });
}

function network(code: string) {
  const cause = Object.assign(new Error(`connect ${code}`), { code });
  return new WebAPIRequestError(new TypeError('fetch failed', { cause }));
}

const httpError = (status: number) => new WebAPIHTTPError(status, '', {}, '');
const broken: readonly [string, unknown][] = [
  ['500', httpError(500)],
  ['503', httpError(503)],
  ['a reset', network('ECONNRESET')],
  ['a closed socket', network('UND_ERR_SOCKET')],
  ['a time-out', new WebAPIRequestError(new DOMException('The operation timed out', 'TimeoutError'))],
  ['an answer that breaks off', new TypeError('terminated')],
  ['internal_error', refused('internal_error')],
  ['fatal_error', refused('fatal_error')],
  ['an answer that isn’t JSON', refused('<html>Bad gateway</html>')],
];

describe('an unclear end', () => {
  for (const [what, thrown] of broken) {
    test(`${what} leaves a post uncertain`, () => assert.ok(sort(thrown).error instanceof Uncertain));
    for (const effect of ['read', 'repeatable'] as const)
      test(`${what} makes a call that is ${effect} wait for the workspace`, () => {
        const { error } = sort(thrown, effect);
        assert.ok(error instanceof TryLater);
        assert.equal(error.target, 'slack:T1');
        assert.equal(error.after, undefined);
      });
  }
});

describe('a post that surely wasn’t made', () => {
  for (const code of [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'UND_ERR_CONNECT_TIMEOUT',
    'CERT_HAS_EXPIRED',
  ])
    test(`because of ${code} is tried later`, () => {
      const { error } = sort(network(code));
      assert.ok(error instanceof TryLater);
      assert.equal(error.target, 'slack:T1');
    });

  test('because of a proxy’s refusal is tried later', () => {
    assert.ok(sort(httpError(403)).error instanceof TryLater);
  });

  test('because of a limit is tried after exactly the time that Slack names, and only its bucket waits', () => {
    const { error, kind } = sort(new WebAPIRateLimitedError(17));
    assert.ok(error instanceof TryLater);
    assert.equal(error.after, 17_000);
    assert.equal(error.target, 'slack:T1:C1');
    assert.equal(kind, 'limited');
  });

  for (const [what, thrown, after] of [
    ['a limit told as an error', refused('ratelimited', { response_metadata: { retryAfter: 9 } }), 9000],
    ['a limit without a time', new Error('Retry header did not contain a valid timeout (url: x)'), 30_000],
    ['a workspace that moves', refused('team_added_to_org'), 30_000],
  ] as const)
    test(`because of ${what} is tried later`, () => {
      const { error } = sort(thrown);
      assert.ok(error instanceof TryLater);
      assert.equal(error.after, after);
    });

  for (const code of ['invalid_auth', 'token_revoked', 'account_inactive'])
    test(`because of ${code} waits for the workspace, which is in trouble`, () => {
      const { error, kind } = sort(refused(code));
      assert.ok(error instanceof TryLater);
      assert.equal(error.target, 'slack:T1');
      assert.equal(error.after, 15_000);
      assert.equal(kind, 'revoked');
    });
});

describe('a refusal', () => {
  for (const code of [
    'not_in_channel',
    'is_archived',
    'msg_too_long',
    'edit_window_closed',
    'cant_update_message',
  ])
    test(`${code} is for ever, with Slack’s code as its reason and words for people`, () => {
      const { error } = sort(refused(code));
      assert.ok(error instanceof CannotBridge);
      assert.equal(error.reason, code);
      assert.doesNotMatch(error.message, new RegExp(code));
    });

  test('that nobody knows is shown by its code', () => {
    assert.match(sort(refused('brand_new_refusal')).error.message, /brand_new_refusal/);
  });

  test('for a missing permission names it', () => {
    assert.match(
      sort(refused('missing_scope', { needed: 'reactions:write' })).error.message,
      /reactions:write/,
    );
  });
});
