import { TryLater } from '../errors.ts';
import type { RoomId } from '../ids.ts';
import type { Answer } from './call.ts';
import { countAt, isObject, textAt } from './json.ts';
import { Refusal } from './refusal.ts';

export interface FailureContext {
  readonly url: string;
  readonly room: RoomId | undefined;
  /** It was made with the token for double puppets. */
  readonly asPerson: boolean;
  /** Whether other requests went through lately. */
  readonly othersWork: boolean;
}

/**
 * What an answer that isn't a success means.
 *
 * | answer                                | means                                                                   |
 * | ------------------------------------- | ----------------------------------------------------------------------- |
 * | 429 `M_LIMIT_EXCEEDED`                | later, exactly after the time it names; holds up the room, or all       |
 * | 401                                   | the homeserver doesn't know our token (any more): later, all waits      |
 * | the same of a double puppet           | a Refusal: there are other ways than through that account                |
 * | 504 `M_NOT_YET_UPLOADED`              | its uploader hasn't sent it (yet): a Refusal, for who asked to see       |
 * | 503; 5xx without a Matrix error code  | the homeserver is down: later, all waits                                |
 * | other 5xx                             | as above; this request's own error if others go through at that time    |
 * | 4xx with a Matrix error code, or 413  | no, and not later either: a Refusal                                     |
 * | anything else                         | not a homeserver's answer (a proxy's page): later, all waits            |
 *
 * A homeserver says 502 and 504 with a code of another server that it had to ask.
 * @see https://spec.matrix.org/latest/client-server-api/#standard-error-response
 */
export function failureOf(answer: Answer, context: FailureContext): TryLater | Refusal {
  const { status } = answer;
  const body = isObject(answer.body) ? answer.body : {};
  const code = textAt(body, 'errcode');
  const message = (textAt(body, 'error') ?? '').slice(0, 200);
  if (status === 429) return limited(answer, context);
  if (status === 401 && context.asPerson) return new Refusal(status, code ?? 'M_UNKNOWN_TOKEN', message);
  if (status === 401) {
    return new TryLater(
      `the homeserver at ${context.url} refuses our token (${code ?? status}: ${message})`,
      {
        target: 'matrix',
      },
    );
  }
  if (code === 'M_NOT_YET_UPLOADED') return new Refusal(status, code, message);
  if (status >= 500) {
    const own = code !== undefined && status !== 503 && context.othersWork;
    return new TryLater(`the homeserver answered ${status} (${code ?? 'no code'}: ${message})`, {
      ...(!own && { target: 'matrix' }),
    });
  }
  if (status === 413) return new Refusal(status, code ?? 'M_TOO_LARGE', message || 'too large');
  if (status >= 400 && code !== undefined) return new Refusal(status, code, message);
  return new TryLater(`what answers at ${context.url} is no homeserver (status ${status})`, {
    target: 'matrix',
  });
}

/** Without a time in the answer: a second. */
function limited(answer: Answer, context: FailureContext): TryLater {
  const body = isObject(answer.body) ? answer.body : {};
  return new TryLater('the homeserver limits our rate', {
    after: countAt(body, 'retry_after_ms') ?? retryAfter(answer) ?? 1000,
    target: context.room === undefined ? 'matrix' : `room:${context.room}`,
  });
}

/** The Retry-After header, seconds or a date, in milliseconds. */
function retryAfter(answer: Answer): number | undefined {
  const header = answer.headers['retry-after'];
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
