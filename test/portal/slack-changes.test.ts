import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaitForParent } from '../../src/errors.ts';
import type { SlackEvent, SlackMessage } from '../../src/events.ts';
import { ts } from '../../src/ids.ts';
import { wordedFile } from './support/slack-files.ts';
import { ourBot } from './support/recorded-slack.ts';
import { bob, makeWorld, matrixMessage, place, portal, room, slackMessage } from './support/world.ts';

const at = ts('1500.000000');
const original = slackMessage(at, 'frist');

function edited(text: string, editTs: string, more: Partial<SlackMessage> = {}): SlackEvent {
  const message = slackMessage(at, text, { editTs: ts(editTs), editHash: text, ...more });
  return { type: 'edit', ...place, ts: at, message };
}

function reaction(change: 'added' | 'removed', name = 'tada', user = bob): SlackEvent {
  return { type: 'reaction', change, ...place, ts: at, user, name };
}

test('an edit replaces the text once, however often it is delivered', async () => {
  const world = makeWorld();
  await world.fromSlack(original);
  await world.fromSlack(edited('first', '1501.000000'));
  await world.fromSlack(edited('first', '1501.000000'));
  const edits = world.matrix.of('edit');
  assert.equal(edits.length, 1);
  assert.equal(edits[0]?.text, 'first');
  assert.equal(edits[0]?.target, world.matrix.of('send')[0]?.event);
});

test('an older edit that comes late changes nothing', async () => {
  const world = makeWorld();
  await world.fromSlack(original);
  await world.fromSlack(edited('third', '1503.000000'));
  await world.fromSlack(edited('second', '1502.000000'));
  assert.deepEqual(
    world.matrix.of('edit').map((each) => each.text),
    ['third'],
  );
});

test('an edit waits for its message, and bridges it as it stands when it doesn’t come', async () => {
  const world = makeWorld();
  await assert.rejects(world.fromSlack(edited('first', '1501.000000')), WaitForParent);
  await world.fromSlack(edited('first', '1501.000000'), { waited: true });
  assert.deepEqual(world.matrix.sent(), ['first']);
  await world.fromSlack(original);
  await world.fromSlack(edited('first', '1501.000000'));
  assert.deepEqual(world.matrix.sent(), ['first']);
  assert.deepEqual(world.matrix.of('edit'), []);
});

test('a message that was given up and is tried again can be edited and deleted like any other', async () => {
  const world = makeWorld();
  const none = {
    portal: portal.id,
    ts: at,
    part: 'none',
    piece: 0,
    room,
    sender: bob,
    postedAs: '',
  } as const;
  world.links.apply({ type: 'link', link: { ...none, origin: 'slack', source: 'live', sentAt: 1 } });
  await world.fromSlack(edited('ignored', '1501.000000'));
  await world.fromSlack(original);
  await world.fromSlack(edited('first', '1502.000000'));
  await world.fromSlack({ type: 'delete', ...place, ts: at });
  assert.deepEqual(
    world.matrix.effects.map((each) => each.call).filter((call) => call !== 'ghost'),
    ['send', 'edit', 'redact', 'redact'],
  );
});

test('an edit of a message from before the link brings nothing', async () => {
  const world = makeWorld({ ...portal, since: ts('1500.500000') });
  await world.fromSlack(edited('first', '1501.000000'));
  assert.deepEqual(world.counted, ['ignored slack before-link']);
});

test('a file that was taken out is redacted, one that was added is sent', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage(at, 'see', { files: [wordedFile('F1', 'old')] }));
  await world.fromSlack(edited('see', '1501.000000', { files: [wordedFile('F2', 'new')] }));
  assert.deepEqual(world.matrix.sent(), ['see', '📎 old', '📎 new']);
  const [, old] = world.matrix.of('send');
  assert.deepEqual(
    world.matrix.of('redact').map((each) => each.target),
    [old?.event],
  );
});

test('a deleted message goes with all its parts and edits, by the ghost that wrote them', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage(at, 'frist', { files: [wordedFile('F1', 'a')] }));
  await world.fromSlack(edited('first', '1501.000000', { files: [wordedFile('F1', 'a')] }));
  await world.fromSlack({ type: 'delete', ...place, ts: at });
  const shown = world.matrix.effects.filter((each) => each.call === 'send' || each.call === 'edit');
  const redacted = world.matrix.of('redact');
  assert.deepEqual(new Set(redacted.map((each) => each.target)), new Set(shown.map((each) => each.event)));
  assert.ok(redacted.every((each) => each.as === '@slack_ubob:hs'));
  await world.fromSlack(edited('again', '1502.000000'));
  assert.equal(world.matrix.of('edit').length, 1);
});

