import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TryLater, Uncertain } from '../../src/errors.ts';
import { mention, paragraph, text } from '../../src/format/doc.ts';
import { channelId, slackUserId, teamId } from '../../src/ids.ts';
import type { CallSlack } from '../../src/slack/calls.ts';
import { findByOpKey } from '../../src/slack/reads.ts';
import { objectsOf } from '../../src/slack/fields.ts';
import type { RunningAdapter } from './support/adapter.ts';
import { startAdapter } from './support/adapter.ts';
import { failNext, newChannel, outgoing, stored } from './support/channel.ts';

let running: RunningAdapter;
before(async () => {
  running = await startAdapter();
});
after(() => running.stop());

const now = () => ({ since: Date.now(), until: Date.now() });

describe('a post', () => {
  test('has its text as blocks and as text, the sender’s name and picture, and its key', async () => {
    const place = newChannel(running);
    const doc = { blocks: [paragraph(text('hello '), text('world', { bold: true }))] };
    const ts = await running.slack.post(place, outgoing(doc, { opKey: 'key1' }));
    const message = stored(running, place, ts);
    assert.equal(message['text'], 'hello *world*');
    assert.equal(message['username'], 'Ann (Matrix)');
    assert.deepEqual(message['metadata'], {
      event_type: 'matrix_slack_bridge',
      event_payload: { k: 'key1' },
    });
    assert.deepEqual(objectsOf(message['blocks'])[0]?.['elements'], [
      {
        type: 'rich_text_section',
        elements: [
          { type: 'text', text: 'hello ' },
          { type: 'text', text: 'world', style: { bold: true } },
        ],
      },
    ]);
  });

  test('comes back as our own, with its key', async () => {
    const place = newChannel(running);
    const ts = await running.slack.post(place, outgoing('echo', { opKey: 'key2' }));
    const message = await running.slack.message(place, ts);
    assert.equal(message?.opKey, 'key2');
    assert.equal(message.author.type === 'bot' && message.author.name, 'Ann (Matrix)');
    assert.ok(running.slack.isOurs(message));
  });

  test('without a name is the bot’s, and our own too', async () => {
    const place = newChannel(running);
    const { as: _, ...post } = outgoing('from the bot');
    const message = await running.slack.message(place, await running.slack.post(place, post));
    assert.equal(message?.author.id, running.app.botUserId);
    assert.ok(running.slack.isOurs(message));
  });

  test('goes into its thread', async () => {
    const place = newChannel(running);
    const root = await running.slack.post(place, outgoing('root'));
    const reply = await running.slack.post(place, outgoing('reply', { threadTs: root }));
    assert.equal((await running.slack.message(place, reply, root))?.threadTs, root);
    assert.equal((await running.slack.message(place, reply))?.threadTs, root);
  });

  test('that is an emote is in italics', async () => {
    const place = newChannel(running);
    const ts = await running.slack.post(place, outgoing('waves', { emote: true }));
    assert.equal(stored(running, place, ts)['text'], '_waves_');
  });

  test('that mentions somebody reaches them, and a name in its text reaches nobody', async () => {
    const place = newChannel(running);
    const user = slackUserId(running.user);
    const doc = {
      blocks: [paragraph(mention({ type: 'slack-user', user }), text(` and <!channel> <@${user}>`))],
    };
    const ts = await running.slack.post(place, outgoing(doc));
    assert.equal(stored(running, place, ts)['text'], `<@${user}> and &lt;!channel&gt; &lt;@${user}&gt;`);
  });

  test('whose blocks Slack refuses is posted as text', async () => {
    const place = newChannel(running);
    failNext(running, { type: 'slack_error', error: 'invalid_blocks', applied: false });
    const ts = await running.slack.post(place, outgoing('plain'));
    assert.equal(stored(running, place, ts)['text'], 'plain');
  });
});

describe('a post whose answer is unclear', () => {
  for (const fault of [
    { type: 'http_error', applied: true, status: 500 },
    { type: 'reset', applied: true },
    { type: 'slack_error', applied: true, error: 'internal_error' },
  ] as const)
    test(`because of ${fault.type}, but was made, is found by its key and there once`, async () => {
      const place = newChannel(running);
      const since = Date.now();
      failNext(running, fault, { method: 'chat.postMessage' });
      const post = running.slack.post(place, outgoing('once', { opKey: 'key3' }));
      await assert.rejects(post, Uncertain);
      const found = await running.slack.findByOpKey(place, 'key3', { since, until: Date.now() });
      assert.equal(found.length, 1);
      assert.equal(stored(running, place, found[0] ?? '')['text'], 'once');
    });

  test('and was not made, is not found', async () => {
    const place = newChannel(running);
    failNext(running, { type: 'reset', applied: false }, { method: 'chat.postMessage' });
    await assert.rejects(running.slack.post(place, outgoing('never', { opKey: 'key4' })), Uncertain);
    assert.deepEqual(await running.slack.findByOpKey(place, 'key4', now()), []);
  });

  test('in a thread is found by its key there, oldest first', async () => {
    const place = newChannel(running);
    const root = await running.slack.post(place, outgoing('root'));
    const inThread = { threadTs: root, opKey: 'key5' };
    const replies = [
      await running.slack.post(place, outgoing('a', inThread)),
      await running.slack.post(place, outgoing('b', inThread)),
    ];
    assert.deepEqual(await running.slack.findByOpKey(place, 'key5', now(), root), replies);
    assert.deepEqual(await running.slack.findByOpKey(place, 'key5', now()), []);
  });
});

test('a limit in one channel holds up neither another channel nor another call', async () => {
  const place = newChannel(running);
  const first = await running.slack.post(place, outgoing('first'));
  failNext(running, { type: 'rate_limited', retryAfterSeconds: 30 }, { channel: place.channel });
  for (const content of ['refused by Slack', 'not even sent'])
    await assert.rejects(running.slack.post(place, outgoing(content)), (error) => {
      assert.ok(error instanceof TryLater);
      assert.equal(error.target, `slack:${place.team}:${place.channel}`);
      assert.ok((error.after ?? 0) > 29_000 && (error.after ?? 0) <= 30_000);
      return true;
    });
  await running.slack.post(newChannel(running), outgoing('elsewhere'));
  await running.slack.update(place, first, outgoing('changed'));
});

test('paced posts never meet Slack’s limit', { timeout: 30_000 }, async () => {
  const limited: string[] = [];
  const paced = await startAdapter({
    sandbox: { rateLimits: true },
    settings: { rateLimits: true },
    metrics: { limited: (_, by) => void limited.push(by) },
  });
  try {
    for (let post = 0; post < 7; post += 1) await paced.slack.post(paced.place, outgoing(`post ${post}`));
    assert.deepEqual(limited, []);
  } finally {
    await paced.stop();
  }
});

test('posts are looked for in the time in which they can have been made, however much was written since', async () => {
  const asked: unknown[] = [];
  const call: CallSlack = async ({ args }) => {
    asked.push([args['oldest'], args['latest']]);
    const more = args['latest'] === undefined ? { next_cursor: 'for ever' } : {};
    return { messages: [], response_metadata: more };
  };
  const made = { since: 1_000_000, until: 1_240_000 };
  assert.deepEqual(
    await findByOpKey(call, { team: teamId('T1'), channel: channelId('C1') }, 'key', made),
    [],
  );
  assert.deepEqual(asked, [['940.000000', '1300.000000']]);
});
