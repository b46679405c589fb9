import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { ts as tsOf } from '../../src/ids.ts';
import { objectsOf } from '../../src/slack/fields.ts';
import type { RunningAdapter } from './support/adapter.ts';
import { startAdapter } from './support/adapter.ts';
import { failNext, newChannel, outgoing, stored } from './support/channel.ts';

let running: RunningAdapter;
before(async () => {
  running = await startAdapter();
});
after(() => running.stop());

/** Slack refused for good, with this code and a sentence for people. */
function refusal(reason: string) {
  return (error: unknown) => {
    assert.ok(error instanceof CannotBridge);
    assert.equal(error.reason, reason);
    assert.match(error.message, / .* /);
    return true;
  };
}

test('an update has the new text and the same name', async () => {
  const place = newChannel(running);
  const ts = await running.slack.post(place, outgoing('old'));
  await running.slack.update(place, ts, outgoing('new'));
  assert.equal(stored(running, place, ts)['text'], 'new');
  assert.equal(stored(running, place, ts)['username'], 'Ann (Matrix)');
});

test('an update whose blocks Slack refuses replaces the old blocks too', async () => {
  const place = newChannel(running);
  const ts = await running.slack.post(place, outgoing('old'));
  failNext(
    running,
    { type: 'slack_error', error: 'msg_blocks_too_long', applied: false },
    { method: 'chat.update' },
  );
  await running.slack.update(place, ts, outgoing('new'));
  const message = stored(running, place, ts);
  assert.equal(message['text'], 'new');
  assert.doesNotMatch(JSON.stringify(message['blocks'] ?? []), /old/);
});

test('an update that broke off may be made again', async () => {
  const place = newChannel(running);
  const ts = await running.slack.post(place, outgoing('old'));
  failNext(running, { type: 'reset', applied: true }, { method: 'chat.update' });
  await assert.rejects(running.slack.update(place, ts, outgoing('new')), TryLater);
  await running.slack.update(place, ts, outgoing('new'));
  assert.equal(stored(running, place, ts)['text'], 'new');
});

test('an update of what is not there is refused', async () => {
  const place = newChannel(running);
  const update = running.slack.update(place, tsOf('1.000001'), outgoing('new'));
  await assert.rejects(update, refusal('message_not_found'));
});

test('removing a post twice is no error', async () => {
  const place = newChannel(running);
  const ts = await running.slack.post(place, outgoing('gone'));
  await running.slack.remove(place, ts);
  await running.slack.remove(place, ts);
  assert.equal(await running.slack.message(place, ts), undefined);
});

test('a root that is removed while it has replies is not there any more', async () => {
  const place = newChannel(running);
  const root = await running.slack.post(place, outgoing('root'));
  await running.slack.post(place, outgoing('reply', { threadTs: root }));
  await running.slack.remove(place, root);
  assert.equal(await running.slack.message(place, root), undefined);
});

test('a reaction given or taken back twice is no error', async () => {
  const place = newChannel(running);
  const { slack } = running;
  const ts = await slack.post(place, outgoing('fun'));
  await slack.react(place, ts, 'wave');
  await slack.react(place, ts, 'wave');
  const reactions = () => objectsOf(stored(running, place, ts)['reactions']).map((each) => each['name']);
  assert.deepEqual(reactions(), ['wave']);
  await slack.unreact(place, ts, 'wave');
  await slack.unreact(place, ts, 'wave');
  assert.deepEqual(reactions(), []);
});

test('a reaction that the workspace doesn’t have is refused', async () => {
  const place = newChannel(running);
  const ts = await running.slack.post(place, outgoing('fun'));
  await assert.rejects(running.slack.react(place, ts, 'no_such_emoji'), refusal('invalid_name'));
});

test('a post to a channel that is archived is refused', async () => {
  const place = newChannel(running);
  running.sandbox.control.archive({ channel: place.channel, user: running.user });
  await assert.rejects(running.slack.post(place, outgoing('late')), refusal('is_archived'));
});

test('a workspace whose token is revoked is in trouble until a call goes through again', async () => {
  const place = newChannel(running);
  const { slack, sandbox, app } = running;
  sandbox.control.revokeTokens({ app: app.id });
  await assert.rejects(slack.post(place, outgoing('no')), (error) => {
    assert.ok(error instanceof TryLater);
    assert.equal(error.target, `slack:${place.team}`);
    return true;
  });
  assert.match(slack.team(place.team)?.trouble ?? '', /token/);
  assert.equal(slack.health()[0]?.ok, false);
  sandbox.control.restoreTokens({ app: app.id });
  await slack.post(place, outgoing('yes'));
  assert.equal(slack.team(place.team)?.trouble, undefined);
});
