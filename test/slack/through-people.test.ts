import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { channelId, slackUserId, teamId } from '../../src/ids.ts';
import type { SlackUserId } from '../../src/ids.ts';
import type { Call } from '../../src/slack/calls.ts';
import { readThroughPeople } from '../../src/slack/through-people.ts';

const team = teamId('T1');
const [ann, ben] = [slackUserId('UANN'), slackUserId('UBEN')];
const history: Call = { team, method: 'conversations.history', effect: 'read', args: { channel: 'C1' } };

/** Calls as they are made, where `refused` people are shown nothing. */
function scene(
  people: readonly SlackUserId[] | undefined,
  refused: ReadonlyMap<SlackUserId, Error> = new Map(),
) {
  const made: Call[] = [];
  const lost: SlackUserId[] = [];
  const call = readThroughPeople(
    async (request) => {
      made.push(request);
      const error = request.by === undefined ? undefined : refused.get(request.by);
      if (error) throw error;
      return { ok: true };
    },
    {
      of: ({ channel }) => (channel === channelId('C1') ? people : undefined),
      lost: (_, user) => void lost.push(user),
    },
  );
  return { call, made, lost };
}

const notShown = new CannotBridge('channel_not_found', 'not shown');

test('a channel that the bot is in is read by the bot', async () => {
  const { call, made } = scene(undefined);
  await call(history);
  assert.deepEqual(made, [history]);
});

test('another is read by who was told of it last, and by the next where Slack shows them nothing any more', async () => {
  const { call, made, lost } = scene([ann, ben], new Map([[ann, notShown]]));
  await call(history);
  assert.deepEqual(
    made.map(({ by }) => by),
    [ann, ben],
  );
  assert.deepEqual(lost, [ann]);
});

test('with nobody left Slack is not asked, and it is as if the channel weren’t there', async () => {
  const { call, made } = scene([]);
  await assert.rejects(call(history), { reason: 'channel_not_found' });
  assert.deepEqual(made, []);
});

test('trouble that may pass is nobody’s loss', async () => {
  const { call, lost } = scene([ann, ben], new Map([[ann, new TryLater('limited')]]));
  await assert.rejects(call(history), TryLater);
  assert.deepEqual(lost, []);
});

test('what is written, or asked as somebody, stays as it is; a file is read where it was shown', async () => {
  const { call, made } = scene([ann]);
  const post: Call = { ...history, method: 'chat.postMessage', effect: 'post' };
  const asBen: Call = { ...history, by: ben };
  const file: Call = { team, method: 'files.info', effect: 'read', within: 'C1', args: { file: 'F1' } };
  for (const each of [post, asBen, file]) await call(each);
  assert.deepEqual(
    made.map(({ by }) => by),
    [undefined, ben, ann],
  );
});

test('what people weren’t asked to permit isn’t asked for as them', async () => {
  const { call, made } = scene([ann]);
  const bookmarks: Call = { ...history, method: 'bookmarks.list', args: { channel_id: 'C1' } };
  await assert.rejects(call(bookmarks), { reason: 'missing_scope' });
  assert.deepEqual(made, []);
});
