import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { App, HTTPReceiver } from '@slack/bolt';
import type { View } from '@slack/types';
import { systemClock } from '../../sandbox/slack/clock.ts';
import type { SlackSandboxOptions } from '../../sandbox/slack/server.ts';
import { freePort } from '../support/ports.ts';
import { openSocket } from './socket.ts';
import type { SocketMessage } from './socket.ts';
import { errorOf, silent, startTeam, until } from './start.ts';

const features = {
  homeTab: true,
  shortcuts: [
    { type: 'message' as const, name: 'Copy it', callbackId: 'copy' },
    { type: 'global' as const, name: 'Look', callbackId: 'look' },
  ],
  commands: [{ command: '/do' }],
};
const button = {
  type: 'button',
  text: { type: 'plain_text', text: 'Press' },
  action_id: 'press',
  value: '7',
};
const blocks = [{ type: 'actions', elements: [button] }];
const modal: View = {
  type: 'modal',
  title: { type: 'plain_text', text: 'Sure?' },
  blocks: [],
  callback_id: 'm',
};

/** A team whose app is one of Slack's own framework, over either transport. */
async function startApp(
  context: TestContext,
  transport: 'socket' | 'http',
  sandboxOptions: SlackSandboxOptions = {},
) {
  const world = await startTeam(context, sandboxOptions);
  const { sandbox, control, app: made } = world;
  await control.configureApp({ features });
  const clientOptions = { slackApiUrl: sandbox.apiUrl, retryConfig: { retries: 0 } };
  const common = { token: made.botToken, clientOptions, logger: silent };
  if (transport === 'socket') {
    const bolt = new App({ ...common, receiver: idle });
    await takeEnvelopes(context, sandbox.apiUrl, made.appToken, bolt);
    return { ...world, bolt };
  }
  const port = await freePort();
  const { signingSecret } = made;
  const receiver = new HTTPReceiver({ signingSecret, endpoints: '/slack/events', logger: silent });
  const bolt = new App({ ...common, receiver });
  await bolt.start(port);
  context.after(() => bolt.stop());
  await control.configureApp({ requestUrl: `http://127.0.0.1:${port}/slack/events` });
  return { ...world, bolt };
}

const idle = { init: () => undefined, start: () => Promise.resolve(), stop: () => Promise.resolve() };

/** Hands what comes over a socket to the framework, and its acknowledgements back: its own client is slow to end. */
async function takeEnvelopes(
  context: TestContext,
  apiUrl: string,
  appToken: string,
  bolt: App,
): Promise<void> {
  const opened = await openSocket(context, apiUrl, appToken);
  opened.acknowledges = false;
  opened.socket.on('message', (data: Buffer) => {
    const { envelope_id: id, payload = {} } = JSON.parse(data.toString()) as SocketMessage;
    if (id === undefined) return;
    const ack = async (answer?: unknown): Promise<void> =>
      opened.socket.send(JSON.stringify({ envelope_id: id, payload: answer }));
    void bolt.processEvent({ body: { ...payload }, ack });
  });
}

for (const transport of ['socket', 'http'] as const)
  describe(`over ${transport}`, () => {
    test('a message shortcut comes with its message, and is answered for one person’s eyes', async (context) => {
      const { bolt, control, ann, ben, channel } = await startApp(context, transport);
      bolt.shortcut('copy', async ({ ack, respond, shortcut }) => {
        await ack();
        assert.ok(shortcut.type === 'message_action');
        await respond(`${shortcut.user.username}: ${shortcut.message.text} in ${shortcut.channel.name}`);
      });
      const { ts } = control.post({ channel: channel.id, user: ben.id, text: 'hello' });
      const place = { channel: channel.id, ts };
      const answered = await control.useShortcut({ user: ann.id, shortcut: 'copy', ...place });
      assert.equal(answered.acknowledged, true);
      const seen = (user: string) =>
        control.ephemerals({ channel: channel.id, user }).map(({ text }) => text);
      await until(() => seen(ann.id).length > 0);
      assert.deepEqual([seen(ann.id), seen(ben.id)], [['ann: hello in dev'], []]);
      assert.equal(control.messages({ channel: channel.id }).length, 1);
    });

    test('the Home tab is published when somebody opens it, and its buttons open a modal once', async (context) => {
      const { bolt, control, ann, client } = await startApp(context, transport);
      bolt.event('app_home_opened', async ({ event }) => {
        await client.views.publish({ user_id: event.user, view: { type: 'home', blocks } });
      });
      const errors: string[] = [];
      bolt.action('press', async ({ ack, body }) => {
        await ack();
        assert.ok(
          body.type === 'block_actions' && body.view?.type === 'home' && body.actions[0]?.type === 'button',
        );
        const view = { ...modal, private_metadata: body.actions[0].value ?? '' };
        await client.views.open({ trigger_id: body.trigger_id, view });
        errors.push(await errorOf(client.views.open({ trigger_id: body.trigger_id, view })));
      });
      bolt.view('m', async ({ ack, view }) => {
        await ack({
          response_action: 'update',
          view: { ...modal, callback_id: `after ${view.private_metadata}` },
        });
      });
      control.openHome({ user: ann.id });
      await until(() => control.home({ user: ann.id }).view !== undefined);
      const view = control.home({ user: ann.id }).view?.id ?? '';
      await control.pressButton({ user: ann.id, view, action: 'press' });
      await until(() => errors.length > 0);
      assert.deepEqual(errors, ['exchanged_trigger_id']);
      const [opened] = control.modals({ user: ann.id });
      await control.submitView({ user: ann.id, view: opened?.id ?? '' });
      assert.deepEqual(
        control.modals({ user: ann.id }).map(({ callback_id: id }) => id),
        ['after 7'],
      );
    });

    test('a slash command is answered by its acknowledgement, and later five times', async (context) => {
      const { bolt, control, ann, channel, sandbox } = await startApp(context, transport);
      bolt.command('/do', async ({ ack, command }) => ack(`${command.text} ${command.response_url}`));
      await control.slashCommand({ user: ann.id, channel: channel.id, command: '/do', text: 'it' });
      const [shown] = control.ephemerals({ channel: channel.id, user: ann.id });
      const [, words, url = ''] = /^(it) <(.+)>$/.exec(shown?.text ?? '') ?? [];
      assert.equal(words, 'it');
      assert.ok(url.startsWith(sandbox.url));
      const answers = [];
      for (let count = 0; count < 6; count += 1) answers.push(await respond(url, { text: `${count}` }));
      assert.deepEqual(answers.slice(-2), ['ok', '{"ok":false,"error":"used_url"}']);
      await assert.rejects(
        control.slashCommand({ user: ann.id, channel: channel.id, command: '/other' }),
        /not a command/,
      );
    });
  });

