import type { Entry } from './entry.ts';

/**
 * An event as Slack delivers it to the bridge's app in the workspace of the corpus.
 * @see https://docs.slack.dev/apis/events-api/#events-JSON
 */
export function enveloped(event: Entry['event'], changes: Entry['envelope'] = {}): unknown {
  const team = 'T0ACME0001';
  return {
    token: 'verification-token',
    team_id: team,
    context_team_id: team,
    context_enterprise_id: null,
    api_app_id: 'A0BRIDGE01',
    event,
    type: 'event_callback',
    event_id: 'Ev0CORPUS1',
    event_time: 1_700_000_000,
    authorizations: [
      {
        enterprise_id: null,
        team_id: team,
        user_id: 'U0BRIDGE01',
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: '4-eyJldCI6Im1lc3NhZ2UifQ',
    ...changes,
  };
}
