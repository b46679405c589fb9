import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import type { Doc } from '../../src/format/doc.ts';
import { link, mention, paragraph, text } from '../../src/format/doc.ts';
import { channelId, eventId, portalId, roomId, ts } from '../../src/ids.ts';
import type { MessageLink } from '../../src/portal/ports.ts';
import { general, makeWorld, matrixMessage, portal, room, slackMessage } from './support/world.ts';

const dev = { ...general, channel: channelId('C2'), name: 'dev' };
const secret = { ...general, channel: channelId('C3'), name: 'layoffs', private: true };

/** The portal, one of a public channel and one of a private channel, each with a bridged message. */
function threePortals() {
  const of = (id: number, address: string, channel: typeof dev) =>
    ({ ...portal, id: portalId(id), room: roomId(address), channels: [channel] }) as const;
  const world = makeWorld(portal, of(8, '!dev:hs', dev), of(9, '!secret:hs', secret));
  world.slack.channels.push(general, dev, secret);
  world.matrix.aliases.set('#dev:hs', roomId('!dev:hs'));
  for (const [id, at, event] of [
    [7, '1500.000100', '$own'],
    [8, '1500.000200', '$other'],
    [9, '1500.000300', '$secret'],
  ] as const)
    world.links.apply({ type: 'link', link: messageLink(id, at, event) });
  return world;
}

function messageLink(id: number, at: string, event: string): MessageLink {
  return {
    portal: portalId(id),
    ts: ts(at),
    part: 'text',
    piece: 0,
    event: eventId(event),
    room,
    origin: 'slack',
    source: 'live',
    sender: 'UBOB',
    postedAs: '@slack_ubob:hs',
    sentAt: 1,
  };
}

function saying(url: string, words: string = url): { readonly text: Doc } {
  return { text: { blocks: [paragraph(text('see '), link(url, [text(words)]))] } };
}

async function inMatrix(url: string, words?: string, world = threePortals()): Promise<string | undefined> {
  await world.fromSlack(slackMessage('1600.000000', '', saying(url, words)));
  return world.matrix.sent().at(-1);
}

async function inSlack(url: string, words?: string): Promise<string | undefined> {
  const world = threePortals();
  await world.fromMatrix(matrixMessage('$m', '', saying(url, words)));
  return world.slack.of('post').at(-1)?.text;
}

const ofSlack = 'https://acme.slack.com/archives';

for (const [what, url, shown] of [
  ['its own channel', `${ofSlack}/C1/p1500000100`, 'https://matrix.to/#/!room%3Ahs/%24own?via=hs'],
  ['a public channel', `${ofSlack}/C2/p1500000200`, 'https://matrix.to/#/!dev%3Ahs/%24other?via=hs'],
  [
    'a thread',
    `${ofSlack}/C2/p1500000200?thread_ts=1499.000000&cid=C2`,
    'https://matrix.to/#/!dev%3Ahs/%24other?via=hs',
  ],
] as const)
  test(`the address of a message of ${what} becomes its event’s`, async () => {
    assert.equal(await inMatrix(url), `see ${shown}`);
    assert.equal(await inMatrix(url, 'this one'), `see [this one](${shown})`);
  });

for (const [what, url] of [
  ['a private channel', `${ofSlack}/C3/p1500000300`],
  ['another workspace', 'https://other.slack.com/archives/C1/p1500000100'],
  ['a message that isn’t bridged', `${ofSlack}/C1/p1500999999`],
  ['a channel without a portal', `${ofSlack}/C9/p1500000100`],
  ['a channel as a whole', `${ofSlack}/C1`],
] as const)
  test(`the address of ${what} stays as it is`, async () => {
    assert.equal(await inMatrix(url), `see ${url}`);
  });

test('a look at a workspace that is away holds no message up: the address stays as it is', async () => {
  const world = threePortals();
  world.slack.channel = () => Promise.reject(new TryLater('away', { target: 'slack:T1' }));
  const url = `${ofSlack}/C2/p1500000200`;
  assert.equal(await inMatrix(url, undefined, world), `see ${url}`);
});

test('neither name nor room of a private channel is told where it is mentioned elsewhere', async () => {
  const world = threePortals();
  const doc = { blocks: [paragraph(mention({ type: 'slack-channel', channel: secret.channel }))] };
  await world.fromSlack(slackMessage('1600.000000', '', { text: doc }));
  assert.deepEqual(world.matrix.sent(), ['#C3']);
  const pill = { blocks: [paragraph(mention({ type: 'matrix-room', room: roomId('!secret:hs') }))] };
  await world.fromMatrix(matrixMessage('$m', '', { text: pill }));
  assert.equal(world.slack.of('post').at(-1)?.text, '[!secret:hs](https://matrix.to/#/!secret%3Ahs)');
});

for (const [what, url, shown] of [
  ['its own room', 'https://matrix.to/#/!room:hs/$own?via=hs', `${ofSlack}/C1/p1500.000100`],
  ['a public channel’s room', 'https://matrix.to/#/!dev%3Ahs/%24other', `${ofSlack}/C2/p1500.000200`],
  ['a room by its alias', 'https://matrix.to/#/%23dev:hs/$other', `${ofSlack}/C2/p1500.000200`],
] as const)
  test(`the address of an event of ${what} becomes its message’s`, async () => {
    assert.equal(await inSlack(url), `see ${shown}`);
    assert.equal(await inSlack(url, 'this one'), `see [this one](${shown})`);
  });

for (const [what, url] of [
  ['a private channel’s room', 'https://matrix.to/#/!secret:hs/$secret'],
  ['a room that is not its own', 'https://matrix.to/#/!dev:hs/$own'],
  ['a room without a portal', 'https://matrix.to/#/!far:hs/$other'],
  ['no room', 'https://matrix.to/#/!%20/$other'],
] as const)
  test(`the address of an event of ${what} stays as it is`, async () => {
    assert.equal(await inSlack(url), `see ${url}`);
  });

test('of many addresses in one message a few are looked up', async () => {
  const numbers = Array.from({ length: 50 }, (_, number) => `p15000001${String(number).padStart(2, '0')}`);
  const world = threePortals();
  for (const [number] of numbers.entries())
    world.links.apply({
      type: 'link',
      link: messageLink(7, `1500.0001${String(number).padStart(2, '0')}`, `$${number}`),
    });
  const links = numbers.map((number) => link(`${ofSlack}/C1/${number}`, [text(number)]));
  await world.fromSlack(slackMessage('1600.000000', '', { text: { blocks: [paragraph(...links)] } }));
  assert.equal(world.matrix.sent().at(-1)?.split('https://matrix.to/').length, 11);
});
