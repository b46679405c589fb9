import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf, errorOf, startTeam } from './start.ts';

test('a call without a token, with a wrong, a revoked or an app token is refused by name', async (context) => {
  const { sandbox, control, app, client } = await startTeam(context);
  const answer = await fetch(`${sandbox.apiUrl}auth.test`, { method: 'POST' });
  assert.deepEqual(await answer.json(), { ok: false, error: 'not_authed' });
  assert.equal(await errorOf(clientOf(sandbox, 'xoxb-wrong').auth.test()), 'invalid_auth');
  assert.equal(await errorOf(clientOf(sandbox, app.appToken).auth.test()), 'not_allowed_token_type');
  control.revokeTokens({});
  assert.equal(await errorOf(client.auth.test()), 'token_revoked');
  control.installApp({});
  assert.equal((await client.auth.test()).user_id, app.botUserId);
  control.uninstallApp({});
  assert.match(await errorOf(client.auth.test()), /token_revoked|account_inactive/);
});

test('a missing scope is named with what the app has', async (context) => {
  const { control, app, client } = await startTeam(context);
  await control.configureApp({ app: app.id, scopes: ['users:read'] });
  const error: unknown = await client.team.info().catch((thrown: unknown) => thrown);
  assert.ok(typeof error === 'object' && error !== null && 'data' in error);
  const { data } = error as { data: Record<string, unknown> };
  assert.equal(data['error'], 'missing_scope');
  assert.equal(data['needed'], 'team:read');
  assert.equal(data['provided'], 'users:read');
});

test('arguments come as a form, as JSON, as multipart and in the query', async (context) => {
  const { sandbox, app, channel } = await startTeam(context);
  const url = `${sandbox.apiUrl}conversations.info`;
  const authorization = `Bearer ${app.botToken}`;
  const form = new URLSearchParams({ channel: channel.id, token: app.botToken });
  const multipart = new FormData();
  multipart.set('channel', channel.id);
  const json = JSON.stringify({ channel: channel.id });
  const headers = { authorization };
  const answers = [
    await fetch(url, { method: 'POST', body: form }),
    await fetch(url, { method: 'POST', headers, body: multipart }),
    await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
      body: json,
    }),
    await fetch(`${url}?channel=${channel.id}`, { headers }),
  ];
  for (const answer of answers) {
    const body = (await answer.json()) as { channel?: { id: string } };
    assert.equal(body.channel?.id, channel.id);
  }
});

test('an unknown method is answered with 200 and unknown_method', async (context) => {
  const { client } = await startTeam(context);
  assert.equal(await errorOf(client.apiCall('chat.shout')), 'unknown_method');
});

test('only members read and write; private channels are as good as not there for others', async (context) => {
  const { control, client, ann } = await startTeam(context);
  const open = control.createChannel({ name: 'open', members: [ann.id], withApp: false });
  const secret = control.createChannel({ name: 'secret', private: true, members: [ann.id], withApp: false });
  assert.equal(await errorOf(client.chat.postMessage({ channel: open.id, text: 'x' })), 'not_in_channel');
  assert.equal(
    await errorOf(client.chat.postMessage({ channel: secret.id, text: 'x' })),
    'channel_not_found',
  );
  assert.equal(await errorOf(client.conversations.history({ channel: open.id })), 'not_in_channel');
  assert.equal(await errorOf(client.conversations.info({ channel: secret.id })), 'channel_not_found');
  await client.conversations.join({ channel: open.id });
  assert.equal((await client.chat.postMessage({ channel: open.id, text: 'x' })).ok, true);
  control.archive({ channel: open.id, user: ann.id });
  assert.equal(await errorOf(client.chat.postMessage({ channel: open.id, text: 'x' })), 'is_archived');
});

