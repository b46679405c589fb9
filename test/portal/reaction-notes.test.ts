import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater, Uncertain } from '../../src/errors.ts';
import type { MatrixEvent } from '../../src/events.ts';
import { channelId, eventId, matrixUserId, portalId, roomId, teamId, ts } from '../../src/ids.ts';
import type { Ts } from '../../src/ids.ts';
import type { Portal } from '../../src/portal/ports.ts';
import type { ReactionNote, ReactionNoteStore } from '../../src/portal/reaction-note-ports.ts';
import { showReactionNotes } from '../../src/portal/reaction-notes.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import { ann, makeWorld, place, portal, room, slackMessage } from './support/world.ts';

const at = ts('1500.000000');
const carol = matrixUserId('@carol:hs');

/** The note of one message. */
class MemoryNotes implements ReactionNoteStore {
  note: { noteTs?: Ts; begunAt?: number } | undefined;
  isOutdated = false;
  /** Another process began it since. */
  isOthers = false;

  outdated: ReactionNoteStore['outdated'] = async () =>
    this.isOutdated ? [{ portal: portal.id, ts: at, outdated: 'now', ...this.note }] : [];
  begin: ReactionNoteStore['begin'] = async () => {
    if (this.isOthers) return false;
    this.note = { ...this.note, begunAt: 1 };
    return true;
  };
  posted: ReactionNoteStore['posted'] = async (_note, noteTs) => {
    this.note = { ...this.note, noteTs };
  };
  lost: ReactionNoteStore['lost'] = async () => {
    this.note = undefined;
  };
  shown: ReactionNoteStore['shown'] = async () => {
    this.isOutdated = false;
  };
  forget: ReactionNoteStore['forget'] = async (_note: ReactionNote) => {
    this.note = undefined;
    this.isOutdated = false;
  };
}

function makeScene(reactionNames = true) {
  const world = makeWorld({ ...portal, policy: { ...defaultPolicy, reactionNames } });
  const notes = new MemoryNotes();
  world.matrix.names.set(ann, { name: 'Ann' });
  world.matrix.names.set(carol, { name: 'Carol' });
  const look = async (): Promise<void> => {
    notes.isOutdated ||= world.links.outdatedNotes.splice(0).includes(at);
    await showReactionNotes(world.context, notes);
  };
  const react = (id: string, target: string, key: string, sender = ann): Promise<void> => {
    const event: MatrixEvent = {
      type: 'reaction',
      target: eventId(target),
      key,
      event: eventId(id),
      room,
      sender,
      at: 1,
    };
    return world.fromMatrix(event);
  };
  const takeBack = (id: string): Promise<void> =>
    world.fromMatrix({
      type: 'redaction',
      event: eventId(`${id}r`),
      target: eventId(id),
      room,
      sender: ann,
      at: 1,
    });
  return { ...world, notes, look, react, takeBack };
}

test('one note in the message’s thread says who reacted with what, and goes with the last reaction', async () => {
  const { slack, matrix, look, react, takeBack, fromSlack } = makeScene();
  await fromSlack(slackMessage(at, 'hello'));
  const target = matrix.of('send')[0]?.event ?? '';
  await react('$x', target, '👍');
  await react('$y', target, '👍️', carol);
  await react('$z', target, '🎉');
  await look();
  const [posted, ...more] = slack.of('post');
  assert.deepEqual(more, []);
  assert.equal(posted?.text, 'In Matrix:\n\n👍️ Ann, Carol\n🎉 Ann');
  assert.equal(posted?.post?.threadTs, at);
  assert.equal(posted?.post?.as, undefined);
  await look();
  await takeBack('$z');
  await look();
  assert.deepEqual(
    slack.of('update').map(({ text, ts: changed }) => [changed, text]),
    [[posted?.ts, 'In Matrix:\n\n👍️ Ann, Carol']],
  );
  await takeBack('$x');
  await takeBack('$y');
  await look();
  assert.deepEqual(
    slack.of('remove').map(({ ts: removed }) => removed),
    [posted?.ts],
  );
});

test('a note goes with its message', async () => {
  const { slack, matrix, look, react, fromSlack } = makeScene();
  await fromSlack(slackMessage(at, 'hello'));
  await react('$x', matrix.of('send')[0]?.event ?? '', '👍');
  await look();
  await fromSlack({ type: 'delete', ...place, ts: at });
  await look();
  assert.equal(slack.of('remove').length, 1);
});

test('a note whose post had no answer is found, not made again', async () => {
  const { slack, matrix, notes, look, react, fromSlack } = makeScene();
  await fromSlack(slackMessage(at, 'hello'));
  await react('$x', matrix.of('send')[0]?.event ?? '', '👍');
  const { post } = slack;
  slack.post = async (_place, outgoing) => {
    slack.recordPost(outgoing);
    throw new Uncertain('no answer');
  };
  await look();
  assert.equal(notes.note?.noteTs, undefined);
  slack.post = post;
  await look();
  assert.equal(slack.of('post').length, 1);
  assert.equal(notes.note?.noteTs, slack.of('post')[0]?.ts);
});

