import { stringify } from 'node:querystring';
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import { BrokenOff, wholeAnswer } from '../whole-answer.ts';
import type { WholeAnswer } from '../whole-answer.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, isFields } from './fields.ts';

/**
 * Makes one call and gives Slack's answer, as `WebClient` of `@slack/web-api` does with retries switched off: the same
 * request, the same errors of its own (`WebAPI…Error`). That client takes four times as much processor time a call, most of
 * it for log lines that nobody reads. Few methods are called without a token.
 */
export type WebApi = (token: string | undefined, method: string, args: Fields) => Promise<Fields>;

/** A call that has no answer by then has failed, in milliseconds. */
const timeout = 15_000;

/** @param apiUrl as Slack's own, `https://slack.com/api/`; methods follow. */
export function createWebApi(apiUrl: string): WebApi {
  const base = new URL(apiUrl);
  const prefix = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
  const pool = new Pool(base.origin, { allowH2: false }); // as many connections as it takes: no call waits for another
  return async (token, method, args) => {
    const answer = await whole(pool, {
      method: 'POST',
      path: prefix + method,
      headers: {
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'matrix-slack-bridge',
      },
      body: stringify(formOf(args)),
    });
    return answerOf(answer);
  };
}

async function whole(pool: Pool, request: Dispatcher.DispatchOptions): Promise<WholeAnswer> {
  try {
    return await wholeAnswer(pool, request, timeout);
  } catch (error) {
    if (error instanceof BrokenOff) throw error;
    throw new WebAPIRequestError(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Lists and objects are JSON within the form; what is absent isn't sent. */
function formOf(args: Fields): Record<string, string> {
  const form: Record<string, string> = {};
  for (const [name, value] of Object.entries(args)) {
    if (value === undefined || value === null) continue;
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    form[name] = plain ? String(value) : JSON.stringify(value);
  }
  return form;
}

function answerOf({ status, headers, text }: WholeAnswer): Fields {
  const retryAfter = Number.parseInt(String(headers['retry-after']), 10);
  if (status === 429) {
    if (Number.isNaN(retryAfter)) throw new Error('Retry header did not contain a valid time');
    throw new WebAPIRateLimitedError(retryAfter);
  }
  if (status >= 300 && status < 400)
    throw new WebAPIRequestError(new Error(`redirected with status ${status}`)); // the token goes nowhere else
  if (status !== 200) throw new WebAPIHTTPError(status, '', {});
  const answer = parsed(text);
  if (answer['ok'] === true) return answer;
  throw new WebAPIPlatformError({
    ok: false,
    ...answer,
    error: String(answer['error']),
    response_metadata: {
      ...fieldsOf(answer['response_metadata']),
      ...(!Number.isNaN(retryAfter) && { retryAfter }),
    },
  });
}

/** An answer that isn't JSON becomes a refusal with its text as the code, which no code looks like. */
function parsed(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    if (isFields(value)) return value;
  } catch {
    // as what is JSON, and no object
  }
  return { ok: false, error: text };
}
