/** Payloads as Slack sends them. */

export type Json = Readonly<Record<string, unknown>>;

/** An Events API envelope for workspace T1 and its app A1, with the bot U0BOT. */
export function callback(event: Json, changes: Json = {}): Json {
  return {
    token: 'verification-token',
    team_id: 'T1',
    context_team_id: 'T1',
    context_enterprise_id: null,
    api_app_id: 'A1',
    event,
    type: 'event_callback',
    event_id: 'Ev0001',
    event_time: 1_700_000_000,
    authorizations: [
      { enterprise_id: null, team_id: 'T1', user_id: 'U0BOT', is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
    event_context: '4-eyJldCI6Im1lc3NhZ2UifQ',
    ...changes,
  };
}

/** What a person wrote, as the `message` event tells it. */
export function written(text: string, changes: Json = {}): Json {
  return {
    type: 'message',
    channel: 'C1',
    channel_type: 'channel',
    user: 'U1',
    team: 'T1',
    ts: '1700000000.000100',
    event_ts: '1700000000.000100',
    client_msg_id: '2f0c3c5e-1111-4222-8333-444455556666',
    text,
    blocks: [
      {
        type: 'rich_text',
        block_id: 'b1',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
      },
    ],
    ...changes,
  };
}

export function bytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