async function respond(url: string, body: object): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).text();
}

test('what an app answers can replace what was pressed, or take it away, for one person or all', async (context) => {
  const { bolt, control, ann, channel, client } = await startApp(context, 'socket');
  const bodies: object[] = [];
  const urls: string[] = [];
  bolt.action('press', async ({ ack, body }) => {
    await ack();
    bodies.push(body);
    urls.push('response_url' in body ? body.response_url : '');
  });
  const { id } = channel;
  const { ts = '' } = await client.chat.postMessage({ channel: id, text: 'x', blocks });
  const post = { channel: id, user: ann.id, text: 'y', blocks };
  const { message_ts: own = '' } = await client.chat.postEphemeral(post);
  for (const each of [ts, own])
    await control.pressButton({ user: ann.id, channel: id, ts: each, action: 'press' });
  assert.deepEqual(
    bodies.map((body) => 'message' in body),
    [true, false],
  );
  const [shared = '', private_ = ''] = urls;
  assert.equal(await respond(shared, { replace_original: true, text: 'new' }), 'ok');
  assert.equal(control.messages({ channel: id }).at(-1)?.text, 'new');
  assert.equal(await respond(private_, { replace_original: true, text: 'newer' }), 'ok');
  assert.equal(control.ephemerals({ channel: id, user: ann.id })[0]?.text, 'newer');
  assert.equal(await respond(private_, { delete_original: true }), 'ok');
  assert.deepEqual(control.ephemerals({ channel: id, user: ann.id }), []);
  assert.equal(await respond(shared, { response_type: 'in_channel', text: 'all' }), 'ok');
  assert.equal(control.messages({ channel: id }).at(-1)?.text, 'all');
});

test('views are refused as Slack refuses them', async (context) => {
  const { control, ann, client } = await startTeam(context);
  const publish = (view: object, user = ann.id) =>
    errorOf(client.views.publish({ user_id: user ?? '', view: view as View }));
  const home = { type: 'home', blocks };
  assert.equal(await publish(home), 'not_enabled');
  await control.configureApp({ features });
  assert.equal(await publish(home), 'none');
  assert.equal(await publish(home, 'U0NOBODY'), 'invalid_arguments');
  assert.equal(await publish({ ...home, title: modal }), 'invalid_arguments');
  assert.equal(
    await publish({ type: 'home', blocks: Array.from({ length: 101 }, () => ({ type: 'divider' })) }),
    'invalid_arguments',
  );
  const long = { ...button, text: { type: 'plain_text', text: 'x'.repeat(76) } };
  assert.equal(
    await publish({ type: 'home', blocks: [{ type: 'actions', elements: [long] }] }),
    'invalid_arguments',
  );
  assert.equal(await errorOf(client.views.open({ trigger_id: '1.2.x', view: modal })), 'invalid_arguments');
});

test('a trigger is good for three seconds, and what nobody acknowledges is not told again', async (context) => {
  let later = 0;
  const clock = { ...systemClock(), now: () => Date.now() + later };
  const { bolt, control, ann, client } = await startApp(context, 'socket', { clock });
  control.settings({ ackTimeoutMs: 40 });
  const errors: string[] = [];
  let told = 0;
  bolt.shortcut('look', async ({ shortcut }) => {
    told += 1;
    later += 3001;
    errors.push(await errorOf(client.views.open({ trigger_id: shortcut.trigger_id, view: modal })));
  });
  const answered = await control.useShortcut({ user: ann.id, shortcut: 'look' });
  assert.deepEqual([answered.acknowledged, answered.reason], [false, 'timeout']);
  await control.idle({});
  assert.deepEqual([errors, told], [['expired_trigger_id'], 1]);
});

test('people have the roles that they are given', async (context) => {
  const { control } = await startTeam(context);
  const flags = ['is_admin', 'is_owner', 'is_primary_owner', 'is_restricted', 'is_ultra_restricted'] as const;
  const roles = [
    { isPrimaryOwner: true },
    { isOwner: true },
    { isAdmin: true },
    { isRestricted: true },
    { isUltraRestricted: true },
  ];
  const shown = roles.map((role, index) => {
    const user = control.createUser({ name: `p${index}`, ...role });
    return flags.filter((flag) => user[flag]).map((flag) => flag.slice(3));
  });
  assert.deepEqual(shown, [
    ['admin', 'owner', 'primary_owner'],
    ['admin', 'owner'],
    ['admin'],
    ['restricted'],
    ['restricted', 'ultra_restricted'],
  ]);
});
