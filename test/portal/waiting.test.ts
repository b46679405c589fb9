import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { botId, eventId, matrixUserId, portalId, roomId } from '../../src/ids.ts';
import type { PortalPolicy } from '../../src/portal/ports.ts';
import { createWaitingTeller } from '../../src/portal/waiting.ts';
import type { LateLane, WaitingItem, WaitingMark, WaitingStore } from '../../src/portal/waiting-ports.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import { ann, bob, makeWorld, matrixMessage, portal, slackMessage } from './support/world.ts';

const limited: LateLane = { lane: 'portal:7:matrix', needs: 'slack:T1:C1' };
const away: LateLane = { lane: 'portal:7:slack', needs: 'matrix' };

/** What waits, and the marks, in memory. */
class MemoryWaiting implements WaitingStore {
  items = new Map<string, readonly WaitingItem[]>();
  kept = new Map<string, WaitingMark>();

  late: WaitingStore['late'] = async (lanes, _milliseconds, most) =>
    new Map(
      lanes.flatMap((lane) => {
        const all = this.items.get(lane) ?? [];
        return all.length === 0
          ? []
          : [[lane, { items: all.slice(0, most.items), total: all.length }] as const];
      }),
    );
  marks: WaitingStore['marks'] = async () =>
    [...this.kept.values()].map((mark) => Object.assign({}, mark, { over: !this.waits(mark) }));
  begin: WaitingStore['begin'] = async (mark) => {
    if (this.kept.has(keyOf(mark))) return false;
    this.kept.set(keyOf(mark), mark);
    return true;
  };
  placed: WaitingStore['placed'] = async (mark, event) => {
    this.kept.set(keyOf(mark), { ...mark, event });
  };
  remove: WaitingStore['remove'] = async (mark) => {
    this.kept.delete(keyOf(mark));
  };

  private waits({ lane, kind, subject }: WaitingMark): boolean {
    const waiting = this.items.get(lane) ?? [];
    return kind === 'reaction' ? waiting.some(({ seq }) => String(seq) === subject) : waiting.length > 0;
  }
}

function keyOf({ lane, kind, subject }: WaitingMark): string {
  return `${lane} ${kind} ${subject}`;
}

function makeScene(policy: Partial<PortalPolicy> = {}) {
  const world = makeWorld({ ...portal, policy: { ...defaultPolicy, ...policy } });
  const store = new MemoryWaiting();
  return { ...world, waiting: store, teller: createWaitingTeller(world.context, store) };
}

function fromMatrix(count: number): readonly WaitingItem[] {
  return Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    from: 'matrix',
    event: matrixMessage(`$m${index + 1}`, 'hello'),
  }));
}

test('a message that waits has the bot’s ⏳, once, until it went through', async () => {
  const { matrix, waiting, teller } = makeScene();
  waiting.items.set(limited.lane, fromMatrix(1));
  await teller.look([limited]);
  await teller.look([limited]);
  const [mark, ...more] = matrix.of('react');
  assert.deepEqual([mark?.as, mark?.target, mark?.reaction], [matrix.bot, '$m1', '⏳']);
  assert.deepEqual(more, []);
  waiting.items.clear();
  await teller.look([]);
  assert.deepEqual(
    matrix.of('redact').map(({ target }) => target),
    [mark?.event],
  );
  assert.deepEqual([...waiting.kept], []);
  assert.deepEqual(matrix.sent(), []);
});

test('many that wait have a few reactions and one notice that says how many and why, and all of it goes', async () => {
  const { matrix, waiting, teller } = makeScene();
  waiting.items.set(limited.lane, fromMatrix(1000));
  for (let look = 0; look < 5; look += 1) await teller.look([limited]);
  assert.equal(matrix.of('react').length, 3);
  assert.deepEqual(matrix.sent(), [
    '⏳ 1000 or more messages or changes wait to be sent to Slack: Slack limits how much may be sent there in a short time. Nothing is lost; it goes on by itself.',
  ]);
  waiting.items.set(limited.lane, fromMatrix(1000).slice(500));
  await teller.look([limited]);
  assert.equal(matrix.of('redact').length, 3);
  assert.equal(matrix.of('react').length, 3, 'the notice speaks for those that come');
  waiting.items.clear();
  await teller.look([]);
  assert.equal(matrix.of('redact').length, 4);
});

