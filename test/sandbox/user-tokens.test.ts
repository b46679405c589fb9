import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { clientOf, errorOf, startTeam } from './start.ts';

/** A team whose Ann let the app act for her. */
async function startLinked(context: TestContext, scopes?: string[]) {
  const team = await startTeam(context);
  const { control, sandbox, ann } = team;
  const { token } = control.grantUserToken({ user: ann.id, ...(scopes && { scopes }) });
  return { ...team, token, byAnn: clientOf(sandbox, token) };
}

test("a post by a person's token is theirs, names the app, and takes no other name", async (context) => {
  const { byAnn, app, ann, channel } = await startLinked(context);
  const answer = await byAnn.chat.postMessage({
    channel: channel.id,
    text: 'by *me*',
    username: 'Somebody else',
    metadata: { event_type: 'key', event_payload: { id: 1 } },
  });
  const [message] =
    (await byAnn.conversations.history({ channel: channel.id, include_all_metadata: true })).messages ?? [];
  for (const shown of [answer.message, message]) {
    assert.equal(shown?.user, ann.id);
    assert.equal(shown?.bot_id, app.botId);
    assert.equal(shown?.app_id, app.id);
    assert.equal(shown?.subtype, undefined);
    assert.equal(shown?.username, undefined);
  }
  assert.equal(message?.metadata?.event_type, 'key');
});

test("each token changes and deletes its own messages only, an admin's deletes all", async (context) => {
  const { control, sandbox, client, byAnn, ann, ben, channel } = await startLinked(context);
  const place = { channel: channel.id };
  const byHand = control.post({ ...place, user: ann.id, text: 'by hand' });
  const ofBen = control.post({ ...place, user: ben.id, text: 'of Ben' });
  const { ts: posted = '' } = await byAnn.chat.postMessage({ ...place, text: 'by token' });
  const { ts: ofBot = '' } = await client.chat.postMessage({ ...place, text: 'of the bot' });

  assert.equal((await byAnn.chat.update({ ...place, ts: byHand.ts, text: 'new' })).ok, true);
  assert.equal((await byAnn.chat.update({ ...place, ts: posted, text: 'new' })).ok, true);
  for (const ts of [ofBen.ts, ofBot]) {
    assert.equal(await errorOf(byAnn.chat.update({ ...place, ts, text: 'x' })), 'cant_update_message');
    assert.equal(await errorOf(byAnn.chat.delete({ ...place, ts })), 'cant_delete_message');
  }
  assert.equal(await errorOf(client.chat.update({ ...place, ts: posted, text: 'x' })), 'cant_update_message');
  assert.equal(await errorOf(client.chat.delete({ ...place, ts: posted })), 'cant_delete_message');
  assert.equal((await byAnn.chat.delete({ ...place, ts: posted })).ok, true);

  const byBen = clientOf(sandbox, control.grantUserToken({ user: ben.id }).token);
  control.updateUser({ user: ben.id, isAdmin: true });
  assert.equal((await byBen.chat.delete({ ...place, ts: byHand.ts })).ok, true);
});

test("a person's token sees and reaches what the person does", async (context) => {
  const { control, client, byAnn, ann, ben } = await startLinked(context);
  const board = control.createChannel({ name: 'board', private: true, members: [ann.id], withApp: false });
  const other = control.createChannel({ name: 'other', private: true, members: [ben.id], withApp: false });
  const open = control.createChannel({ name: 'open', members: [ben.id] });
  control.post({ channel: open.id, user: ben.id, text: 'for all' });

  assert.equal((await byAnn.chat.postMessage({ channel: board.id, text: 'x' })).ok, true);
  const elsewhere = await errorOf(client.chat.postMessage({ channel: board.id, text: 'x' }));
  assert.equal(elsewhere, 'channel_not_found');
  assert.equal(await errorOf(byAnn.conversations.info({ channel: other.id })), 'channel_not_found');
  const notIn = await errorOf(byAnn.chat.postMessage({ channel: open.id, text: 'x' }));
  assert.equal(notIn, 'not_in_channel');
  assert.equal((await byAnn.conversations.history({ channel: open.id })).messages?.length, 1);
  assert.equal((await byAnn.conversations.join({ channel: open.id })).ok, true);
  assert.equal((await byAnn.chat.postMessage({ channel: open.id, text: 'x' })).ok, true);

  const { channels } = await byAnn.users.conversations({ types: 'public_channel,private_channel' });
  assert.deepEqual(channels?.map(({ name }) => name).toSorted(), ['board', 'dev', 'general', 'open']);
  assert.equal((await byAnn.conversations.invite({ channel: board.id, users: ben.id })).ok, true);
  assert.equal((await byAnn.conversations.kick({ channel: board.id, user: ben.id })).ok, true);
  assert.equal((await byAnn.conversations.leave({ channel: board.id })).ok, true);
});

