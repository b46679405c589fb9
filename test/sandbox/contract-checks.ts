import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { SocketModeClient } from '@slack/socket-mode';
import type { WebClient } from '@slack/web-api';
import { errorOf, silent, until } from './start.ts';

/** A Slack to hold to the contract: the sandbox, or a real workspace. The app's bot is in the channel. */
export interface ContractSubject {
  readonly client: WebClient;
  readonly appToken: string;
  readonly apiUrl: string;
  readonly channel: string;
  /** Waits between posts, where Slack takes about one a second. */
  readonly pause: () => Promise<void>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Registers the checks; each gets its subject from `open`. What they post they delete. */
export function contractChecks(open: (context: TestContext) => Promise<ContractSubject>): void {
  const check = (name: string, run: (subject: ContractSubject & Posting) => Promise<void>): void => {
    test(name, async (context) => run(withPosting(await open(context), context)));
  };
  identityChecks(check);
  messageChecks(check);
  refusalChecks(check);
  threadChecks(check);
  socketChecks(check);
}

type Check = (name: string, run: (subject: ContractSubject & Posting) => Promise<void>) => void;

interface Posting {
  /** Posts to the channel, and gives the message of the answer with its ts. */
  readonly post: (content: Fields) => Promise<Fields & { readonly ts: string }>;
  /** The message as history shows it. */
  readonly read: (ts: string, more?: Fields) => Promise<Fields | undefined>;
}

function withPosting(subject: ContractSubject, context: TestContext): ContractSubject & Posting {
  const { client, channel, pause } = subject;
  const posted: string[] = [];
  context.after(async () => {
    for (const ts of posted) await client.chat.delete({ channel, ts }).catch(() => undefined);
  });
  return {
    ...subject,
    post: async (content) => {
      await pause();
      const answer = await client.chat.postMessage({ channel, text: '', ...content });
      assert.ok(answer.ts !== undefined && answer.message);
      posted.push(answer.ts);
      return { ...answer.message, ts: answer.ts };
    },
    read: async (ts, more = {}) => {
      const range = { channel, latest: ts, oldest: ts, inclusive: true, limit: 1, ...more };
      const { messages } = await client.conversations.history(range);
      return messages?.[0] as Fields | undefined;
    },
  };
}

function identityChecks(check: Check): void {
  check('auth.test names the team, the bot and its user', async ({ client }) => {
    const answer = await client.auth.test();
    assert.match(answer.team_id ?? '', /^T[A-Z0-9]+$/);
    assert.match(answer.user_id ?? '', /^[UW][A-Z0-9]+$/);
    assert.match(answer.bot_id ?? '', /^B[A-Z0-9]+$/);
    assert.match(answer.url ?? '', /^https:\/\/[a-z0-9-]+\.slack\.com\/$/);
    assert.ok(answer.response_metadata?.scopes?.includes('chat:write'));
  });

  check('the channel, its members and the bot are described', async ({ client, channel }) => {
    const { user_id: botUser = '', bot_id: bot = '' } = await client.auth.test();
    const info = (await client.conversations.info({ channel, include_num_members: true })).channel;
    assert.equal(info?.id, channel);
    assert.equal(info.is_member, true);
    assert.equal(typeof info.topic?.value, 'string');
    assert.equal(typeof info.num_members, 'number');
    assert.ok((await client.conversations.members({ channel, limit: 1000 })).members?.includes(botUser));
    const user = (await client.users.info({ user: botUser })).user;
    assert.equal(user?.is_bot, true);
    assert.equal(user.profile?.bot_id, bot);
    assert.match(user.profile.image_72 ?? '', /^https?:\/\//);
    assert.equal((await client.bots.info({ bot })).bot?.user_id, botUser);
  });
}

function messageChecks(check: Check): void {
  check(
    "a bot's post has its user, bot, app and profile, and blocks made of its text",
    async ({ client, post, read }) => {
      const { user_id: user, bot_id: bot } = await client.auth.test();
      const posted = await post({ text: 'plain *bold*' });
      for (const message of [posted, (await read(posted.ts)) ?? {}]) {
        assert.equal(message['type'], 'message');
        assert.equal(message['subtype'], undefined);
        assert.equal(message['user'], user);
        assert.equal(message['bot_id'], bot);
        assert.match(String(message['app_id']), /^A/);
        assert.equal(message['text'], 'plain *bold*');
        const [block] = message['blocks'] as Fields[];
        assert.equal(block?.['type'], 'rich_text');
        assert.match(posted.ts, /^\d{10}\.\d{6}$/);
      }
    },
  );

  check('text is kept with stray characters escaped and addresses as links', async ({ post }) => {
    const posted = await post({ text: 'a & b < c &lt; https://docs.slack.dev/ d' });
    assert.equal(posted['text'], 'a &amp; b &lt; c &lt; <https://docs.slack.dev/> d');
  });

  check('a post under its own name is a bot_message without a user', async ({ client, post, read }) => {
    const { bot_id: bot } = await client.auth.test();
    const posted = await post({ text: 'relayed', username: 'Somebody', icon_emoji: ':ghost:' });
    const message = await read(posted.ts);
    assert.equal(message?.['subtype'], 'bot_message');
    assert.equal(message['username'], 'Somebody');
    assert.equal(message['bot_id'], bot);
    assert.equal(message['user'], undefined);
    assert.ok(message['icons']);
  });

  check(
    'metadata is shown on request only, and stays when only the text is updated',
    async ({ client, channel, post, read }) => {
      const metadata = { event_type: 'contract_check', event_payload: { key: 'value' } };
      const { ts } = await post({ text: 'one', metadata });
      assert.equal((await read(ts))?.['metadata'], undefined);
      await client.chat.update({ channel, ts, text: 'two' });
      const message = await read(ts, { include_all_metadata: true });
      assert.equal(message?.['text'], 'two');
      assert.deepEqual(message['metadata'], metadata);
      assert.match(String((message['edited'] as Fields)['ts']), /^\d+\.\d{6}$/);
    },
  );

  check(
    'blocks that were given stay when only the text is updated',
    async ({ client, channel, post, read }) => {
      const blocks = [{ type: 'section', text: { type: 'plain_text', text: 'a block' } }];
      const { ts } = await post({ text: 'fallback', blocks });
      await client.chat.update({ channel, ts, text: 'other fallback' });
      const [block] = ((await read(ts))?.['blocks'] ?? []) as Fields[];
      assert.equal(block?.['type'], 'section');
    },
  );

  check('rich_text blocks of an app are kept as they are', async ({ post, read }) => {
    const elements = [
      { type: 'text', text: 'x < y ', style: { bold: true, italic: true } },
      { type: 'link', url: 'https://docs.slack.dev/', text: 'docs' },
      { type: 'emoji', name: 'wave' },
      { type: 'text', text: ' code', style: { code: true } },
    ];
    const block = { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
    const { ts } = await post({ text: 'fallback', blocks: [block] });
    const [kept] = ((await read(ts))?.['blocks'] ?? []) as { elements: { elements: Fields[] }[] }[];
    const shown = kept?.elements[0]?.elements.map(({ type, text }) => [type, text]);
    assert.deepEqual(
      shown,
      elements.map(({ type, text }) => [type, text]),
    );
  });

  check(
    'a deleted message is gone, and its ts is no message any more',
    async ({ client, channel, post, read }) => {
      const { ts } = await post({ text: 'soon gone' });
      await client.chat.delete({ channel, ts });
      assert.equal(await read(ts), undefined);
      assert.equal(await errorOf(client.chat.delete({ channel, ts })), 'message_not_found');
      assert.equal(await errorOf(client.chat.update({ channel, ts, text: 'x' })), 'message_not_found');
    },
  );
}

function refusalChecks(check: Check): void {
  check('refusals have their names', async ({ client, channel, apiUrl }) => {
    const post = (content: Fields) => errorOf(client.apiCall('chat.postMessage', { channel, ...content }));
    const section = (length: number) => ({
      type: 'section',
      text: { type: 'mrkdwn', text: 'x'.repeat(length) },
    });
    assert.equal(await post({}), 'no_text');
    assert.equal(await post({ channel: 'C00000000', text: 'x' }), 'channel_not_found');
    assert.equal(await post({ text: 'x', blocks: [section(3001)] }), 'invalid_blocks');
    assert.equal(
      await post({ text: 'x', blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }),
      'invalid_blocks',
    );
    assert.equal(
      await post({ text: 'x', blocks: Array.from({ length: 5 }, () => section(2700)) }),
      'msg_blocks_too_long',
    );
    assert.equal(await errorOf(client.apiCall('chat.shout')), 'unknown_method');
    assert.equal(await errorOf(client.users.info({ user: 'U00000000' })), 'user_not_found');
    assert.equal(
      await errorOf(client.conversations.replies({ channel, ts: '1000000000.000000' })),
      'thread_not_found',
    );
    const answer = await fetch(`${apiUrl}auth.test`, {
      method: 'POST',
      headers: { authorization: 'Bearer xoxb-0' },
    });
    assert.deepEqual(await answer.json(), { ok: false, error: 'invalid_auth' });
  });

  check(
    'reactions are refused when they change nothing, and when there is no such emoji',
    async ({ client, channel, post }) => {
      const { ts } = await post({ text: 'react to me' });
      const reaction = { channel, timestamp: ts, name: 'thumbsup' };
      await client.reactions.add(reaction);
      assert.equal(await errorOf(client.reactions.add(reaction)), 'already_reacted');
      const shown = (await client.reactions.get({ channel, timestamp: ts })).message?.reactions;
      assert.deepEqual(
        shown?.map(({ name, count }) => [name, count]),
        [['+1', 1]],
      );
      await client.reactions.remove(reaction);
      assert.equal(await errorOf(client.reactions.remove(reaction)), 'no_reaction');
      assert.equal(
        await errorOf(client.reactions.add({ ...reaction, name: 'no_such_emoji_here' })),
        'invalid_name',
      );
    },
  );

  check(
    'a long post is cut at 40,000 characters, a long update refused',
    async ({ client, channel, post }) => {
      const posted = await post({ text: 'x'.repeat(40_001) });
      assert.equal(String(posted['text']).length, 40_000);
      const update = client.chat.update({ channel, ts: posted.ts, text: 'x'.repeat(4001) });
      assert.equal(await errorOf(update), 'msg_too_long');
    },
  );
}

function threadChecks(check: Check): void {
  check(
    'a thread is counted on its root, broadcasts are in history, and a deleted root leaves a tombstone',
    async (subject) => {
      const { client, channel, post, read } = subject;
      const root = await post({ text: 'root' });
      const reply = await post({ text: 'reply', thread_ts: root.ts });
      const loud = await post({ text: 'loud', thread_ts: root.ts, reply_broadcast: true });
      const { messages } = await client.conversations.replies({ channel, ts: root.ts });
      assert.deepEqual(
        messages?.map(({ ts }) => ts),
        [root.ts, reply.ts, loud.ts],
      );
      assert.equal(messages[0]?.reply_count, 2);
      assert.equal(messages[0].latest_reply, loud.ts);
      assert.equal(messages[1]?.thread_ts, root.ts);
      assert.equal((await read(loud.ts))?.['subtype'], 'thread_broadcast');
      assert.equal(await read(reply.ts), undefined);
      await client.chat.delete({ channel, ts: root.ts });
      assert.equal((await read(root.ts))?.['subtype'], 'tombstone');
    },
  );
}

function socketChecks(check: Check): void {
  check('own posts, edits, reactions and deletions come as events', async (subject) => {
    const { client, channel, post, appToken, apiUrl } = subject;
    const socket = new SocketModeClient({ appToken, clientOptions: { slackApiUrl: apiUrl }, logger: silent });
    const envelopes: Fields[] = [];
    socket.on('slack_event', ({ ack, body }: { ack: () => Promise<void>; body: Fields }) => {
      envelopes.push(body);
      void ack();
    });
    await socket.start();
    try {
      const { ts } = await post({ text: 'watch me' });
      await client.chat.update({ channel, ts, text: 'watched' });
      await client.reactions.add({ channel, timestamp: ts, name: 'eyes' });
      await client.chat.delete({ channel, ts });
      const about = () => envelopes.filter((envelope) => aboutMessage(envelope['event'], ts));
      await until(() => about().length >= 4, 20_000);
      const events = about().map((envelope) => envelope['event'] as Fields);
      const kinds = events.map(({ type, subtype }) =>
        typeof subtype === 'string' ? `${String(type)} ${subtype}` : String(type),
      );
      assert.deepEqual(kinds.toSorted(), [
        'message',
        'message message_changed',
        'message message_deleted',
        'reaction_added',
      ]);
      const [envelope] = about();
      assert.equal(envelope?.['type'], 'event_callback');
      assert.match(String(envelope['event_id']), /^Ev/);
      assert.match(String(envelope['team_id']), /^T/);
      assert.match(String(envelope['api_app_id']), /^A/);
      assert.equal(typeof envelope['event_time'], 'number');
      assert.equal(typeof envelope['event_context'], 'string');
      assert.equal((envelope['authorizations'] as Fields[])[0]?.['is_bot'], true);
    } finally {
      await socket.disconnect();
    }
  });
}

/** Whether an event is about the message, in whichever of its fields the ts stands. */
function aboutMessage(event: unknown, ts: string): boolean {
  return JSON.stringify(event).includes(`"${ts}"`);
}
