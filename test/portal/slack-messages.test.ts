import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, LeaseLost, TryLater } from '../../src/errors.ts';
import { mention, paragraph, text } from '../../src/format/doc.ts';
import {
  appId,
  botId,
  channelId,
  eventId,
  portalId,
  roomId,
  slackUserId,
  ts,
  usergroupId,
} from '../../src/ids.ts';
import { wordedFile } from './support/slack-files.ts';
import { ourApp } from './support/recorded-slack.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import { bob, general, makeTurn, makeWorld, place, portal, room, slackMessage } from './support/world.ts';

test('a Slack message appears as its sender’s ghost, at its time, with a link to the original', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  const [sent] = world.matrix.of('send');
  assert.equal(sent?.as, '@slack_ubob:hs');
  assert.equal(sent?.text, 'hello');
  assert.deepEqual(sent?.key, { fact: 'slack:7:message:1500.000000', part: 'text', at: 1_500_000 });
  assert.equal(sent?.message?.externalUrl, 'https://acme.slack.com/archives/C1/p1500.000000');
  const [link] = await world.links.byTs(portal.id, ts('1500.000000'));
  assert.equal(link?.event, sent?.event);
  assert.equal(link?.postedAs, '@slack_ubob:hs');
  assert.deepEqual(world.counted, ['bridged slack message']);
});

test('text and files become one event each, in order and linked by name', async () => {
  const world = makeWorld();
  const files = [
    wordedFile('F1', 'plan.pdf', { size: 1_234_567, permalink: 'https://acme.slack.com/files/F1' }),
    wordedFile('F2', 'notes'),
  ];
  await world.fromSlack(slackMessage('1500.000000', 'see', { files }));
  assert.deepEqual(world.matrix.sent(), [
    'see',
    '📎 [plan.pdf (1.2 MB)](https://acme.slack.com/files/F1)',
    '📎 notes',
  ]);
  const links = await world.links.byTs(portal.id, ts('1500.000000'));
  assert.deepEqual(
    links.map((link) => link.part),
    ['text', 'file:F1', 'file:F2'],
  );
});

test('parts that were sent before a crash are not sent again', async () => {
  const world = makeWorld();
  const message = slackMessage('1500.000000', 'see', { files: [wordedFile('F1', 'a')] });
  let writes = 0;
  const stops = makeTurn(world.links, {
    mayWrite: () => {
      writes += 1;
      if (writes === 2) throw new LeaseLost('portal:7:slack');
    },
  });
  await assert.rejects(world.portals.fromSlack(message, stops.turn), LeaseLost);
  await world.fromSlack(message);
  await world.fromSlack(message);
  assert.deepEqual(world.matrix.sent(), ['see', '📎 a']);
});

test('a text too long for one event continues in further parts', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1500.000000', 'word '.repeat(8000)));
  const links = await world.links.byTs(portal.id, ts('1500.000000'));
  assert.deepEqual(links.map((link) => link.part).slice(0, 2), ['text', 'text.1']);
  assert.equal(world.matrix.sent().join(' ').match(/word/g)?.length, 8000);
});

test('our own post coming back isn’t sent, whether its mapping or only its key is known', async () => {
  const world = makeWorld();
  const link = {
    portal: portal.id,
    part: 'text',
    event: eventId('$orig'),
    piece: 0,
    room,
    origin: 'matrix',
    source: 'live',
    sender: '@ann:hs',
    postedAs: 'T1',
    sentAt: 1,
  } as const;
  world.links.attempts.set('k1', { seq: 42, piece: 0, link });
  const echo = slackMessage('1500.000000', 'mine', { app: appId(ourApp), opKey: 'k1' });
  await world.fromSlack(echo);
  assert.equal((await world.links.byEvent(eventId('$orig')))[0]?.ts, '1500.000000');
  assert.deepEqual(world.links.settled, [{ type: 'attempt-settled', seq: 42, piece: 0, applied: true }]);
  await world.fromSlack(slackMessage('1500.000000', 'mine', { app: appId(ourApp) }));
  assert.deepEqual(world.matrix.effects, []);
});

test('a second post with a key that is linked already is removed', async () => {
  const world = makeWorld();
  const link = {
    portal: portal.id,
    part: 'text',
    event: eventId('$orig'),
    piece: 0,
    room,
    origin: 'matrix',
    source: 'live',
    sender: '@ann:hs',
    postedAs: 'T1',
    sentAt: 1,
  } as const;
  world.links.attempts.set('k1', { seq: 42, piece: 0, link });
  world.links.apply({ type: 'link', link: { ...link, ts: ts('1500.000000') } });
  await world.fromSlack(slackMessage('1501.000000', 'mine', { app: appId(ourApp), opKey: 'k1' }));
  assert.deepEqual(world.slack.of('remove'), [{ call: 'remove', ts: '1501.000000' }]);
  assert.deepEqual(world.counted, ['uncertain doubled', 'ignored slack echo']);
});

