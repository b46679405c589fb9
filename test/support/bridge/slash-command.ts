import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { Scene } from '../bridge.ts';

/** What somebody in Slack gets as an answer to `/matrix`; the scene's transport is `http`. */
export async function slashCommand(
  { slack: { team, app }, eventsUrl }: Pick<Scene, 'slack' | 'eventsUrl'>,
  text: string,
  user: string,
): Promise<string> {
  const fields = { command: '/matrix', text, team_id: team.id, user_id: user, api_app_id: app.id };
  const body = new URLSearchParams(fields).toString();
  const at = String(Math.floor(Date.now() / 1000));
  const digest = createHmac('sha256', app.signingSecret).update(`v0:${at}:${body}`).digest('hex');
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': at,
    'x-slack-signature': `v0=${digest}`,
  };
  const response = await fetch(eventsUrl, { method: 'POST', body, headers });
  const answer: unknown = await response.json();
  assert.ok(typeof answer === 'object' && answer !== null && 'text' in answer);
  return String(answer.text);
}
