import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textDoc } from '../../src/format/doc.ts';
import { eventId, roomId, slackUserId, ts } from '../../src/ids.ts';
import type { MessageLink } from '../../src/portal/ports.ts';
import { ann, matrixMessage, portal, room, slackMessage } from '../portal/support/world.ts';
import { makeOffice } from './support.ts';

const root = ts('1500.000001');
const reply = ts('1500.000002');

/** A thread that Bob began in Slack, and Ann's reply to it. */
function office(changes: Partial<MessageLink> = {}) {
  const made = makeOffice(portal);
  const link = (more: Partial<MessageLink>): MessageLink => ({
    portal: portal.id,
    ts: reply,
    part: 'text',
    event: eventId('$reply'),
    piece: 0,
    room,
    threadTs: root,
    origin: 'matrix',
    source: 'live',
    sender: ann,
    postedAs: 'T1',
    sentAt: 1,
    ...more,
  });
  const { threadTs: _, ...rootLink } = link({
    ts: root,
    event: eventId('$root'),
    origin: 'slack',
    sender: 'UBOB',
  });
  made.links.apply({ type: 'link', link: rootLink });
  made.links.apply({ type: 'link', link: link(changes) });
  made.slack.messages.set(reply, slackMessage(reply, 'as it stands in Slack'));
  const { type: __, ...message } = matrixMessage('$reply', 'as it was written');
  made.matrix.messages.set(message.event, message);
  return made;
}

const answering = { thread: eventId('$root'), replyTo: eventId('$reply') };

test('a message in a thread is shown in the channel, too, as it stands, under its sender’s name', async () => {
  const { say, slack } = office();
  const answer = await say('!slack broadcast', 'room', answering);
  assert.equal(answer, 'Your message is shown in #general in Acme now, too.');
  const [update] = slack.of('update');
  assert.deepEqual(
    [update?.ts, update?.text, update?.post?.broadcast],
    [reply, 'as it stands in Slack', true],
  );
  assert.equal(update?.post?.as?.name, '@ann:hs (Matrix)');
});

test('a message that somebody’s own account posted is shown there by that account', async () => {
  const account = slackUserId('UANN');
  const { say, slack, puppets } = office({ postedAs: account });
  puppets.link(ann, account);
  await say('!slack broadcast', 'room', answering);
  assert.equal(slack.of('update')[0]?.by, account);
  puppets.unlink(account);
  assert.match(await say('!slack broadcast', 'room', answering), /somebody’s own account/);
});

test('in a thread without an answer to a message its last one is meant', async () => {
  const { say, slack } = office();
  await say('!slack broadcast', 'room', { thread: eventId('$root') });
  assert.equal(slack.of('update')[0]?.ts, reply);
});

test('only one’s own messages in threads of this room are shown so, and nobody else’s', async () => {
  const cases = [
    [office({ sender: '@eve:hs' }), answering, /isn’t your message/],
    [office({ origin: 'slack', sender: 'UBOB' }), answering, /isn’t your message/],
    [office(), { replyTo: eventId('$root') }, /isn’t your message/],
    [office(), { replyTo: eventId('$unknown') }, /^Answer a message of your own in a thread/],
    [office(), {}, /^Answer a message of your own in a thread/],
  ] as const;
  for (const [made, relation, words] of cases) {
    assert.match(await made.say('!slack broadcast', 'room', relation), words);
    assert.deepEqual(made.slack.of('update'), []);
  }
});

test('what is in the channel, or gone, is said so', async () => {
  const inChannel = office();
  inChannel.links.links = inChannel.links.links.map(({ link, deleted }) => {
    const { threadTs: _, ...rest } = link;
    return { link: rest, deleted };
  });
  assert.match(await inChannel.say('!slack broadcast', 'room', answering), /in the channel already/);
  const gone = office();
  gone.slack.messages.clear();
  assert.match(await gone.say('!slack broadcast', 'room', answering), /gone from Slack/);
  const oneWay = office();
  oneWay.store.rows = [{ ...portal, policy: { ...portal.policy, direction: 'to-matrix' } }];
  assert.match(await oneWay.say('!slack broadcast', 'room', answering), /Nothing goes from this room/);
  const elsewhere = office();
  elsewhere.store.rows = [{ ...portal, room: roomId('!other:hs') }];
  assert.match(await elsewhere.say('!slack broadcast', 'room', answering), /This room is not linked/);
});

test('what Slack attached for a link is not posted as the sender’s words', async () => {
  const { say, slack } = office();
  const there = slackMessage(reply, 'as it stands, with a page’s words');
  slack.messages.set(reply, { ...there, ownText: textDoc('as it stands') });
  await say('!slack broadcast', 'room', answering);
  assert.equal(slack.of('update')[0]?.text, 'as it stands');
});

test('nothing is shown in the channel while the portal rests', async () => {
  const { say, slack, store } = office();
  store.rows = [{ ...portal, status: 'paused' }];
  assert.match(await say('!slack broadcast', 'room', answering), /rests here/);
  assert.deepEqual(slack.of('update'), []);
});