test('reactions, pins and files are of the person; others see a file where it was shared', async (context) => {
  const { control, client, byAnn, sandbox, ann, ben, app, channel, token } = await startLinked(context);
  const message = control.post({ channel: channel.id, user: ben.id, text: 'hi' });
  const at = { channel: channel.id, timestamp: message.ts };
  await byAnn.reactions.add({ ...at, name: '+1' });
  await client.reactions.add({ ...at, name: '+1' });
  await byAnn.pins.add(at);
  const got = await byAnn.reactions.get(at);
  assert.deepEqual(got.message?.reactions?.[0]?.users, [ann.id, app.botUserId]);
  const [pin] = (await byAnn.pins.list({ channel: channel.id })).items ?? [];
  assert.equal(pin?.created_by, ann.id);
  await byAnn.reactions.remove({ ...at, name: '+1' });

  const { id: dm } = control.openDirect({ users: [ann.id, ben.id] });
  control.settings({ shareDelayMs: 0 });
  await byAnn.files.uploadV2({ channel_id: dm, filename: 'a.txt', content: 'secret' });
  const [shared] = (await byAnn.conversations.history({ channel: dm })).messages ?? [];
  assert.equal(shared?.user, ann.id);
  assert.equal(shared?.bot_id, undefined);
  const file = shared?.files?.[0];
  const load = async (bearer: string) => {
    const headers = { authorization: `Bearer ${bearer}` };
    return (await fetch(file?.url_private ?? '', { headers })).text();
  };
  assert.equal(await load(token), 'secret');
  assert.match(await load(app.botToken), /<html/i);
  assert.equal(await errorOf(client.files.info({ file: file?.id ?? '' })), 'file_not_found');
  assert.equal((await clientOf(sandbox, token).files.info({ file: file?.id ?? '' })).ok, true);
});

test('what a person did not allow is a missing scope, with what is needed and what is there', async (context) => {
  const { byAnn, channel, ann, ben, control, sandbox } = await startLinked(context, [
    'chat:write',
    'im:read',
  ]);
  const refused = await byAnn.conversations.open({ users: ben.id }).catch((error: unknown) => error);
  assert.ok(refused instanceof Error && 'data' in refused);
  const { error, needed, provided } = refused.data as Record<string, unknown>;
  assert.equal(error, 'missing_scope');
  assert.match(String(needed), /im:write/);
  assert.equal(provided, 'chat:write,im:read');
  assert.equal(await errorOf(byAnn.conversations.list({ types: 'mpim' })), 'missing_scope');
  assert.equal((await byAnn.conversations.list({ types: 'im' })).ok, true);
  assert.equal(
    await errorOf(byAnn.reactions.add({ channel: channel.id, timestamp: '1.000000', name: '+1' })),
    'missing_scope',
  );
  assert.equal(await errorOf(byAnn.apps.connections.open({})), 'not_allowed_token_type');

  const { token } = control.grantUserToken({ user: ann.id, scopes: ['im:write'] });
  assert.deepEqual((await clientOf(sandbox, token).auth.test()).response_metadata?.scopes, [
    'chat:write',
    'im:read',
    'im:write',
  ]);
});

test('a token ends with its revocation, its life, its person or its app', async (context) => {
  const { control, sandbox, app, ann, ben, byAnn, client } = await startLinked(context);
  const who = await byAnn.auth.test();
  assert.equal(who.user_id, ann.id);
  assert.equal(who.bot_id, undefined);
  assert.equal((await byAnn.auth.revoke()).ok, true);
  assert.equal(await errorOf(byAnn.auth.test()), 'token_revoked');
  assert.equal((await client.auth.test()).ok, true);

  await control.configureApp({ tokenLifeSeconds: 1 });
  const short = control.grantUserToken({ user: ben.id });
  assert.match(short.token, /^xoxe\.xoxp-/);
  const byBen = clientOf(sandbox, short.token);
  assert.equal((await byBen.auth.test()).ok, true);
  await new Promise((resolve) => {
    setTimeout(resolve, 1050);
  });
  assert.equal(await errorOf(byBen.auth.test()), 'token_expired');

  await control.configureApp({ tokenLifeSeconds: null });
  const again = clientOf(sandbox, control.grantUserToken({ user: ben.id }).token);
  control.updateUser({ user: ben.id, deleted: true });
  assert.equal(await errorOf(again.auth.test()), 'account_inactive');
  control.updateUser({ user: ben.id, deleted: false });
  control.uninstallApp({ app: app.id });
  assert.match(await errorOf(again.auth.test()), /token_revoked|account_inactive/);
});
