import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { LogLevel, WebClient } from '@slack/web-api';
import { startSlackSandbox } from '../../sandbox/slack/server.ts';
import type { SlackSandbox, SlackSandboxOptions } from '../../sandbox/slack/server.ts';

/** A sandbox with one team, its app, two people and a channel that all of them are in; it stops with the test. */
export async function startTeam(context: TestContext, options: SlackSandboxOptions = {}) {
  const sandbox = await startSlackSandbox(options);
  context.after(() => sandbox.stop());
  const { control } = sandbox;
  const { app, team } = control.createTeam({ name: 'Acme' });
  const ann = control.createUser({ name: 'ann', realName: 'Ann Archer', displayName: 'Ann' });
  const ben = control.createUser({ name: 'ben', realName: 'Ben Baker', email: 'ben@example.com' });
  const channel = control.createChannel({ name: 'dev', members: [ann.id, ben.id] });
  // What these first steps caused is no part of any test.
  control.giveUpEvents({});
  return { sandbox, control, app, team, ann, ben, channel, client: clientOf(sandbox, app.botToken) };
}

/** Slack's own client, without its retries. */
export function clientOf(sandbox: SlackSandbox, token: string): WebClient {
  return new WebClient(token, {
    slackApiUrl: sandbox.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent,
  });
}

/** The client logs what tests provoke on purpose. */
export const silent = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

/** The `error` of Slack's answer, which its client puts into the message of what it throws. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'none';
  } catch (error) {
    return /An API error occurred: (\S+)/.exec(String(error))?.[1] ?? String(error);
  }
}

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly payload: EventPayload;
}

/** What tests look at in an event's envelope. */
export interface EventPayload {
  readonly type: string;
  readonly event_id: string;
  readonly event: {
    readonly type: string;
    readonly subtype?: string;
    readonly text?: string;
    readonly ts: string;
  };
}

/** An app's request URL: keeps what comes, and answers with the statuses of `answers` in turn, then 200. */
export async function startReceiver(context: TestContext, answers: (number | 'never')[] = []) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const payload = JSON.parse(body) as EventPayload & { readonly challenge?: string };
      if (payload.type === 'url_verification') {
        response.end(payload.challenge);
        return;
      }
      received.push({ headers: request.headers, body, payload });
      const answer = answers.shift() ?? 200;
      if (answer !== 'never') response.writeHead(answer).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
  return { url, received };
}

/** Resolves when `condition` holds; throws after `ms`. */
export async function until(condition: () => boolean, ms = 5000): Promise<void> {
  const end = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Waited ${ms} ms in vain for: ${condition.toString()}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
