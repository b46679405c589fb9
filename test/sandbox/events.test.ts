import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startReceiver, startTeam } from './start.ts';

/** A team whose app collects events over HTTP; `happen` runs something and gives the events that it caused. */
async function listen(context: TestContext) {
  const team = await startTeam(context);
  const { url, received } = await startReceiver(context);
  await team.control.configureApp({ requestUrl: url });
  const happen = async <Result>(work: () => Result) => {
    const result = work();
    await team.control.idle({});
    const events = received
      .splice(0)
      .map(({ payload }) => payload.event as typeof payload.event & Record<string, unknown>)
      .toSorted((one, other) => (String(one['event_ts']) < String(other['event_ts']) ? -1 : 1));
    return { result, events };
  };
  return { ...team, happen };
}

/** An object or a list inside a payload. */
function inner(value: unknown, key: string | number): Readonly<Record<string, unknown>> {
  assert.ok(typeof value === 'object' && value !== null && key in value, `There is no ${key}.`);
  return (value as Record<string | number, Record<string, unknown>>)[key] ?? {};
}

const kinds = (events: readonly { readonly type: string; readonly subtype?: string }[]) =>
  events.map(({ type, subtype }) => (subtype === undefined ? type : `${type}.${subtype}`));

test('a post, an edit, an unfurl and a deletion of a person', async (context) => {
  const { control, ann, channel, happen, team } = await listen(context);
  const { result: posted, events } = await happen(() =>
    control.post({ channel: channel.id, user: ann.id, text: '*hi*' }),
  );
  const [event] = events;
  assert.ok(event);
  const { blocks, client_msg_id: clientId, ...plain } = event;
  assert.ok(Array.isArray(blocks) && typeof clientId === 'string');
  assert.deepEqual(plain, {
    type: 'message',
    user: ann.id,
    text: '*hi*',
    ts: posted.ts,
    team: team.id,
    channel: channel.id,
    event_ts: posted.ts,
    channel_type: 'channel',
  });

  const edit = await happen(() => control.edit({ channel: channel.id, ts: posted.ts, text: 'ho' }));
  assert.deepEqual(kinds(edit.events), ['message.message_changed']);
  const [changed] = edit.events;
  const message = inner(changed, 'message');
  const previous = inner(changed, 'previous_message');
  assert.equal(message['text'], 'ho');
  assert.equal(message['ts'], posted.ts);
  assert.equal(inner(message, 'edited')['user'], ann.id);
  assert.equal(previous['text'], '*hi*');
  assert.equal(previous['edited'], undefined);
  assert.equal(changed?.['hidden'], true);
  assert.ok((changed?.ts ?? '') > posted.ts);

  const attachments = [{ title: 'A page', title_link: 'https://a.example' }];
  const unfurl = await happen(() => control.unfurl({ channel: channel.id, ts: posted.ts, attachments }));
  const unfurled = inner(unfurl.events[0], 'message');
  assert.deepEqual(unfurled['attachments'], attachments);
  assert.deepEqual(unfurled['edited'], message['edited']);

  const gone = await happen(() => control.delete({ channel: channel.id, ts: posted.ts }));
  assert.deepEqual(kinds(gone.events), ['message.message_deleted']);
  assert.equal(gone.events[0]?.['deleted_ts'], posted.ts);
});

test('replies, broadcasts, /me, files and posts of other apps have their subtypes', async (context) => {
  const { control, ann, channel, happen } = await listen(context);
  const place = { channel: channel.id, user: ann.id };
  const other = control.createApp({ name: 'Deploys', transport: 'none' });
  const root = control.post({ ...place, text: 'root' });
  const png = 'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAUCAIAAAA=';
  const { events: all } = await happen(() => {
    control.post({ ...place, text: 'reply', thread: root.ts });
    control.post({ ...place, text: 'loud', thread: root.ts, broadcast: true });
    control.postMe({ ...place, text: 'waves' });
    control.post({ ...place, text: '', files: [{ name: 'a.png', base64: png }] });
    control.postAsApp({ channel: channel.id, app: other.id, text: 'deployed', username: 'deployer' });
    control.delete({ channel: channel.id, ts: root.ts });
  });
  const events = all.filter(({ type }) => type === 'message');
  const ofFiles = all.filter((event) => !events.includes(event));
  assert.deepEqual(kinds(ofFiles), ['file_public', 'file_shared']);
  assert.equal(ofFiles[1]?.['channel_id'], channel.id);
  assert.deepEqual(kinds(events), [
    'message',
    'message',
    'message.thread_broadcast',
    'message.me_message',
    'message.file_share',
    'message.bot_message',
    'message.message_changed',
  ]);
  assert.equal(events[1]?.['thread_ts'], root.ts);
  assert.equal(events[1]?.['parent_user_id'], ann.id);
  assert.equal(inner(events[2], 'root')['ts'], root.ts);
  const file = inner(inner(events[4], 'files'), 0);
  assert.equal(file['original_w'], 10);
  assert.equal(file['original_h'], 20);
  assert.equal(events[5]?.['bot_id'], other.botId);
  assert.equal(inner(events[6], 'message')['subtype'], 'tombstone');
});