for (const [waiting, reactions, notices] of [
  ['notice', 0, 1],
  ['off', 0, 0],
] as const)
  test(`by the policy “waiting ${waiting}” there are ${notices} notices and no reactions`, async () => {
    const scene = makeScene({ waiting });
    scene.waiting.items.set(limited.lane, fromMatrix(2));
    await scene.teller.look([limited]);
    assert.equal(scene.matrix.of('react').length, reactions);
    assert.equal(scene.matrix.sent().length, notices);
  });

test('what isn’t meant for Slack, or no message, has no mark', async () => {
  const { matrix, waiting, teller } = makeScene();
  const notice = matrixMessage('$n', 'from a bot', { kind: 'notice' });
  const ours = matrixMessage('$o', 'ours', { sender: matrix.bot });
  const { event, room, sender, at } = matrixMessage('$r', '');
  const reaction = { type: 'reaction', event, room, sender, at, target: eventId('$x'), key: '👍' } as const;
  const items = [notice, ours, reaction].map((each, seq) => ({ seq, from: 'matrix', event: each }) as const);
  waiting.items.set(limited.lane, [...items, { seq: 9, from: 'matrix' }]);
  await teller.look([limited]);
  assert.deepEqual(matrix.effects, []);
});

test('a paused portal and a lane without one say nothing: there people know why', async () => {
  const { matrix, store, waiting, teller } = makeScene();
  waiting.items.set(limited.lane, fromMatrix(1));
  waiting.items.set('portal:7:control', fromMatrix(1));
  await store.setStatus(portal.id, 'paused', 'because');
  await teller.look([limited, { lane: 'portal:7:control' }, { lane: 'team:T1' }]);
  assert.deepEqual(matrix.effects, []);
});

test('a mark whose answer was lost is found by its key, and taken away', async () => {
  const { matrix, waiting, teller } = makeScene();
  waiting.items.set(limited.lane, fromMatrix(1));
  const { react } = matrix;
  matrix.react = async (...effect) => {
    await react(...effect);
    throw new TryLater('no answer', { target: 'matrix' });
  };
  await assert.rejects(teller.look([limited]), TryLater);
  matrix.react = react;
  waiting.items.clear();
  await teller.look([]);
  assert.deepEqual(
    matrix.of('redact').map(({ target }) => target),
    matrix.of('react').map(({ event }) => event),
  );
  assert.equal(matrix.of('react').length, 1);
});

test('a room that takes no reaction goes without, and isn’t asked again', async () => {
  const { matrix, waiting, teller } = makeScene();
  let asked = 0;
  matrix.react = () => {
    asked += 1;
    return Promise.reject(new CannotBridge('matrix-forbidden', 'no'));
  };
  waiting.items.set(limited.lane, fromMatrix(1));
  for (let look = 0; look < 3; look += 1) await teller.look([limited]);
  waiting.items.clear();
  await teller.look([]);
  assert.deepEqual([...waiting.kept], []);
  assert.equal(asked, 1);
});

test('a mark that could not be sent is sent with the next look', async () => {
  const { matrix, waiting, teller } = makeScene();
  const { react } = matrix;
  matrix.react = () => Promise.reject(new TryLater('away', { target: 'matrix' }));
  waiting.items.set(limited.lane, fromMatrix(1));
  await assert.rejects(teller.look([limited]), TryLater);
  matrix.react = react;
  await teller.look([limited]);
  assert.equal(matrix.of('react').length, 1);
});

test('a room that takes nothing for now holds up no other room, and has its turn again', async () => {
  const other = { ...portal, id: portalId(8), room: roomId('!other:hs') };
  const { matrix, context, store, clock } = makeScene();
  store.rows.push(other);
  const waiting = new MemoryWaiting();
  const teller = createWaitingTeller(context, waiting);
  const lanes = [limited, { ...limited, lane: 'portal:8:matrix' }];
  const { react, redact } = matrix;
  let asked = 0;
  const busy = () => {
    asked += 1;
    return Promise.reject(new TryLater('the homeserver limits our rate', { target: `room:${portal.room}` }));
  };
  matrix.react = (as, room, ...rest) => (room === portal.room ? busy() : react(as, room, ...rest));
  matrix.redact = (as, room, ...rest) => (room === portal.room ? busy() : redact(as, room, ...rest));
  const roomsOf = (call: 'react' | 'redact') => matrix.of(call).map(({ room }) => room);
  for (const { lane } of lanes) waiting.items.set(lane, fromMatrix(2));
  await teller.look(lanes);
  assert.deepEqual([asked, roomsOf('react')], [1, [other.room, other.room]]);
  clock.at += 1000;
  await teller.look(lanes);
  assert.equal(asked, 2);
  matrix.react = react;
  clock.at += 2000;
  await teller.look(lanes);
  assert.deepEqual(roomsOf('react').slice(2), [portal.room, portal.room]);
  waiting.items.clear();
  await teller.look([]);
  assert.deepEqual([asked, roomsOf('redact')], [3, [other.room, other.room]]);
  matrix.redact = redact;
  clock.at += 1000;
  await teller.look([]);
  assert.deepEqual(roomsOf('redact').slice(2), [portal.room, portal.room]);
  assert.deepEqual([...waiting.kept], []);
});