test('a note that somebody removed is made anew with the next reaction', async () => {
  const { slack, matrix, look, react, fromSlack } = makeScene();
  await fromSlack(slackMessage(at, 'hello'));
  const target = matrix.of('send')[0]?.event ?? '';
  await react('$x', target, '👍');
  await look();
  slack.update = () => Promise.reject(new CannotBridge('message_not_found', 'gone'));
  await react('$y', target, '👍', carol);
  await look();
  await look();
  assert.equal(slack.of('post').length, 2);
});

test('a note that another process began to post is left to that', async () => {
  const { slack, matrix, notes, look, react, fromSlack } = makeScene();
  await fromSlack(slackMessage(at, 'hello'));
  await react('$x', matrix.of('send')[0]?.event ?? '', '👍');
  notes.isOthers = true;
  await look();
  assert.deepEqual([slack.of('post'), notes.isOutdated], [[], true]);
});

test('a note that Slack lets nobody remove is forgotten', async () => {
  const { slack, matrix, notes, look, react, takeBack, fromSlack } = makeScene();
  await fromSlack(slackMessage(at, 'hello'));
  await react('$x', matrix.of('send')[0]?.event ?? '', '👍');
  await look();
  slack.remove = () => Promise.reject(new CannotBridge('cant_delete_message', 'no'));
  await takeBack('$x');
  await look();
  assert.deepEqual([notes.note, notes.isOutdated], [undefined, false]);
});

for (const [what, target, shown] of [
  ['a channel that takes nothing now', 'slack:T1:C1', ['C2', 'C3']],
  ['a workspace that takes nothing now', 'slack:T1', ['C3']],
  ['a room that doesn’t say who is who', undefined, ['C2', 'C3']],
] as const)
  test(`${what} holds up only its own notes`, async () => {
    const channels = [
      { team: place.team, channel: place.channel },
      { team: place.team, channel: channelId('C2') },
      { team: teamId('T2'), channel: channelId('C3') },
    ];
    const policy = { ...defaultPolicy, reactionNames: true };
    const portals = channels.map(({ team, channel }, index): Portal => ({
      id: portalId(index + 7),
      kind: 'channel',
      through: 'bot',
      room: roomId(`!${index}:hs`),
      status: 'live',
      policy,
      channels: [{ team, channel, name: channel }],
      since: portal.since,
    }));
    const { context, slack } = makeWorld(...portals);
    const asked: string[] = [];
    slack.remove = ({ channel }) => {
      asked.push(channel);
      return channel === 'C1'
        ? Promise.reject(new TryLater('later', target && { target }))
        : Promise.resolve();
    };
    const notes = new MemoryNotes();
    const taken = [7, 7, 8, 9].map((id) => ({ portal: portalId(id), ts: at, noteTs: at, outdated: 'now' }));
    notes.outdated = async () => taken;
    const forgotten: number[] = [];
    notes.forget = async (note) => void forgotten.push(note.portal);
    await showReactionNotes(context, notes);
    assert.deepEqual(asked, ['C1', ...shown]);
    assert.equal(forgotten.length, shown.length);
  });

test('a note goes when the portal wants none any more', async () => {
  const { slack, matrix, notes, context, look, react, fromSlack } = makeScene();
  await fromSlack(slackMessage(at, 'hello'));
  await react('$x', matrix.of('send')[0]?.event ?? '', '👍');
  await look();
  await context.portals.setPolicy(portal.id, { reactionNames: false });
  notes.isOutdated = true; // as the store says then
  assert.equal(await showReactionNotes(context, notes), true);
  assert.deepEqual(
    slack.of('remove').map(({ ts: removed }) => removed),
    slack.of('post').map(({ ts: posted }) => posted),
  );
  assert.deepEqual([notes.note, notes.isOutdated], [undefined, false]);
  assert.equal(await showReactionNotes(context, notes), false);
});

test('by default there are no notes', async () => {
  const { links, matrix, react, fromSlack } = makeScene(false);
  await fromSlack(slackMessage(at, 'hello'));
  await react('$x', matrix.of('send')[0]?.event ?? '', '👍');
  assert.deepEqual(links.outdatedNotes, []);
});

test('reactions to a reply and to its copy in the channel count for the one message', async () => {
  const { slack, matrix, react, takeBack, fromSlack } = makeScene(false);
  await fromSlack(slackMessage('1400.000000', 'root'));
  await fromSlack(slackMessage(at, 'both', { threadTs: ts('1400.000000'), broadcast: true }));
  const [, reply, copy] = matrix.of('send');
  await react('$x', reply?.event ?? '', '👍');
  await react('$y', copy?.event ?? '', '👍', carol);
  await takeBack('$x');
  assert.deepEqual(slack.of('unreact'), []);
  await takeBack('$y');
  assert.deepEqual(
    [...slack.of('react'), ...slack.of('unreact')].map((each) => each.ts),
    [at, at, at],
  );
});
