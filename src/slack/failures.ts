import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import type { Target } from '../errors.ts';
import { CannotBridge, TryLater, Uncertain } from '../errors.ts';
import { refusalWords } from './refusals.ts';

/**
 * What repeating a call would do: nothing (`read`, or `repeatable`, where "already" is success), or post once more.
 * An unclear answer to a post is `Uncertain`, to any other call `TryLater`.
 */
export type Effect = 'read' | 'repeatable' | 'post';

export interface FailedCall {
  readonly team: string;
  readonly method: string;
  readonly effect: Effect;
  /** The linked person whose token it was made with. */
  readonly by?: string | undefined;
  /** What a 429 limits. */
  readonly limit: Target;
}

/** What a failed call means; `revoked` when the token is good for nothing any more. */
export interface Failure {
  readonly error: TryLater | CannotBridge | Uncertain;
  readonly kind: 'limited' | 'unreachable' | 'unclear' | 'revoked' | 'refused';
  /** Slack's code of a refusal. */
  readonly code?: string;
  /** The permission that Slack names as missing. */
  readonly needed?: string;
}

/** How long a workspace without a working token is left alone. */
const revokedPause = 15_000;
/** When Slack limits us without saying for how long. */
const unnamedPause = 30_000;

/** Slack's error codes for a token that nothing can be done with. */
export const revokedCodes: ReadonlySet<string> = new Set([
  'account_inactive',
  'invalid_auth',
  'not_authed',
  'org_login_required',
  'team_access_not_granted',
  'token_expired',
  'token_revoked',
  'two_factor_setup_required',
  'user_removed_from_team',
  'team_disabled',
]);

/** Not done, and nothing is wrong with the call. */
const laterCodes: ReadonlySet<string> = new Set([
  'accesslimited',
  'message_limit_exceeded',
  'request_timeout',
  'team_added_to_org',
]);

/** May have been done, wholly or in part. */
const unclearCodes: ReadonlySet<string> = new Set([
  'fatal_error',
  'internal_error',
  'service_unavailable',
  'timeout',
  'upstream_timeout',
]);

/** The request never left: nobody was reached, or the name is unknown, or the certificate is wrong. */
const unsentCodes =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EAI_FAIL|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_|ERR_SSL_)/;

/** Sorts what `WebClient` threw for a call. */
export function failureOf(thrown: unknown, call: FailedCall): Failure {
  if (thrown instanceof WebAPIRateLimitedError) return limited(call, thrown.retryAfter * 1000, thrown);
  if (thrown instanceof WebAPIPlatformError) return platformFailure(thrown, call);
  if (thrown instanceof WebAPIHTTPError) {
    const words = `Slack answered ${call.method} with status ${thrown.statusCode}`;
    return thrown.statusCode >= 500 || thrown.statusCode === 408
      ? unclear(call, words, thrown)
      : unreachable(call, words, thrown);
  }
  if (thrown instanceof WebAPIRequestError) {
    const code = networkCode(thrown.original);
    const words = `Slack can't be reached for ${call.method}${code === undefined ? '' : ` (${code})`}`;
    return code !== undefined && unsentCodes.test(code)
      ? unreachable(call, words, thrown)
      : unclear(call, words, thrown);
  }
  // the library throws a plain error for a 429 without a time, and whatever `fetch` does while the body is read
  if (thrown instanceof Error && thrown.message.startsWith('Retry header did not contain'))
    return limited(call, unnamedPause, thrown);
  return unclear(call, `the answer of Slack to ${call.method} broke off`, thrown);
}

function platformFailure(thrown: WebAPIPlatformError, call: FailedCall): Failure {
  const code: unknown = thrown.data.error;
  // an answer that isn't JSON arrives as an error with its text as the code
  if (typeof code !== 'string' || !/^[a-z0-9_]{1,80}$/i.test(code))
    return unclear(call, `Slack's answer to ${call.method} can't be read`, undefined);
  if (code === 'ratelimited' || code === 'rate_limited') {
    const seconds = thrown.data.response_metadata?.retryAfter;
    return limited(call, seconds === undefined ? unnamedPause : seconds * 1000, thrown);
  }
  if (revokedCodes.has(code)) {
    const words = `Slack refuses the token of workspace ${call.team} (${code})`;
    const options = { after: revokedPause, target: teamTarget(call), cause: thrown };
    return { kind: 'revoked', code, error: new TryLater(words, options) };
  }
  if (laterCodes.has(code)) return limited(call, unnamedPause, thrown);
  if (unclearCodes.has(code)) return unclear(call, `Slack answered ${call.method} with ${code}`, thrown);
  const needed: unknown = code === 'missing_scope' ? Reflect.get(thrown.data, 'needed') : undefined;
  const named = typeof needed === 'string' ? { needed } : {};
  const words = refusalWords(code, { ...named, byPerson: call.by !== undefined });
  return { kind: 'refused', code, ...named, error: new CannotBridge(code, words, { cause: thrown }) };
}

function limited(call: FailedCall, after: number, cause: unknown): Failure {
  const words = `Slack limits ${call.method}`;
  return { kind: 'limited', error: new TryLater(words, { after, target: call.limit, cause }) };
}

function unreachable(call: FailedCall, words: string, cause: unknown): Failure {
  return { kind: 'unreachable', error: new TryLater(words, { target: teamTarget(call), cause }) };
}

function unclear(call: FailedCall, words: string, cause: unknown): Failure {
  if (call.effect === 'post') return { kind: 'unclear', error: new Uncertain(words, { cause }) };
  return unreachable(call, words, cause);
}

function teamTarget(call: FailedCall): Target {
  return `slack:${call.team}`;
}

/** The code of a network failure, as `fetch` hides it in causes. */
function networkCode(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 5) return undefined;
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : networkCode(error.cause, depth + 1);
}