test('history and replies are paged by cursor and bounded by oldest, latest and inclusive', async (context) => {
  const { control, client, channel, ann } = await startTeam(context);
  const post = (text: string, thread?: string) =>
    control.post({ channel: channel.id, user: ann.id, text, thread }).ts;
  const ts = ['a', 'b', 'c', 'd'].map((text) => post(text));
  const replies = ['r1', 'r2', 'r3'].map((text) => post(text, ts[0]));

  const texts: string[] = [];
  for await (const page of client.paginate('conversations.history', { channel: channel.id, limit: 3 })) {
    const { messages } = page as unknown as { messages: { text: string }[] };
    texts.push(...messages.map((message) => message.text));
  }
  assert.deepEqual(texts, ['d', 'c', 'b', 'a']);

  const between = async (inclusive: boolean) => {
    const range = { channel: channel.id, oldest: ts[1] ?? '', latest: ts[3] ?? '', inclusive };
    return (await client.conversations.history(range)).messages?.map((message) => message.text);
  };
  assert.deepEqual(await between(false), ['c']);
  assert.deepEqual(await between(true), ['d', 'c', 'b']);

  const first = await client.conversations.replies({ channel: channel.id, ts: ts[0] ?? '', limit: 3 });
  assert.deepEqual(
    first.messages?.map((message) => message.text),
    ['a', 'r1', 'r2'],
  );
  assert.equal(first.messages[0]?.reply_count, 3);
  assert.equal(first.messages[0].latest_reply, replies[2]);
  const cursor = first.response_metadata?.next_cursor ?? '';
  const second = await client.conversations.replies({
    channel: channel.id,
    ts: ts[0] ?? '',
    limit: 3,
    cursor,
  });
  assert.deepEqual(
    second.messages?.map((message) => message.text),
    ['a', 'r3'],
  );
});

test('a deleted root with replies leaves a tombstone, which goes with its last reply', async (context) => {
  const { control, client, channel, ann } = await startTeam(context);
  const root = control.post({ channel: channel.id, user: ann.id, text: 'root' });
  const reply = control.post({ channel: channel.id, user: ann.id, text: 'reply', thread: root.ts });
  control.delete({ channel: channel.id, ts: root.ts });
  const [tombstone] = (await client.conversations.history({ channel: channel.id })).messages ?? [];
  assert.equal(tombstone?.subtype, 'tombstone');
  assert.equal(tombstone?.ts, root.ts);
  control.delete({ channel: channel.id, ts: reply.ts });
  assert.deepEqual((await client.conversations.history({ channel: channel.id })).messages, []);
});

test('people, bots, conversations, emoji, groups and pins are listed', async (context) => {
  const { control, client, app, ann, ben, channel } = await startTeam(context);
  const members = (await client.users.list({})).members?.map((user) => user.name);
  assert.deepEqual(members, ['slackbot', 'bridge', 'ann', 'ben']);
  assert.equal((await client.users.info({ user: ann.id })).user?.profile?.display_name, 'Ann');
  assert.equal((await client.users.lookupByEmail({ email: 'BEN@example.com' })).user?.id, ben.id);
  assert.equal((await client.bots.info({ bot: app.botId })).bot?.user_id, app.botUserId);
  const listed = await client.conversations.list({ types: 'public_channel,private_channel' });
  assert.deepEqual(
    listed.channels?.map(({ name }) => name),
    ['general', 'dev'],
  );
  const mine = await client.users.conversations({});
  assert.deepEqual(
    mine.channels?.map(({ name }) => name),
    ['dev'],
  );
  const inside = await client.conversations.members({ channel: channel.id });
  assert.deepEqual(inside.members?.toSorted(), [ann.id, ben.id, app.botUserId].toSorted());

  control.addEmoji({ name: 'shipit' });
  assert.deepEqual(Object.keys((await client.emoji.list()).emoji ?? {}), ['shipit']);
  const group = control.createUsergroup({ handle: 'devs', users: [ann.id] });
  assert.equal((await client.usergroups.list({})).usergroups?.[0]?.handle, 'devs');
  assert.deepEqual((await client.usergroups.users.list({ usergroup: group.id })).users, [ann.id]);

  const { ts } = control.post({ channel: channel.id, user: ann.id, text: 'keep' });
  await client.pins.add({ channel: channel.id, timestamp: ts });
  assert.equal(await errorOf(client.pins.add({ channel: channel.id, timestamp: ts })), 'already_pinned');
  assert.equal((await client.pins.list({ channel: channel.id })).items?.length, 1);
});
