import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

import type { Clock } from '../clock.ts';
import { newSecret } from '../ids.ts';
import type { App } from '../model.ts';
import type { Settings } from '../settings.ts';
import type { Attempt, Interaction, Outcome } from './attempt.ts';

/** Posts events to apps' request URLs, over connections that stay open. */
export interface HttpTransport {
  readonly send: (attempt: Attempt) => Promise<Outcome>;
  /** Posts what somebody did, as a form; the app's request URL for events is the one for these, too. */
  readonly interact: (interaction: Interaction) => Promise<Outcome>;
  /** Slack's check of a request URL: the challenge must come back. Throws with what is wrong. */
  readonly verify: (app: App, url: string) => Promise<void>;
  readonly close: () => void;
}

interface Response {
  readonly status: number;
  readonly body: string;
  readonly noRetry: boolean;
}

export function createHttpTransport(clock: Clock, settings: Settings): HttpTransport {
  const agent = new Agent({ keepAlive: true, maxSockets: settings.httpConcurrency });
  const tlsAgent = new TlsAgent({ keepAlive: true, maxSockets: settings.httpConcurrency });

  function post(
    app: App,
    url: string,
    body: string,
    extra: Readonly<Record<string, string>>,
  ): Promise<Response> {
    const timestamp = String(Math.floor(clock.now() / 1000));
    const target = new URL(url);
    const secure = target.protocol === 'https:';
    const options = {
      method: 'POST',
      agent: secure ? tlsAgent : agent,
      headers: {
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': sign(app.signingSecret, timestamp, body),
        'content-type': 'application/json',
        ...extra,
      },
    };
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? tlsRequest : request)(target, options, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          cancel();
          const noRetry = incoming.headers['x-slack-no-retry'] === '1';
          resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString(), noRetry });
        });
      });
      // The time runs from when the request goes out, not while it waits for a free connection.
      let cancel = (): void => {};
      outgoing.on('socket', () => {
        cancel = clock.after(settings.ackTimeoutMs, () =>
          outgoing.destroy(new TimedOut('No answer in time.')),
        );
      });
      outgoing.on('error', (error) => {
        cancel();
        reject(error);
      });
      outgoing.end(body);
    });
  }

  async function tell(
    app: App,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly response: Response } | { readonly outcome: Outcome }> {
    if (app.requestUrl === undefined)
      return { outcome: { ok: false, reason: 'connection_failed', noRetry: false } };
    try {
      const response = await post(app, app.requestUrl, body, headers);
      if (response.status >= 200 && response.status < 300) return { response };
      return { outcome: { ok: false, reason: 'http_error', noRetry: response.noRetry } };
    } catch (error) {
      const reason = error instanceof TimedOut ? 'http_timeout' : 'connection_failed';
      return { outcome: { ok: false, reason, noRetry: false } };
    }
  }

  return {
    send: async ({ delivery, retry }) => {
      const headers = retry && {
        'x-slack-retry-num': String(retry.number),
        'x-slack-retry-reason': retry.reason,
      };
      const told = await tell(delivery.app, delivery.body, headers ?? {});
      return 'outcome' in told ? told.outcome : { ok: true };
    },
    interact: async ({ app, type, payload }) => {
      const fields = type === 'interactive' ? { payload: JSON.stringify(payload) } : stringsOf(payload);
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const told = await tell(app, new URLSearchParams(fields).toString(), headers);
      return 'outcome' in told ? told.outcome : { ok: true, answer: answerOf(told.response.body) };
    },
    verify: async (app, url) => {
      const challenge = newSecret(24);
      const body = JSON.stringify({ token: app.verificationToken, challenge, type: 'url_verification' });
      const response = await post(app, url, body, {});
      if (response.status !== 200)
        throw new Error(`The request URL answered the challenge with ${response.status}.`);
      if (challengeOf(response.body) !== challenge)
        throw new Error("The request URL didn't return the challenge.");
    },
    close: () => {
      agent.destroy();
      tlsAgent.destroy();
    },
  };
}

class TimedOut extends Error {}

function stringsOf(fields: Readonly<Record<string, unknown>>): Record<string, string> {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(said.map(([name, value]) => [name, String(value)]));
}

/** An answer may be JSON or plain text; an empty one says nothing. */
function answerOf(body: string): unknown {
  if (body === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    return parsed;
  } catch {
    return body;
  }
}

/** The challenge may come back as plain text, as a form or as JSON. */
function challengeOf(body: string): string | null {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'challenge' in parsed)
      return String(parsed.challenge);
  } catch {
    if (body.startsWith('challenge=')) return new URLSearchParams(body).get('challenge');
  }
  return body.trim();
}

/** @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
function sign(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}