test('a key of another portal links nothing here', async () => {
  const world = makeWorld();
  const link = {
    portal: portalId(99),
    part: 'text',
    event: eventId('$orig'),
    piece: 0,
    room: roomId('!elsewhere:hs'),
    origin: 'matrix',
    source: 'live',
    sender: '@ann:hs',
    postedAs: 'T1',
    sentAt: 1,
  } as const;
  world.links.attempts.set('k1', { seq: 42, piece: 0, link });
  await world.fromSlack(slackMessage('1500.000000', 'mine', { app: appId(ourApp), opKey: 'k1' }));
  assert.deepEqual(await world.links.byEvent(eventId('$orig')), []);
  assert.deepEqual(world.matrix.effects, []);
});

test('a key of ours in another app’s message links nothing and hides nothing', async () => {
  const world = makeWorld();
  const link = {
    portal: portal.id,
    part: 'text',
    event: eventId('$orig'),
    piece: 0,
    room,
    origin: 'matrix',
    source: 'live',
    sender: '@ann:hs',
    postedAs: 'T1',
    sentAt: 1,
  } as const;
  world.links.attempts.set('k1', { seq: 42, piece: 0, link });
  await world.fromSlack(slackMessage('1500.000000', 'forged', { app: appId('AOTHER'), opKey: 'k1' }));
  assert.deepEqual(world.matrix.sent(), ['forged']);
  assert.deepEqual(await world.links.byEvent(eventId('$orig')), []);
});

test('a message that was deleted before it came stays away', async () => {
  const world = makeWorld();
  await world.fromSlack({ type: 'delete', ...place, ts: ts('1500.000000') });
  await world.fromSlack(slackMessage('1500.000000', 'regretted'));
  assert.deepEqual(world.matrix.effects, []);
});

test('people, channels and calls to all become what Matrix has for them', async () => {
  const other = {
    ...portal,
    id: portalId(8),
    room: roomId('!other:hs'),
    channels: [{ ...place, channel: channelId('C2'), name: 'dev' }],
  } as const;
  const world = makeWorld(portal, other);
  world.slack.channels.push({ ...general, ...other.channels[0] });
  const doc = {
    blocks: [
      paragraph(
        mention({ type: 'slack-user', user: slackUserId('UANN') }),
        text(' '),
        mention({ type: 'slack-channel', channel: channelId('C2') }),
        text(' '),
        mention({ type: 'slack-channel', channel: channelId('C3'), label: 'far' }),
        text(' '),
        mention({ type: 'everyone', range: 'here' }),
      ),
    ],
  };
  await world.fromSlack(slackMessage('1500.000000', '', { text: doc }));
  const [sent] = world.matrix.of('send');
  assert.deepEqual(sent?.doc?.blocks, [
    {
      type: 'paragraph',
      children: [
        mention({
          type: 'matrix-user',
          user: world.matrix.ghostOf(place.team, slackUserId('UANN')),
          label: 'name of UANN',
        }),
        text(' '),
        mention({ type: 'matrix-room', room: roomId('!other:hs'), label: '#dev' }),
        text(' #far @here'),
      ],
    },
  ]);
});

test('a usergroup is its name, which calls nobody; its id where Slack doesn’t say the name, or is away', async () => {
  const world = makeWorld();
  const group = mention({ type: 'usergroup', usergroup: usergroupId('S1') });
  const say = async (at: string): Promise<string | undefined> => {
    await world.fromSlack(slackMessage(at, '', { text: { blocks: [paragraph(group)] } }));
    return world.matrix.sent().at(-1);
  };
  assert.equal(await say('1500.000000'), '@S1');
  world.slack.usergroups.set('S1', 'builders');
  assert.equal(await say('1501.000000'), '@builders');
  await world.fromSlack({ type: 'usergroups', team: place.team });
  assert.equal(await say('1502.000000'), '@S1');
  world.slack.usergroup = () => Promise.reject(new TryLater('away', { target: 'slack:T1' }));
  assert.equal(await say('1503.000000'), '@S1');
});

