import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMessageShortcuts } from '../../src/bridge/message-shortcuts.ts';
import { plainText } from '../../src/format/doc.ts';
import { channelId, eventId, ts } from '../../src/ids.ts';
import type { SlackUserId } from '../../src/ids.ts';
import type { MessageLink, SlackRole } from '../../src/portal/ports.ts';
import type { ShortcutId } from '../../src/slack/scopes.ts';
import type { DeadLetter } from '../../src/store/dead-letters.ts';
import { ann, general, portal, room, team } from '../portal/support/world.ts';
import { makeSlackOffice, zoe } from './slack-office.ts';

const at = ts('2000000000.000100');
const link: MessageLink = {
  portal: portal.id,
  ts: at,
  part: 'text',
  event: eventId('$e'),
  piece: 0,
  room,
  origin: 'slack',
  source: 'live',
  sender: zoe,
  postedAs: '@ghost:hs',
  sentAt: 0,
};
const letter: DeadLetter = {
  seq: 7,
  lane: `portal:${portal.id}:slack`,
  from: 'slack',
  reason: 'too-long',
  error: 'it is too long.',
  receivedAt: new Date(0),
  at: new Date(0),
};

function office(given: { readonly letters?: readonly DeadLetter[]; readonly isLinked?: boolean } = {}) {
  const world = makeSlackOffice({}, ...(given.isLinked === false ? [] : [portal]));
  const letters = { onMessage: async () => given.letters ?? [] };
  const answer = createMessageShortcuts({
    admin: world.context,
    askerOf: world.askerOf,
    links: world.links,
    letters,
  });
  const use = async (shortcut: ShortcutId, by: { own?: boolean; user?: SlackUserId; at?: string } = {}) => {
    const { own = false, user = zoe } = by;
    const { channel } = general;
    const message = { channel, ts: ts(by.at ?? at), own };
    return plainText(await answer({ shortcut, team, user, ...message, fact: 'shortcut:1' }));
  };
  return Object.assign(world, { use });
}

test('the address of a message on Matrix is that of its text, and whoever sees the message gets it', async () => {
  for (const role of ['owner', 'member', 'guest', 'stranger'] satisfies SlackRole[]) {
    const world = office();
    world.slack.roles.set(zoe, role);
    world.links.apply({ type: 'link', link: { ...link, part: 'channel:text', event: eventId('$copy') } });
    world.links.apply({ type: 'link', link });
    assert.match(await world.use('matrix_copy_link'), /https:\/\/matrix\.to\/#\/!room%3Ahs\/%24e\?via=/);
  }
});

test('for a message that isn’t on Matrix it is said why, and what to do', async () => {
  assert.match(await office({ isLinked: false }).use('matrix_copy_link'), /not joined .* “\/matrix link”/);
  assert.match(
    await office({ letters: [letter] }).use('matrix_copy_link'),
    /it is too long\..*“Retry on Matrix”/s,
  );
  assert.match(await office().use('matrix_copy_link'), /may be on its way/);
  assert.match(
    await office().use('matrix_copy_link', { at: '0000000001.000000' }),
    /before this channel was joined/,
  );
  const paused = office();
  paused.store.rows = [{ ...portal, status: 'paused', pausedBecause: 'The bot was removed.' }];
  assert.match(await paused.use('matrix_copy_link'), /paused\. The bot was removed\./);
  const left = office();
  left.links.apply({
    type: 'link',
    link: { ...link, part: 'none', event: undefined } as unknown as MessageLink,
  });
  assert.match(await left.use('matrix_copy_link'), /left out/);
});

const may: readonly (readonly [SlackRole, boolean, boolean])[] = [
  ['owner', false, true],
  ['admin', false, true],
  ['member', false, false],
  ['member', true, true],
  ['guest', false, false],
  ['guest', true, true],
  ['stranger', false, false],
];
for (const [role, own, allowed] of may)
  test(`${role} ${own ? 'may' : allowed ? 'may' : 'may not'} try ${own ? 'their own' : 'another’s'} message again`, async () => {
    const world = office({ letters: [letter] });
    world.slack.roles.set(zoe, role);
    world.desk.outcomes = [{ number: 7, result: 'failed', why: 'it is too long.' }];
    const asked = world.use('matrix_retry', { own });
    if (allowed) assert.match(await asked, /failed again: it is too long/);
    else await assert.rejects(asked, /Only who made #general/);
    assert.deepEqual(world.desk.asked, allowed ? [`retry 7 by slack:${team}/${zoe} in ${portal.id}`] : []);
  });

test('a message of which nothing was given up is where it is', async () => {
  const world = office();
  world.links.apply({ type: 'link', link });
  assert.match(await world.use('matrix_retry'), /Nothing of this message was given up.*matrix\.to/);
  assert.deepEqual(world.desk.asked, []);
});

test('who listens is what “/matrix members” says of the channel', async () => {
  const world = office();
  world.slack.roles.set(zoe, 'member');
  const answer = await world.use('matrix_listeners');
  assert.equal(answer, await world.slash('members'));
  assert.match(answer, new RegExp(ann));
});

test('what is linked is asked by its channel: another one has no address', async () => {
  const world = office();
  world.links.apply({ type: 'link', link });
  world.store.rows = [{ ...portal, channels: [{ ...portal.channels[0], channel: channelId('COTHER') }] }];
  assert.match(await world.use('matrix_copy_link'), /not joined/);
});
