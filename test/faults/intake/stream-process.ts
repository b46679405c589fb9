// A process of its own that sends a stream of events and tells its parent what became of them: `node stream-process.ts OPTIONS`.
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { eventId, streamText } from './stream.ts';
import type { StreamOptions, StreamOutcome } from './stream.ts';

const options = JSON.parse(process.argv[2] ?? '') as StreamOptions; // sendStream made it
const url = new URL(options.url);
const pool = new Pool(url.origin, { connections: 32, pipelining: 1, headersTimeout: 10_000 });
const times: number[] = [];
const refused: number[] = [];

const bodies = Array.from({ length: options.events }, (_, number) => bodyOf(number, Date.now() / 1000));
const begun = performance.now() + 50;
const answers: Promise<void>[] = [];
for (let number = 0; number < options.events; number += 1) {
  const due = begun + (number * 1000) / options.perSecond;
  if (due > performance.now()) await sleep(due - performance.now());
  answers.push(send(number, due));
}
await Promise.all(answers);
const outcome: StreamOutcome = { times, refused, seconds: (performance.now() - begun) / 1000 };
process.send?.(outcome, undefined, undefined, () => process.exit());

async function send(number: number, due: number): Promise<void> {
  const body = bodies[number] ?? '';
  try {
    const answer = await pool.request({ method: 'POST', path: url.pathname, headers: headersOf(body), body });
    await answer.body.dump();
    if (answer.statusCode === 200) times.push(performance.now() - due);
    else refused.push(number);
  } catch {
    refused.push(number);
  }
}

/** @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
function headersOf(body: string): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const digest = createHmac('sha256', options.app.signingSecret)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex');
  return {
    'content-type': 'application/json',
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${digest}`,
  };
}

/** @see https://docs.slack.dev/reference/events/message */
function bodyOf(number: number, start: number): string {
  const channel = options.channels[number % options.channels.length] ?? '';
  const user = options.users[number % options.users.length] ?? '';
  const text = streamText(number);
  const ts = (start + number / options.perSecond).toFixed(6);
  const elements = [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }];
  return JSON.stringify({
    token: 'none',
    team_id: options.team,
    context_team_id: options.team,
    context_enterprise_id: null,
    api_app_id: options.app.id,
    event: {
      type: 'message',
      user,
      ts,
      client_msg_id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      text,
      team: options.team,
      blocks: [{ type: 'rich_text', block_id: `b${number}`, elements }],
      channel,
      event_ts: ts,
      channel_type: 'channel',
    },
    type: 'event_callback',
    event_id: eventId(number),
    event_time: Math.floor(start),
    authorizations: [
      {
        enterprise_id: null,
        team_id: options.team,
        user_id: 'U0BOT',
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: '4-stream',
  });
}