for (const [what, { policy, ghost, bot, calls }] of Object.entries({
  'where the ghost may not': { policy: true, ghost: 0, bot: 50, calls: ['📣 @channel'] },
  'not where the ghost may itself': { policy: true, ghost: 50, bot: 50, calls: [] },
  'not where the bot may not either': { policy: true, ghost: 0, bot: 0, calls: [] },
  'not where the portal doesn’t want it': { policy: false, ghost: 0, bot: 50, calls: [] },
}))
  test(`the bot calls everybody for an @channel, ${what}, and takes that back with it`, async () => {
    const world = makeWorld({ ...portal, policy: { ...defaultPolicy, everyone: policy } });
    world.matrix.powers.set(world.matrix.bot, bot);
    world.matrix.powers.set(world.matrix.ghostOf(place.team, bob), ghost);
    const doc = { blocks: [paragraph(mention({ type: 'everyone', range: 'channel' }), text(' hello'))] };
    await world.fromSlack(slackMessage('1500.000000', '', { text: doc }));
    const [said, ...more] = world.matrix.of('send');
    assert.deepEqual(
      more.map(({ as, text: words, message }) => [as, words, message?.replyTo]),
      calls.map((words) => [world.matrix.bot, words, said?.event]),
    );
    await world.fromSlack({ type: 'delete', ...place, ts: ts('1500.000000') });
    assert.equal(world.matrix.of('redact').length, 1 + calls.length);
  });

test('a private channel’s name is not told to a room by a mention', async () => {
  const world = makeWorld();
  const secret = {
    ...place,
    channel: channelId('CSECRET'),
    name: 'layoffs',
    private: true,
    archived: false,
    member: true,
  };
  world.slack.channels.push(secret);
  const doc = { blocks: [paragraph(mention({ type: 'slack-channel', channel: channelId('CSECRET') }))] };
  await world.fromSlack(slackMessage('1500.000000', '', { text: doc }));
  assert.deepEqual(world.matrix.sent(), ['#CSECRET']);
});

test('what other apps post is bridged or left out as the portal’s policy says', async () => {
  const jira = { type: 'bot', id: botId('BJIRA'), name: 'Build 7' } as const;
  const open = makeWorld();
  await open.fromSlack(slackMessage('1500.000000', 'done', { author: jira }));
  assert.deepEqual(open.matrix.sent(), ['Build 7: done']);
  const closed = makeWorld({ ...portal, policy: { ...defaultPolicy, bots: false } });
  await closed.fromSlack(slackMessage('1500.000000', 'done', { author: jira }));
  await closed.fromSlack({
    type: 'edit',
    ...place,
    ts: ts('1500.000000'),
    message: slackMessage('1500.000000', 'redone', { author: jira, editTs: ts('1501.000000') }),
  });
  assert.deepEqual(closed.matrix.effects, []);
  assert.deepEqual(closed.counted, ['ignored slack bots', 'ignored slack left-out']);
});

test('an author whom Slack won’t show keeps the message: the bare id stands in', async () => {
  const world = makeWorld();
  world.slack.profile = () => Promise.reject(new CannotBridge('user_not_found', 'unknown'));
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  assert.equal(world.matrix.of('ghost')[0]?.text, 'UBOB');
  assert.deepEqual(world.matrix.sent(), ['hello']);
});

test('a profile that can’t be had at the moment holds the message up, and loses nothing', async () => {
  const world = makeWorld();
  const profile = world.slack.profile;
  world.slack.profile = () => Promise.reject(new TryLater('limited'));
  await assert.rejects(world.fromSlack(slackMessage('1500.000000', 'hello')), TryLater);
  world.slack.profile = profile;
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  assert.deepEqual(world.matrix.sent(), ['hello']);
});

test('a portal that only goes to Slack leaves Slack’s messages there', async () => {
  const world = makeWorld({ ...portal, policy: { ...defaultPolicy, direction: 'to-slack' } });
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  assert.deepEqual(world.matrix.effects, []);
});

test('a channel without a portal concerns nobody', async () => {
  const world = makeWorld();
  await world.fromSlack({ ...slackMessage('1500.000000', 'hello'), channel: channelId('CNONE') });
  assert.deepEqual(world.counted, ['ignored slack no-portal']);
});

test('a changed profile is brought to the ghost that exists, and makes no new one', async () => {
  const world = makeWorld();
  const profile = { team: place.team, id: bob, name: 'Robert', bot: false, deactivated: false };
  await world.fromSlack({ type: 'profile', team: place.team, profile });
  assert.deepEqual(world.matrix.of('ghost'), []);
  world.matrix.ghosts.add('@slack_ubob:hs');
  await world.fromSlack({ type: 'profile', team: place.team, profile });
  assert.equal(world.matrix.of('ghost')[0]?.text, 'Robert');
});
