import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebClient } from '@slack/web-api';
import { startSlackSandbox } from '../../sandbox/slack/server.ts';
import type { SlackSandbox } from '../../sandbox/slack/server.ts';

let sandbox: SlackSandbox;
let client: WebClient;
let channel: string;
let user: string;
before(async () => {
  sandbox = await startSlackSandbox();
  const { control } = sandbox;
  const { team, app } = control.createTeam({
    name: 'Acme',
    domain: 'acme',
    app: { name: 'Rooms', transport: 'none' },
  });
  user = control.createUser({ team: team.id, name: 'ann', displayName: 'Ann' }).id;
  channel = control.createChannel({ team: team.id, name: 'town', creator: user, members: [user] }).id;
  client = new WebClient(app.botToken, { slackApiUrl: sandbox.apiUrl });
});
after(() => sandbox.stop());

test('bookmarks are listed in their order', async () => {
  const { control } = sandbox;
  control.addBookmark({ channel, title: 'Runbook', link: 'https://run.example/' });
  const { id } = control.addBookmark({ channel, title: 'Old', link: 'https://old.example/' });
  control.addBookmark({ channel, title: 'Board', link: 'https://board.example/' });
  control.removeBookmark({ channel, id });
  const { bookmarks = [] } = await client.bookmarks.list({ channel_id: channel });
  assert.deepEqual(
    bookmarks.map(({ title, link, type }) => [title, link, type]),
    [
      ['Runbook', 'https://run.example/', 'link'],
      ['Board', 'https://board.example/', 'link'],
    ],
  );
});

test('an app renames only channels that it made', async () => {
  await assert.rejects(client.conversations.rename({ channel, name: 'city' }), /not_authorized/);
  const { channel: own } = await client.conversations.create({ name: 'own' });
  const renamed = await client.conversations.rename({ channel: String(own?.id), name: 'owned' });
  assert.equal(renamed.channel?.name, 'owned');
});

test('a channel becomes private and public again, which a message in it tells', async () => {
  const { control } = sandbox;
  const isPrivate = async () => (await client.conversations.info({ channel })).channel?.is_private;
  control.convert({ channel, user, private: true });
  assert.equal(await isPrivate(), true);
  control.convert({ channel, user, private: false });
  assert.equal(await isPrivate(), false);
  assert.deepEqual(
    control.messages({ channel }).flatMap(({ subtype }) => subtype ?? []),
    ['channel_convert_to_private', 'channel_convert_to_public'],
  );
});

test('a channel that is moved keeps its messages under another id', async () => {
  const { control } = sandbox;
  const { ts } = control.post({ channel, user, text: 'here we were' });
  control.moveChannel({ channel, id: 'C0ELSEWHERE' });
  assert.equal(control.messages({ channel: 'C0ELSEWHERE' }).at(-1)?.ts, ts);
  await assert.rejects(client.conversations.info({ channel }), /channel_not_found/);
});
