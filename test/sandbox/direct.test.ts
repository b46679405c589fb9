import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { clientOf, errorOf, startReceiver, startTeam } from './start.ts';

/** Ann let the app act for her; it collects events over HTTP. `seen` gives those that came since it was last called. */
async function listen(context: TestContext) {
  const team = await startTeam(context);
  const { url, received } = await startReceiver(context);
  await team.control.configureApp({ requestUrl: url });
  const byAnn = clientOf(team.sandbox, team.control.grantUserToken({ user: team.ann.id }).token);
  const cho = team.control.createUser({ name: 'cho' });
  const seen = async () => {
    await team.control.idle({});
    return received.splice(0).map(({ body }) => JSON.parse(body) as Seen);
  };
  await seen();
  return { ...team, byAnn, cho, seen };
}

interface Seen {
  readonly event: Readonly<Record<string, unknown>>;
  readonly authorizations: readonly Readonly<Record<string, unknown>>[];
}

const fields = (value: unknown) => value as Readonly<Record<string, unknown>>;

const told = ({ event, authorizations }: Seen) => ({
  what: `${String(event['type'])} ${String(event['channel_type'])} ${String(event['text'])}`,
  user: authorizations[0]?.['user_id'],
  isBot: authorizations[0]?.['is_bot'],
});

test('the same people have one direct chat, opened by whomever', async (context) => {
  const { control, byAnn, client, sandbox, ann, ben, cho } = await listen(context);
  const full = await byAnn.conversations.open({ users: ben.id, return_im: true });
  assert.equal(full.channel?.is_im, true);
  assert.equal(full.channel.user, ben.id);
  assert.match(full.channel.id ?? '', /^D/);
  assert.equal(full.already_open, undefined);
  const again = await byAnn.conversations.open({ users: ben.id });
  assert.equal(again.channel?.id, full.channel.id);
  assert.equal(again.no_op, true);
  const byBen = clientOf(sandbox, control.grantUserToken({ user: ben.id }).token);
  assert.equal((await byBen.conversations.open({ users: ann.id })).channel?.id, full.channel.id);
  assert.equal(
    fields((await byBen.conversations.info({ channel: full.channel.id ?? '' })).channel)['user'],
    ann.id,
  );

  const three = await byAnn.conversations.open({ users: `${ben.id},${cho.id}`, return_im: true });
  assert.equal(fields(three.channel)['is_mpim'], true);
  assert.match(three.channel?.id ?? '', /^[CG]/);
  assert.match(String(fields(three.channel)['name']), /^mpdm-ann--ben--cho-1$/);
  const other = await byBen.conversations.open({ users: `${cho.id},${ann.id}` });
  assert.equal(other.channel?.id, three.channel?.id);
  const { members } = await byAnn.conversations.members({ channel: three.channel?.id ?? '' });
  assert.deepEqual(members?.toSorted(), [ann.id, ben.id, cho.id].toSorted());

  const { channels } = await byAnn.users.conversations({ types: 'im,mpim' });
  assert.deepEqual(
    channels?.map(({ id }) => id),
    [full.channel.id, three.channel?.id],
  );
  assert.equal(
    await errorOf(client.conversations.info({ channel: full.channel.id ?? '' })),
    'channel_not_found',
  );
});

test('what Slack refuses about direct chats', async (context) => {
  const { control, byAnn, client, ben, cho, channel } = await listen(context);
  const other = control.createApp({ name: 'Other', transport: 'none' });
  const many = Array.from({ length: 9 }, (_, index) => control.createUser({ name: `p${index}` }).id);
  control.updateUser({ user: cho.id, deleted: true });
  const refusal = (users: string) => errorOf(byAnn.conversations.open({ users }));
  assert.equal(await refusal(many.join(',')), 'too_many_users');
  assert.equal(await refusal('U000000000'), 'user_not_found');
  assert.equal(await refusal(cho.id), 'user_disabled');
  assert.equal(await errorOf(client.conversations.open({ users: other.botUserId })), 'cannot_dm_bot');
  const unknown = byAnn.conversations.open({ users: ben.id, prevent_creation: true });
  assert.equal(await errorOf(unknown), 'channel_not_found');
  const { id } = (await byAnn.conversations.open({ users: ben.id })).channel ?? {};
  const { id: group } = control.openDirect({ users: [many[0] ?? '', ben.id, many[1] ?? ''] });
  assert.equal(await errorOf(byAnn.conversations.info({ channel: group })), 'channel_not_found');
  const leave = byAnn.conversations.leave({ channel: id ?? '' });
  assert.equal(await errorOf(leave), 'method_not_supported_for_channel_type');
  const invite = byAnn.conversations.invite({ channel: id ?? '', users: many[0] ?? '' });
  assert.equal(await errorOf(invite), 'method_not_supported_for_channel_type');
  const open = byAnn.conversations.open({ channel: channel.id });
  assert.equal(await errorOf(open), 'method_not_supported_for_channel_type');
});