test('a room that takes nothing for long is asked ever more seldom', async () => {
  const { matrix, waiting, teller, clock } = makeScene();
  let asked = 0;
  matrix.react = () => {
    asked += 1;
    return Promise.reject(new TryLater('the homeserver limits our rate', { target: `room:${portal.room}` }));
  };
  waiting.items.set(limited.lane, fromMatrix(1));
  for (let seconds = 0; seconds < 3600; seconds += 1) {
    await teller.look([limited]);
    clock.at += 1000;
  }
  assert.ok(asked > 12 && asked < 25, String(asked));
});

test('people in Slack are told once each that Matrix can’t be reached, apps and the bridge’s own posts aren’t', async () => {
  const { slack, waiting, teller } = makeScene();
  const app = { type: 'bot', id: botId('BJIRA') } as const;
  const messages = [
    slackMessage('1500.000000', 'one'),
    slackMessage('1501.000000', 'two'),
    slackMessage('1502.000000', 'built', { author: app }),
  ];
  const items = messages.map((event, seq) => ({ seq, from: 'slack', event }) as const);
  waiting.items.set(away.lane, items);
  await teller.look([away]);
  await teller.look([away]);
  assert.equal(slack.told.length, 1);
  assert.ok(slack.told[0]?.startsWith(`@${bob}: Matrix can't be reached just now.`));
});

test('people in Slack aren’t told of what is only slow, nor that it is Slack that is waited for', async () => {
  const { slack, waiting, teller } = makeScene();
  waiting.items.set(away.lane, [{ seq: 1, from: 'slack', event: slackMessage('1500.000000', 'one') }]);
  await teller.look([{ lane: away.lane }]);
  for (const needs of ['slack:T1', 'slack:T1:users.info']) await teller.look([{ lane: away.lane, needs }]);
  assert.deepEqual(slack.told, []);
});

test('a homeserver that is away keeps nobody in Slack from being told', async () => {
  const { matrix, slack, waiting, teller } = makeScene();
  waiting.items.set(limited.lane, fromMatrix(1));
  await teller.look([limited]);
  waiting.items.clear();
  waiting.items.set(away.lane, [{ seq: 5, from: 'slack', event: slackMessage('1500.000000', 'one') }]);
  matrix.redact = () => Promise.reject(new TryLater('away', { target: 'matrix' }));
  await assert.rejects(teller.look([away]), TryLater);
  assert.equal(slack.told.length, 1);
});

test('a 🔁 to what was given up tries it again, for its writer and those who look after the room', async () => {
  const world = makeWorld();
  const target = eventId('$notice');
  world.letters.on.set(target, [{ seq: 12, writer: ann }]);
  const { room, at } = matrixMessage('$r', '');
  const from = (sender: typeof ann, id: string) =>
    ({ type: 'reaction', event: eventId(id), room, sender, at, target, key: '🔁\uFE0F' }) as const;
  const [eve, moderator, admin] = [
    matrixUserId('@eve:hs'),
    matrixUserId('@mod:hs'),
    matrixUserId('@admin:hs'),
  ];
  world.matrix.powers.set(moderator, 50);
  world.permissions.set(admin, 'admin');
  for (const who of [eve, ann, moderator, admin]) await world.fromMatrix(from(who, `$${who}`));
  assert.deepEqual(
    world.letters.retried,
    [ann, moderator, admin].map((by) => ({ seq: 12, by })),
  );
  assert.deepEqual(world.slack.effects, []);
});
