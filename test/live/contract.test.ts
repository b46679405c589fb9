import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import { contractChecks } from '../sandbox/contract-checks.ts';
import { silent } from '../sandbox/start.ts';

// The same checks that hold the sandbox to Slack's behaviour, against a real workspace. The app is one made from
// config/slack-app-manifest.yaml with Socket Mode on, and its bot is in the channel.
const variables = ['SLACK_LIVE_BOT_TOKEN', 'SLACK_LIVE_APP_TOKEN', 'SLACK_LIVE_CHANNEL'] as const;
const [botToken = '', appToken = '', channel = ''] = variables.map((name) => process.env[name]);
const missing = variables.filter((name) => !process.env[name]);

if (missing.length > 0) {
  const reason = `The tests against a real Slack need ${missing.join(', ')} in the environment.`;
  test('the contract with a real workspace', (context) => context.skip(reason));
} else {
  const client = new WebClient(botToken, { retryConfig: { retries: 2 }, logger: silent });
  const pause = () => wait(1200);
  contractChecks(() =>
    Promise.resolve({ client, appToken, apiUrl: 'https://slack.com/api/', channel, pause }),
  );
}
