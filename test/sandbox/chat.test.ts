import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOf, startTeam } from './start.ts';

test('a post under its own name is a bot_message without a user; without the scope the name is ignored', async (context) => {
  const { control, client, app, channel } = await startTeam(context);
  const named = {
    channel: channel.id,
    text: 'hi',
    username: 'Zoe',
    icon_url: 'https://pictures.example/zoe.png',
  };
  const relayed = (await client.chat.postMessage(named)).message;
  assert.equal(relayed?.subtype, 'bot_message');
  assert.equal(relayed?.username, 'Zoe');
  assert.equal(relayed?.bot_id, app.botId);
  assert.equal(relayed?.app_id, app.id);
  assert.equal(relayed?.user, undefined);
  await control.configureApp({ scopes: ['chat:write'] });
  const plain = (await client.chat.postMessage(named)).message;
  assert.equal(plain?.subtype, undefined);
  assert.equal(plain?.user, app.botUserId);
  assert.equal(plain?.bot_profile?.id, app.botId);
});

test('metadata is shown in history only when it is asked for', async (context) => {
  const { client, channel } = await startTeam(context);
  const metadata = { event_type: 'note', event_payload: { key: 'k1' } };
  await client.chat.postMessage({ channel: channel.id, text: 'x', metadata });
  const plain = await client.conversations.history({ channel: channel.id });
  assert.equal('metadata' in (plain.messages?.[0] ?? {}), false);
  const full = await client.conversations.history({ channel: channel.id, include_all_metadata: true });
  assert.deepEqual(full.messages?.[0]?.metadata, metadata);
});

test('what Slack would not take is refused with its reasons', async (context) => {
  const { client, channel, sandbox, app } = await startTeam(context);
  const post = (content: object) =>
    errorOf(client.apiCall('chat.postMessage', { channel: channel.id, ...content }));
  const section = (length: number) => ({
    type: 'section',
    text: { type: 'mrkdwn', text: 'x'.repeat(length) },
  });
  assert.equal(await post({}), 'no_text');
  assert.equal(await post({ text: 'x', thread_ts: '1.000001' }), 'thread_not_found');
  assert.equal(await post({ text: 'x', channel: 'C0NOWHERE' }), 'channel_not_found');
  assert.equal(await post({ blocks: '{' }), 'invalid_blocks_format');
  assert.equal(await post({ blocks: [section(3001)] }), 'invalid_blocks');
  assert.equal(
    await post({ blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] }),
    'invalid_blocks',
  );
  assert.equal(
    await post({ blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }),
    'invalid_blocks',
  );
  assert.equal(await post({ blocks: Array.from({ length: 5 }, () => section(2700)) }), 'msg_blocks_too_long');
  assert.equal(await post({ text: 'x', metadata: { event_type: 'only' } }), 'invalid_metadata_schema');
  assert.equal(await post({ blocks: [section(3000)] }), 'none');

  const answer = await fetch(`${sandbox.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${app.botToken}`, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ channel: channel.id, blocks: [section(3001)] }),
  });
  const refused = (await answer.json()) as { response_metadata: { messages: string[] } };
  assert.match(
    refused.response_metadata.messages.at(-1) ?? '',
    /must be less than 3001 characters \[json-pointer:\/blocks\/0\/text\/text\]/,
  );
});

test('a post of more than 40,000 characters is cut with a warning, an update of more than 4,000 refused', async (context) => {
  const { client, channel } = await startTeam(context);
  const posted = await client.chat.postMessage({ channel: channel.id, text: '€'.repeat(40_001) });
  assert.equal(posted.message?.text?.length, 40_000);
  assert.ok(posted.response_metadata?.warnings?.includes('message_truncated'));
  const update = { channel: channel.id, ts: posted.ts ?? '', text: 'x'.repeat(4001) };
  assert.equal(await errorOf(client.chat.update(update)), 'msg_too_long');
});

