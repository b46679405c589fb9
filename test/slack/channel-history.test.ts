import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { CannotBridge } from '../../src/errors.ts';
import { channelId, teamId, ts as tsId } from '../../src/ids.ts';
import type { Ts } from '../../src/ids.ts';
import type { KnownMessage } from '../../src/portal/catch-up-ports.ts';
import { catchUp } from '../../src/slack/catch-up.ts';
import { createHistory, createPinReader } from '../../src/slack/channel-history.ts';
import type { Fields } from '../../src/slack/fields.ts';
import { backgroundBucketOf, bucketOf, createPacer } from '../../src/slack/rate-limits.ts';
import { silentLogger } from '../../src/log.ts';
import type { RunningAdapter } from './support/adapter.ts';
import { recordingIntake, startAdapter } from './support/adapter.ts';
import { failNext } from './support/channel.ts';
import { portal } from './support/told-channel.ts';

let running: RunningAdapter | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const signal = new AbortController().signal;
const from = tsId('1000.000000');

/** The facts that history tells a bridge that knows so much. */
async function factsTold(
  { slack, place }: RunningAdapter,
  known: readonly KnownMessage[] = [],
): Promise<readonly string[]> {
  const intake = recordingIntake();
  const parts = {
    history: slack.history,
    store: {
      known: async () => known,
      knownThread: async () => known,
      activeThreads: async () => [],
      seenFacts: async () => new Set<string>(),
    },
    intake,
    slack,
    found: () => undefined,
    log: silentLogger,
  };
  const here = { ...portal, channels: [{ ...place, name: 'town' }] } as const;
  await catchUp(parts, here, { from, repliesFrom: from }, { signal });
  return intake.deliveries.map(({ fact = '' }) => fact);
}

function standing(ts: string): KnownMessage {
  return { ts: tsId(ts), state: 'standing', origin: 'slack', edits: [''], reactions: [] };
}

test('history tells a message, a reply, an edit and a delete as the same facts as the events', async () => {
  running = await startAdapter({ listen: true });
  const { intake, sandbox, place, user } = running;
  const { channel } = place;
  const { ts } = sandbox.control.post({ channel, user, text: 'one' });
  const reply = sandbox.control.post({ channel, user, text: 'a reply', thread: ts }).ts;
  const other = sandbox.control.post({ channel, user, text: 'two' }).ts;
  assert.deepEqual(await factsTold(running), [`message:${ts}`, `message:${reply}`, `message:${other}`]);
  sandbox.control.edit({ channel, ts, text: 'edited' });
  sandbox.control.delete({ channel, ts: other });
  await intake.until(/^delete:/);
  const told = await factsTold(running, [
    standing(ts),
    { ...standing(reply), threadTs: tsId(ts) },
    standing(other),
  ]);
  assert.equal(told.length, 2);
  const live = new Set(intake.deliveries.map(({ fact }) => fact));
  for (const fact of told) assert.ok(live.has(fact), fact);
});

test('a reading waits as long as Slack wants, and says that it is held up', async () => {
  running = await startAdapter();
  const { sandbox, place, user, slack } = running;
  const texts = ['a', 'b', 'c'].map(
    (text) => sandbox.control.post({ channel: place.channel, user, text }).ts,
  );
  const limit = { type: 'rate_limited', retryAfterSeconds: 1 } as const;
  failNext(running, limit, { method: 'conversations.history' });
  let held = 0;
  const history = slack.history({ signal, held: () => (held += 1) });
  const read: unknown[] = [];
  for await (const raw of history.messages(place, { oldest: from })) read.push(raw['ts']);
  assert.deepEqual(read, texts.toReversed());
  assert.equal(held, 1);
});

test('a reading that waits ends when the bridge stops', async () => {
  running = await startAdapter();
  failNext(running, { type: 'rate_limited', retryAfterSeconds: 600 }, { method: 'conversations.history' });
  const stopping = new AbortController();
  const history = running.slack.history({ signal: stopping.signal, held: () => stopping.abort() });
  const messages = history.messages(running.place, { oldest: from })[Symbol.asyncIterator]();
  await assert.rejects(messages.next(), { name: 'AbortError' });
});

test('where history lists only some of those who reacted, all of them are asked for; if Slack refuses, those have to do', async () => {
  const message = { ts: '1000.000001', reactions: [{ name: 'tada', users: ['U1'], count: 2 }] };
  const full = [{ name: 'tada', users: ['U1', 'U2'], count: 2 }];
  const place = { team: teamId('T1'), channel: channelId('C1') };
  async function reactionsRead(answer: () => Fields): Promise<unknown> {
    const history = createHistory(async ({ method }) =>
      method === 'reactions.get' ? answer() : { messages: [message] },
    );
    const messages = history({ signal }).messages(place, { oldest: from })[Symbol.asyncIterator]();
    const { value } = (await messages.next()) as IteratorYieldResult<Fields>;
    return value['reactions'];
  }
  assert.deepEqual(await reactionsRead(() => ({ message: { reactions: full } })), full);
  const refuse = (): Fields => {
    throw new CannotBridge('missing_scope', 'no');
  };
  assert.deepEqual(await reactionsRead(refuse), message.reactions);
});

