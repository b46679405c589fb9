import { createHmac } from 'node:crypto';
import { names, people } from './names.ts';
import { slackText } from './texts.ts';

/** A request as Slack makes it: the body, and the headers that vouch for it. */
export interface SignedEvent {
  readonly headers: string;
  readonly body: string;
}

let told = 0;
const started = Math.floor(Date.now() / 1000);

/** A ts that is later than all before, a millisecond at a time. */
export function nextTs(): string {
  told += 1;
  const seconds = started + Math.floor(told / 1000);
  return `${seconds}.${String((told % 1000) * 1000).padStart(6, '0')}`;
}

/** What the bridge is told when somebody writes. */
export function messageEvent(secret: string, channel: number, number: number): SignedEvent {
  const ts = nextTs();
  const seed = told;
  return signed(secret, ts, channel, {
    user: names.slackUser(seed % people),
    client_msg_id: `0b0b0b0b-0000-4000-8000-${String(seed).padStart(12, '0')}`,
    ...slackText(number, seed),
    team: names.team,
  });
}

/** What the bridge is told of its own post. */
export function echoEvent(secret: string, channel: string, ts: string, post: object): SignedEvent {
  return signed(secret, ts, channel, {
    subtype: 'bot_message',
    bot_id: names.botId,
    app_id: names.app,
    ...post,
  });
}

/** @see https://docs.slack.dev/apis/events-api/#events-JSON */
function signed(secret: string, ts: string, channel: number | string, message: object): SignedEvent {
  const id = typeof channel === 'number' ? names.channel(channel) : channel;
  const body = JSON.stringify({
    token: 'unused',
    team_id: names.team,
    context_team_id: names.team,
    context_enterprise_id: null,
    api_app_id: names.app,
    event: { type: 'message', ts, ...message, channel: id, event_ts: ts, channel_type: 'channel' },
    type: 'event_callback',
    event_id: `Ev${ts.replace('.', '')}${typeof channel === 'number' ? '' : 'E'}`,
    event_time: Number(ts.split('.')[0]),
    authorizations: [
      {
        enterprise_id: null,
        team_id: names.team,
        user_id: names.bot,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${Buffer.from(JSON.stringify({ tid: names.team, aid: names.app, cid: id })).toString('base64')}`,
  });
  const now = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', secret).update(`v0:${now}:${body}`).digest('hex');
  return {
    headers: `x-slack-request-timestamp: ${now}\r\nx-slack-signature: v0=${signature}\r\n`,
    body,
  };
}
