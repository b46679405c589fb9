// A process of its own that sends Slack's events to a bridge, as steadily as it takes them: `node generator.ts '{…}'`. What the bridge
// doesn't acknowledge is sent again. It tells its parent how many are acknowledged.
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { backlogPlan, textOf } from './plan.ts';
import type { BacklogPlan } from './plan.ts';

const plan = backlogPlan.parse(JSON.parse(process.argv[2] ?? ''));
/** Requests that wait for their answer at the same time. */
const mostAtOnce = 32;
const agent = new Agent({ connections: mostAtOnce });

let acknowledged = 0;
const begun = performance.now();
const numbers = Array.from({ length: plan.events }, (_, number) => number).values();
await Promise.all(Array.from({ length: mostAtOnce }, work));
await agent.close();
tell();
process.disconnect();

async function work(): Promise<void> {
  for (const number of numbers) {
    await sleep(Math.max(0, begun + (number * 1000) / plan.rate - performance.now()));
    const body = JSON.stringify(eventOf(plan, number));
    while (!(await isTaken(body))) await sleep(500);
    acknowledged += 1;
    if (acknowledged % 500 === 0) tell();
  }
}

function tell(): void {
  process.send?.(acknowledged);
}

async function isTaken(body: string): Promise<boolean> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const digest = createHmac('sha256', plan.secret).update(`v0:${timestamp}:${body}`).digest('hex');
  const headers = {
    'content-type': 'application/json',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${digest}`,
  };
  try {
    const answer = await request(plan.url, { method: 'POST', headers, body, dispatcher: agent });
    await answer.body.dump();
    return answer.statusCode === 200;
  } catch {
    return false; // sent again, as Slack does
  }
}

function eventOf({ team, app, user, channels, firstSecond }: BacklogPlan, number: number): object {
  const ts = `${firstSecond + Math.floor(number / 1000)}.${String(number % 1000).padStart(3, '0')}000`;
  const text = textOf(number);
  return {
    token: 'verification-token',
    team_id: team,
    context_team_id: team,
    api_app_id: app,
    event: {
      type: 'message',
      user,
      ts,
      client_msg_id: `2f0c3c5e-1111-4222-8333-${String(number).padStart(12, '0')}`,
      text,
      team,
      blocks: [
        {
          type: 'rich_text',
          block_id: `b${number}`,
          elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
        },
      ],
      channel: channels[number % channels.length],
      event_ts: ts,
      channel_type: 'channel',
    },
    type: 'event_callback',
    event_id: `Ev0LOAD${number}`,
    event_time: firstSecond + Math.floor(number / 1000),
    authorizations: [
      { enterprise_id: null, team_id: team, user_id: user, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
    event_context: '4-eyJldCI6Im1lc3NhZ2UiLCJ0aWQiOiJUMEFDTUUwMDAxIn0',
  };
}