test('when most of what is known is not in the history any more, nothing is taken for deleted', async () => {
  running = await startAdapter();
  const many = Array.from({ length: 40 }, (_, n): Ts => tsId(`1000.0001${String(n).padStart(2, '0')}`));
  assert.deepEqual(await factsTold(running, many.map(standing)), []);
  assert.deepEqual((await factsTold(running, many.slice(0, 30).map(standing))).length, 30);
});

test('a reply that is taken for a message of the channel is not taken for deleted', async () => {
  running = await startAdapter();
  const { sandbox, place, user } = running;
  const { ts } = sandbox.control.post({ channel: place.channel, user, text: 'a root' });
  const reply = sandbox.control.post({ channel: place.channel, user, text: 'a reply', thread: ts }).ts;
  assert.deepEqual(await factsTold(running, [standing(ts), standing(reply)]), []);
});

test('a file that was deleted is found where it is still shown, as the same fact as its event', async () => {
  running = await startAdapter({ listen: true });
  const { sandbox, place, user, intake } = running;
  const files = ['plan.pdf', 'notes.txt'].map((name) => ({ name, size: 7 }));
  const { ts, message } = sandbox.control.post({ channel: place.channel, user, text: 'the papers', files });
  const [plan, notes] = (message.files ?? []).map(({ id }) => id);
  const known = { ...standing(ts), files: [plan ?? '', notes ?? ''] };
  assert.deepEqual(await factsTold(running, [known]), []);
  sandbox.control.deleteFile({ file: plan ?? '' });
  const [told] = await intake.until(/^files:/);
  assert.deepEqual(await factsTold(running, [known]), [told?.fact]);
  assert.deepEqual(await factsTold(running, [{ ...known, files: [notes ?? ''] }]), []);
});

test('whoever watches is told when events come again, how long none came, and when Slack keeps some back', async () => {
  running = await startAdapter();
  const { slack, sandbox, place, intake } = running;
  const told: (number | undefined)[] = [];
  const missed: string[] = [];
  slack.watchGaps({
    connected: (teams, away) => {
      assert.deepEqual(teams, [place.team]);
      told.push(away);
    },
    missed: (team) => void missed.push(team),
  });
  await slack.listen();
  assert.deepEqual(told, [undefined]);
  while ((slack.health()[0]?.sockets ?? 0) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  sandbox.control.cutSockets({});
  while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok((told[1] ?? -1) >= 0);
  sandbox.control.sendPayload({
    payload: { type: 'app_rate_limited', team_id: place.team, minute_rate_limited: 1_700_000_040 },
  });
  const [delivery] = await intake.until(/app_rate_limited/);
  slack.read(delivery?.payload ?? Buffer.of());
  assert.deepEqual(missed, [place.team]);
});

test('background calls take half of what Slack allows', async () => {
  let time = 0;
  const pacer = createPacer({
    paced: true,
    now: () => time,
    sleep: async (milliseconds) => {
      time += milliseconds;
    },
    patience: Infinity,
  });
  const bucket = bucketOf('T1', 'conversations.history');
  const background = backgroundBucketOf('T1', 'conversations.history');
  for (let call = 0; call < 100; call += 1) {
    await pacer.turn(background, false);
    await pacer.turn(bucket, true);
  }
  const perMinute = (100 * 60_000) / time;
  assert.ok(perMinute > 20 && perMinute < 30, String(perMinute));
});

test('pins are asked for until the app lacks the permission; what one channel refuses concerns that one', async () => {
  const answers = [{ items: [] }, 'channel_not_found', { items: [] }, 'missing_scope', { items: [] }];
  let asked = 0;
  const readPins = createPinReader(async () => {
    const answer = answers[asked];
    asked += 1;
    if (typeof answer === 'string') throw new CannotBridge(answer, 'no');
    return answer ?? {};
  });
  const place = { team: teamId('T1'), channel: channelId('C1') };
  const found = [];
  for (let look = 0; look < 6; look += 1) found.push(await readPins(place, { signal }));
  assert.deepEqual(found, [[], undefined, [], undefined, undefined, undefined]);
  assert.equal(asked, 4);
  assert.deepEqual(await readPins({ ...place, team: teamId('T2') }, { signal }), []);
});