test('what somebody wrote in Matrix and Slack’s admins delete is redacted by the bot', async () => {
  const world = makeWorld();
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  const posted = world.slack.of('post')[0]?.ts ?? at;
  await world.fromSlack({ type: 'delete', ...place, ts: posted });
  const [redaction] = world.matrix.of('redact');
  assert.equal(redaction?.as, '@slackbot:hs');
  assert.equal(redaction?.target, '$m');
});

test('react, take back and react again are three things', async () => {
  const world = makeWorld();
  await world.fromSlack(original);
  await world.fromSlack(reaction('added'), { srcTs: '1501.000000' });
  await world.fromSlack(reaction('removed'), { srcTs: '1502.000000' });
  await world.fromSlack(reaction('added'), { srcTs: '1503.000000' });
  const calls = world.matrix.effects.filter((each) => each.call === 'react' || each.call === 'redact');
  assert.deepEqual(
    calls.map((each) => each.call),
    ['react', 'redact', 'react'],
  );
  assert.equal(calls[0]?.reaction, '🎉');
  assert.equal(calls[1]?.target, calls[0]?.event);
  assert.equal((await world.links.reactions(portal.id, at)).length, 1);
});

test('a reaction delivered twice is one', async () => {
  const world = makeWorld();
  await world.fromSlack(original);
  await world.fromSlack(reaction('added'), { srcTs: '1501.000000' });
  await world.fromSlack(reaction('added'), { srcTs: '1501.000000' });
  assert.equal(world.matrix.of('react').length, 1);
});

test('a reaction that overtakes its message waits for it, and has it fetched when it doesn’t come', async () => {
  const world = makeWorld();
  world.slack.messages.set(original.ts, original);
  await assert.rejects(world.fromSlack(reaction('added')), WaitForParent);
  await world.fromSlack(reaction('added'), { waited: true });
  assert.deepEqual(world.matrix.sent(), ['frist']);
  assert.equal(world.matrix.of('react')[0]?.target, world.matrix.of('send')[0]?.event);
  await world.fromSlack(original);
  assert.deepEqual(world.matrix.sent(), ['frist'], 'the message, late, is known');
});

test('a reaction to a message that can’t be had, or is older than the link, is let go', async () => {
  const world = makeWorld();
  await world.fromSlack(reaction('added'), { waited: true });
  const old: SlackEvent = {
    type: 'reaction',
    change: 'added',
    ...place,
    ts: ts('1.000000'),
    user: bob,
    name: 'tada',
  };
  await world.fromSlack(old);
  assert.deepEqual(world.counted, ['ignored slack unmapped-reaction', 'ignored slack unmapped-reaction']);
  assert.deepEqual(world.matrix.of('react'), []);
});

test('the bot’s own reaction doesn’t come back', async () => {
  const world = makeWorld();
  await world.fromSlack(original);
  await world.fromSlack(reaction('added', 'tada', ourBot));
  assert.deepEqual(world.matrix.of('react'), []);
});

test('an emoji of the workspace’s own is shown by its name', async () => {
  const world = makeWorld();
  await world.fromSlack(original);
  await world.fromSlack(reaction('added', 'acme-logo'));
  assert.equal(world.matrix.of('react')[0]?.reaction, ':acme-logo:');
});

test('of a reaction that is given and taken back the last word counts, in whatever order they come', async () => {
  const words = [
    ['added', '1501.000000'],
    ['removed', '1502.000000'],
    ['added', '1503.000000'],
    ['removed', '1504.000000'],
  ] as const;
  for (const [count, order] of [
    [2, [1, 0]],
    [3, [0, 2, 1]],
    [3, [2, 1, 0]],
    [4, [0, 3, 1, 2]],
    [4, [3, 2, 1, 0]],
  ] as const) {
    const world = makeWorld();
    await world.fromSlack(original);
    for (const index of order) {
      const [change, srcTs] = words[index];
      await world.fromSlack(reaction(change), { srcTs });
      await world.fromSlack(reaction(change), { srcTs }); // again after a crash
    }
    const standing = await world.links.reactions(portal.id, at);
    assert.equal(standing.length, count % 2, order.join());
    assert.equal(world.matrix.of('react').length - world.matrix.of('redact').length, count % 2, order.join());
  }
});

test('the last edit of a second replaces those before it, once, whenever they are told; a later one replaces it', async () => {
  const world = makeWorld();
  await world.fromSlack(original);
  await world.fromSlack(edited('first', '1501.300000'));
  const last = { ...edited('last', '1501.000000'), isLast: true } as const;
  await world.fromSlack(last);
  await world.fromSlack(last);
  await world.fromSlack(edited('first', '1501.300000'));
  await world.fromSlack(edited('between, told late', '1501.600000'));
  assert.deepEqual(
    world.matrix.of('edit').map((each) => each.text),
    ['first', 'last'],
  );
  await world.fromSlack(edited('again', '1502.000000'));
  assert.equal(world.matrix.of('edit').at(-1)?.text, 'again');
});