test("direct chats and private channels come on a linked person's behalf, once where several may see them", async (context) => {
  const { control, byAnn, ann, ben, cho, app, channel, seen } = await listen(context);
  const { id: dm } = control.openDirect({ users: [ann.id, ben.id] });
  const { id: group } = control.openDirect({ users: [ann.id, ben.id, cho.id] });
  const { id: foreign } = control.openDirect({ users: [ben.id, cho.id] });
  const { id: board } = control.createChannel({
    name: 'board',
    private: true,
    members: [ann.id, ben.id],
    withApp: false,
  });
  const { id: open } = control.createChannel({ name: 'open', members: [ann.id, ben.id], withApp: false });
  control.grantUserToken({ user: cho.id });
  await seen();
  for (const [place, text] of [
    [dm, '1'],
    [group, '2'],
    [foreign, '3'],
    [board, '4'],
    [open, '5'],
    [channel.id, '6'],
  ] as const)
    control.post({ channel: place, user: ben.id, text });
  const events = (await seen()).toSorted((one, other) =>
    String(one.event['text']) < String(other.event['text']) ? -1 : 1,
  );
  assert.deepEqual(events.map(told), [
    { what: 'message im 1', user: ann.id, isBot: false },
    { what: 'message mpim 2', user: ann.id, isBot: false },
    { what: 'message im 3', user: cho.id, isBot: false },
    { what: 'message group 4', user: ann.id, isBot: false },
    { what: 'message channel 6', user: app.botUserId, isBot: true },
  ]);
  assert.ok(control.log({ kind: 'event' }).some(({ details }) => details['onBehalfOf'] === ann.id));

  const { ts = '' } = await byAnn.chat.postMessage({ channel: dm, text: 'mine' });
  await byAnn.reactions.add({ channel: dm, timestamp: ts, name: '+1' });
  const [mine, reaction] = await seen();
  assert.equal(mine?.event['app_id'], app.id);
  assert.equal(reaction?.event['type'], 'reaction_added');

  control.revokeUserToken({ user: ann.id });
  const [revoked] = await seen();
  assert.deepEqual(revoked?.event['tokens'], { oauth: [ann.id], bot: [] });
  assert.equal(revoked.authorizations[0]?.['is_bot'], true);
  control.post({ channel: dm, user: ben.id, text: 'unseen' });
  assert.deepEqual(await seen(), []);
});

test('a direct chat needs the scope and the subscription', async (context) => {
  const { control, ann, ben, cho, seen } = await listen(context);
  control.revokeUserToken({ user: ann.id });
  control.grantUserToken({ user: ann.id, scopes: ['im:history', 'im:read'] });
  await seen();
  await control.configureApp({ userSubscriptions: ['message.im', 'message.mpim', 'im_created', 'im_open'] });
  const { id: dm } = control.openDirect({ users: [ann.id, ben.id] });
  const opened = await seen();
  assert.deepEqual(opened.map(({ event }) => String(event['type'])).toSorted(), ['im_created', 'im_open']);
  const { id: group } = control.openDirect({ users: [ann.id, ben.id, cho.id] });
  const message = control.post({ channel: dm, user: ben.id, text: 'one' });
  control.post({ channel: group, user: ben.id, text: 'no scope' });
  control.react({ channel: dm, ts: message.ts, user: ben.id, name: '+1' });
  assert.deepEqual(
    (await seen()).map(({ event }) => event['text']),
    ['one'],
  );
});

test('a group that grows is another conversation; who has read how far is kept', async (context) => {
  const { control, byAnn, ann, ben, cho } = await listen(context);
  const { id: group } = control.openDirect({ users: [ann.id, ben.id, cho.id] });
  const dee = control.createUser({ name: 'dee' });
  const grown = control.growDirect({ channel: group, by: ben.id, users: [dee.id] });
  assert.notEqual(grown.id, group);
  assert.deepEqual(grown.members.toSorted(), [ann.id, ben.id, cho.id, dee.id].toSorted());
  assert.throws(() => control.post({ channel: group, user: dee.id, text: 'not there' }), /isn't in/);
  const { ts } = control.post({ channel: group, user: ben.id, text: 'read this' });
  await byAnn.conversations.mark({ channel: group, ts });
  assert.equal((await byAnn.conversations.info({ channel: group })).channel?.last_read, ts);
  const shown = control.world({}).teams[0]?.channels.find(({ id }) => id === group);
  assert.deepEqual(shown?.lastRead, { [ann.id]: ts });
});