test('an update keeps what it does not name, and only own messages can be changed', async (context) => {
  const { control, client, channel, ann } = await startTeam(context);
  const metadata = { event_type: 'note', event_payload: { key: 'k1' } };
  const posted = await client.chat.postMessage({ channel: channel.id, text: 'one', metadata });
  await client.chat.update({ channel: channel.id, ts: posted.ts ?? '', text: 'two' });
  const full = await client.conversations.history({ channel: channel.id, include_all_metadata: true });
  const [updated] = full.messages ?? [];
  assert.equal(updated?.text, 'two');
  assert.deepEqual(updated?.metadata, metadata);
  assert.ok(updated?.edited?.ts);
  assert.deepEqual(updated?.blocks?.[0]?.elements?.[0], {
    type: 'rich_text_section',
    elements: [{ type: 'text', text: 'two' }],
  });

  const blocks = [{ type: 'section', text: { type: 'plain_text', text: 'block' } }];
  const withBlocks = await client.chat.postMessage({ channel: channel.id, text: 'fallback', blocks });
  await client.chat.update({ channel: channel.id, ts: withBlocks.ts ?? '', text: 'other fallback' });
  const [kept] = (await client.conversations.history({ channel: channel.id })).messages ?? [];
  assert.equal(kept?.blocks?.[0]?.type, 'section');

  const hers = control.post({ channel: channel.id, user: ann.id, text: 'hers' });
  const target = { channel: channel.id, ts: hers.ts };
  assert.equal(await errorOf(client.chat.update({ ...target, text: 'mine' })), 'cant_update_message');
  assert.equal(await errorOf(client.chat.delete(target)), 'cant_delete_message');
  assert.equal(await errorOf(client.chat.delete({ ...target, ts: '1.000001' })), 'message_not_found');
});

test('reactions are refused twice over, and for names that are none', async (context) => {
  const { control, client, channel, ann } = await startTeam(context);
  const { ts } = control.post({ channel: channel.id, user: ann.id, text: 'x' });
  const reaction = { channel: channel.id, timestamp: ts, name: 'thumbsup' };
  await client.reactions.add(reaction);
  assert.equal(await errorOf(client.reactions.add(reaction)), 'already_reacted');
  await client.reactions.remove(reaction);
  assert.equal(await errorOf(client.reactions.remove(reaction)), 'no_reaction');
  assert.equal(await errorOf(client.reactions.add({ ...reaction, name: 'no_such_emoji' })), 'invalid_name');
  await client.reactions.add({ ...reaction, name: 'wave::skin-tone-3' });
  control.react({ channel: channel.id, ts, user: ann.id, name: 'wave::skin-tone-3' });
  const shown = (await client.reactions.get({ channel: channel.id, timestamp: ts })).message?.reactions;
  assert.deepEqual(
    shown?.map(({ name, count }) => [name, count]),
    [['wave::skin-tone-3', 2]],
  );
});

test('a post to a person opens the direct conversation with them', async (context) => {
  const { client, ann, app } = await startTeam(context);
  const posted = await client.chat.postMessage({ channel: ann.id, text: 'psst' });
  assert.match(posted.channel ?? '', /^D/);
  const opened = await client.conversations.open({ users: ann.id, return_im: true });
  assert.equal(opened.channel?.id, posted.channel);
  const { members } = await client.conversations.members({ channel: posted.channel ?? '' });
  assert.deepEqual(members?.toSorted(), [ann.id, app.botUserId].toSorted());
});

test('a reply to a reply goes into the thread of the root, and a broadcast is seen in both places', async (context) => {
  const { client, channel } = await startTeam(context);
  const post = async (text: string, more: object = {}) => {
    const answer = await client.chat.postMessage({ channel: channel.id, text, ...more });
    return answer.ts ?? '';
  };
  const root = await post('root');
  const reply = await post('reply', { thread_ts: root });
  await post('deeper', { thread_ts: reply });
  await post('loud', { thread_ts: root, reply_broadcast: true });
  const thread = await client.conversations.replies({ channel: channel.id, ts: root });
  assert.deepEqual(
    thread.messages?.map(({ text }) => text),
    ['root', 'reply', 'deeper', 'loud'],
  );
  const { messages } = await client.conversations.history({ channel: channel.id });
  assert.deepEqual(
    messages?.map(({ text, subtype }) => [text, subtype]),
    [
      ['loud', 'thread_broadcast'],
      ['root', undefined],
    ],
  );
});

test('a change can show a reply in the channel, too; what is no reply can’t be shown there', async (context) => {
  const { client, channel } = await startTeam(context);
  const post = async (more: object) =>
    (await client.chat.postMessage({ channel: channel.id, text: 'said', username: 'Ann', ...more })).ts ?? '';
  const root = await post({});
  const reply = await post({ thread_ts: root });
  const broadcast = (ts: string) =>
    client.chat.update({ channel: channel.id, ts, text: 'said', reply_broadcast: true });
  assert.equal(await errorOf(broadcast(root)), 'cant_broadcast_message');
  await broadcast(reply);
  await broadcast(reply);
  const { messages } = await client.conversations.history({ channel: channel.id });
  assert.deepEqual(
    messages?.map(({ ts, subtype }) => [ts, subtype]),
    [
      [reply, 'thread_broadcast'],
      [root, 'bot_message'],
    ],
  );
});