test('reactions and pins name the message and who did it', async (context) => {
  const { control, ann, ben, channel, happen } = await listen(context);
  const { ts } = control.post({ channel: channel.id, user: ann.id, text: 'x' });
  await control.idle({});
  const { events } = await happen(() => {
    control.react({ channel: channel.id, ts, user: ben.id, name: 'tada' });
    control.react({ channel: channel.id, ts, user: ben.id, name: 'tada' });
    control.unreact({ channel: channel.id, ts, user: ben.id, name: 'tada' });
    control.pin({ channel: channel.id, ts, user: ben.id });
    control.unpin({ channel: channel.id, ts, user: ben.id });
  });
  assert.deepEqual(kinds(events).slice(-4), [
    'reaction_added',
    'reaction_removed',
    'pin_added',
    'pin_removed',
  ]);
  const added = events.find(({ type }) => type === 'reaction_added');
  assert.deepEqual(
    [added?.['user'], added?.['reaction'], added?.['item_user'], added?.['item']],
    [ben.id, 'tada', ann.id, { type: 'message', channel: channel.id, ts }],
  );
});

test('joining, leaving and changes of a channel come as messages and as events', async (context) => {
  const { control, ann, channel, happen } = await listen(context);
  const cho = control.createUser({ name: 'cho' });
  await control.idle({});
  const by = { channel: channel.id, user: ann.id };
  const { events } = await happen(() => {
    control.join({ channel: channel.id, user: cho.id, by: ann.id });
    control.leave({ channel: channel.id, user: cho.id });
    control.setTopic({ ...by, topic: 'ships' });
    control.setPurpose({ ...by, purpose: 'to ship' });
    control.rename({ ...by, name: 'shipping' });
    control.archive(by);
    control.unarchive(by);
  });
  assert.deepEqual(kinds(events.filter(({ type }) => type !== 'team_join')), [
    'message.channel_join',
    'member_joined_channel',
    'message.channel_leave',
    'member_left_channel',
    'message.channel_topic',
    'message.channel_purpose',
    'message.channel_name',
    'channel_rename',
    'message.channel_archive',
    'channel_archive',
    'message.channel_unarchive',
    'channel_unarchive',
  ]);
});

test('a bot that is taken out of a private channel hears group_left and nothing more from there', async (context) => {
  const { control, ann, happen } = await listen(context);
  const secret = control.createChannel({ name: 'secret', private: true, members: [ann.id] });
  const { events } = await happen(() => control.removeApp({ channel: secret.id, by: ann.id }));
  assert.deepEqual(kinds(events), ['group_left']);
  const after = await happen(() => control.post({ channel: secret.id, user: ann.id, text: 'alone' }));
  assert.deepEqual(after.events, []);
});

test('people, emoji and the end of an installation are told to the app', async (context) => {
  const { control, ann, happen } = await listen(context);
  const { events } = await happen(() => {
    control.createUser({ name: 'dee' });
    control.updateUser({ user: ann.id, displayName: 'Annie', picture: true });
    control.addEmoji({ name: 'shipit' });
    control.renameEmoji({ from: 'shipit', to: 'shipped' });
    control.removeEmoji({ name: 'shipped' });
    control.uninstallApp({});
  });
  assert.deepEqual(kinds(events).toSorted(), [
    'app_uninstalled',
    'emoji_changed.add',
    'emoji_changed.remove',
    'emoji_changed.rename',
    'team_join',
    'tokens_revoked',
    'user_change',
  ]);
});

test('more events in an hour than Slack sends are announced by app_rate_limited', async (context) => {
  const { control, ann, channel } = await startTeam(context);
  const { url, received } = await startReceiver(context);
  await control.configureApp({ requestUrl: url });
  control.settings({ rateLimits: true, eventsPerHour: 2 });
  for (const text of ['1', '2', '3', '4']) control.post({ channel: channel.id, user: ann.id, text });
  await control.idle({});
  assert.deepEqual(received.map(({ payload }) => payload.type).toSorted(), [
    'app_rate_limited',
    'event_callback',
    'event_callback',
  ]);
});
