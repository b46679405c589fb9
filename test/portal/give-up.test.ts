import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { botId, eventId, ts } from '../../src/ids.ts';
import { bob, makeWorld, matrixMessage, place, room, slackMessage } from './support/world.ts';

const reason = { code: 'msg_too_long', message: 'it is too long for Slack.' };

test('a sender in Matrix is told why, beside the message, and only once', async () => {
  const world = makeWorld();
  const event = matrixMessage('$m', 'hello', { relation: { thread: eventId('$root') } });
  await world.portals.giveUp({ from: 'matrix', seq: 3, event }, reason);
  await world.portals.giveUp({ from: 'matrix', seq: 3, event }, reason);
  const [notice, ...more] = world.matrix.of('send');
  assert.deepEqual(more, []);
  assert.equal(notice?.as, '@slackbot:hs');
  assert.equal(
    notice?.text,
    '⚠️ This message was not bridged to Slack: it is too long for Slack. React with 🔁 to try again, or say “!slack retry 3”.',
  );
  assert.equal(notice?.message?.kind, 'notice');
  assert.equal(notice?.message?.replyTo, '$m');
  assert.deepEqual(notice?.message?.thread, { root: '$root', latest: '$m' });
});

test('what comes from Slack and can’t be bridged is in the audit log, without its text', async () => {
  const world = makeWorld();
  await world.portals.giveUp({ from: 'slack', seq: 3, event: slackMessage('1500.000000', 'secret') }, reason);
  assert.deepEqual(world.matrix.effects, []);
  assert.equal(world.audited[0]?.action, 'give-up');
  assert.ok(!JSON.stringify(world.audited).includes('secret'));
  assert.deepEqual(world.counted, ['failed slack msg_too_long']);
});

test('an item that can’t even be read is counted and recorded', async () => {
  const world = makeWorld();
  await world.portals.giveUp({ from: 'matrix', seq: 3 }, reason);
  assert.equal(world.audited.length, 1);
});

test('a sender who can’t be told now is told later, and it counts once', async () => {
  const world = makeWorld();
  const { send } = world.matrix;
  world.matrix.send = () => Promise.reject(new TryLater('down', { target: 'matrix' }));
  const failed = { from: 'matrix', seq: 3, event: matrixMessage('$m', 'hello') } as const;
  await assert.rejects(world.portals.giveUp(failed, reason), TryLater);
  world.matrix.send = send;
  await world.portals.giveUp(failed, reason);
  assert.equal(world.matrix.of('send').length, 1);
  assert.deepEqual(world.counted, ['failed matrix msg_too_long']);
  assert.equal(world.audited.length, 1);
});

test('a room that takes no notice makes no trouble beyond the log', async () => {
  const world = makeWorld();
  world.matrix.send = () => Promise.reject(new CannotBridge('matrix-forbidden', 'no'));
  await world.portals.giveUp({ from: 'matrix', seq: 3, event: matrixMessage('$m', 'hello') }, reason);
  assert.deepEqual(world.counted, ['failed matrix msg_too_long']);
  assert.equal(world.audited.length, 1);
});

test('the notice is named, so that it can be changed or removed later', async () => {
  const world = makeWorld();
  const event = matrixMessage('$m', 'hello');
  const notice = await world.portals.giveUp({ from: 'matrix', seq: 3, event }, reason);
  assert.equal(notice, world.matrix.of('send')[0]?.event);
});

test('a sender in Slack is told alone, in the thread, with a link to the message and without its text', async () => {
  const world = makeWorld();
  const event = slackMessage('1500.000000', 'secret', { threadTs: ts('1400.000000') });
  await world.portals.giveUp({ from: 'slack', seq: 3, event }, reason);
  const link = 'https://acme.slack.com/archives/C1/p1500.000000';
  assert.deepEqual(world.slack.told, [
    `@${bob}: Your message is not shown in the Matrix room: it is too long for Slack. ${link}`,
  ]);
  assert.deepEqual(world.matrix.effects, []);
});

test('whom Slack can’t show a notice gets it as a reply; apps and who deletes get none', async () => {
  const world = makeWorld();
  world.slack.showsToPerson = false;
  await world.portals.giveUp({ from: 'slack', seq: 1, event: slackMessage('1500.000000', 'hi') }, reason);
  const app = slackMessage('1501.000000', 'hi', { author: { type: 'bot', id: botId('BAPP') } });
  await world.portals.giveUp({ from: 'slack', seq: 2, event: app }, reason);
  const removal = { type: 'delete', ...place, ts: ts('1500.000000') } as const;
  await world.portals.giveUp({ from: 'slack', seq: 3, event: removal }, reason);
  assert.equal(world.slack.told.length, 1);
  assert.match(world.slack.told[0] ?? '', /^1500\.000000: Your message is not shown/);
});

test('a limit of Slack’s doesn’t hold up what comes from there; Slack being away does', async () => {
  const world = makeWorld();
  const event = slackMessage('1500.000000', 'hi');
  world.slack.notices.toPerson = () => Promise.reject(new TryLater('limited', { after: 30_000 }));
  await world.portals.giveUp({ from: 'slack', seq: 1, event }, reason);
  world.slack.notices.toPerson = () => Promise.reject(new TryLater('away'));
  await assert.rejects(world.portals.giveUp({ from: 'slack', seq: 2, event }, reason), TryLater);
});

test('when much fails at once, one notice stands for the rest; a minute later each has its own again', async () => {
  const world = makeWorld();
  const fail = async (number: number): Promise<void> => {
    const event = matrixMessage(`$m${number}`, 'hello');
    await world.portals.giveUp({ from: 'matrix', seq: number, event }, reason);
    const message = slackMessage(`15${10 + number}.000000`, 'hello');
    await world.portals.giveUp({ from: 'slack', seq: 100 + number, event: message }, reason);
  };
  for (let number = 0; number < 10; number += 1) await fail(number);
  const own = (texts: readonly string[]) => texts.filter((text) => /too long/.test(text)).length;
  assert.deepEqual([own(world.matrix.sent()), own(world.slack.told)], [3, 3]);
  assert.match(world.matrix.sent()[3] ?? '', /More is not bridged.*“!slack dead-letters” lists/);
  assert.match(world.slack.told[3] ?? '', /More of what you write is not shown/);
  assert.deepEqual([world.matrix.sent().length, world.slack.told.length], [4, 4]);
  world.clock.at += 61_000;
  await fail(10);
  assert.deepEqual([own(world.matrix.sent()), own(world.slack.told)], [4, 4]);
});

test('a removed message takes what was set aside of it along, and the words about it', async () => {
  const world = makeWorld();
  const ts1 = ts('1500.000000');
  world.letters.about.set('event:$m', [{ event: eventId('$notice1'), room }]);
  world.letters.about.set(`ts:7:${ts1}`, [{ event: eventId('$notice2'), room }]);
  const common = { event: eventId('$r'), room, sender: matrixMessage('$m', '').sender, at: 1 };
  await world.fromMatrix({ type: 'redaction', target: eventId('$m'), ...common });
  await world.fromSlack({ type: 'delete', ...place, ts: ts1 });
  assert.deepEqual(
    world.matrix.of('redact').map((each) => [each.as, each.target]),
    [
      [world.matrix.bot, '$notice1'],
      [world.matrix.bot, '$notice2'],
    ],
  );
  assert.equal(world.letters.about.size, 0);
});
