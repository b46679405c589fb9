import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { channelId, portalId, roomId, teamId, ts } from '../../src/ids.ts';
import type { Portal } from '../../src/portal/ports.ts';
import type { Delivery } from '../../src/queue/ports.ts';
import { routeDelivery } from '../../src/store/route.ts';
import { defaultPolicy } from '../support/default-policy.ts';

const portal: Portal = {
  id: portalId(7),
  room: roomId('!linked:example.org'),
  kind: 'channel',
  through: 'bot',
  status: 'live',
  policy: defaultPolicy,
  channels: [{ team: teamId('T1'), channel: channelId('C1'), name: 'one' }],
  since: ts('1700000000.000000'),
};
const portals = {
  byRoom: (room: string) => (room === portal.room ? portal : undefined),
  byChannel: (team: string, channel: string) => (team === 'T1' && channel === 'C1' ? portal : undefined),
};

test('what steers a portal has a lane of its own', () => {
  const delivery = { from: 'matrix', route: { room: portal.room }, deliveryKey: 'k', srcTs: '' } as const;
  const { lane } = routeDelivery({ ...delivery, payload: Buffer.alloc(0), control: true }, portals);
  assert.equal(lane, 'portal:7:control');
  const vote = routeDelivery({ ...delivery, payload: Buffer.alloc(0), votes: true }, portals);
  assert.equal(vote.lane, 'portal:7:votes');
  const coming = routeDelivery({ ...delivery, payload: Buffer.alloc(0), members: true }, portals);
  assert.equal(coming.lane, 'portal:7:members');
});

test('who is invited to a chat keeps their place among its messages', () => {
  const delivery = { from: 'matrix', route: { room: portal.room }, deliveryKey: 'k', srcTs: '' } as const;
  const invitation = { ...delivery, payload: Buffer.alloc(0), control: true, growth: true };
  assert.equal(routeDelivery(invitation, portals).lane, 'portal:7:control');
  const chat: Portal = { ...portal, kind: 'direct', through: 'people' };
  const chats = { ...portals, byRoom: () => chat };
  assert.equal(routeDelivery(invitation, chats).lane, 'portal:7:matrix');
});

function laneOf(from: Delivery['from'], route: Delivery['route']): string | undefined {
  const delivery = { from, route, deliveryKey: 'key', srcTs: '', payload: Buffer.alloc(0) };
  return routeDelivery(delivery, portals).lane;
}

const fact = (text: string, about: readonly string[] = []) =>
  routeDelivery(
    {
      from: 'slack',
      route: { team: 'T1', channel: 'C1' },
      deliveryKey: 'k',
      srcTs: '',
      payload: Buffer.alloc(0),
      fact: text,
      about,
    },
    portals,
  );

describe('the lane of a delivery', () => {
  const table: readonly [string, Delivery['from'], Delivery['route'], string | undefined][] = [
    ['a linked channel', 'slack', { team: 'T1', channel: 'C1', user: 'U1' }, 'portal:7:slack'],
    ['a linked room', 'matrix', { room: '!linked:example.org' }, 'portal:7:matrix'],
    ['a channel that is not linked', 'slack', { team: 'T1', channel: 'C2' }, undefined],
    ['the channel in another team', 'slack', { team: 'T2', channel: 'C1' }, undefined],
    ['a chat of people', 'slack', { team: 'T1', channel: 'D2', chat: true }, 'chat:T1:D2'],
    ['a linked chat', 'slack', { team: 'T1', channel: 'C1', chat: true }, 'portal:7:slack'],
    ['a channel that is none', 'slack', { team: 'T1', channel: 'x\u0000y' }, undefined],
    ['a person', 'slack', { team: 'T1', user: 'U1' }, 'user:U1'],
    ['a team', 'slack', { team: 'T1' }, 'team:T1'],
    ['a room that is not linked', 'matrix', { room: '!other:example.org' }, 'room:!other:example.org'],
    ['nothing at all, from Slack', 'slack', {}, 'malformed'],
    ['nothing at all, from Matrix', 'matrix', {}, 'malformed'],
  ];
  for (const [what, from, route, lane] of table)
    it(`of ${what} is ${lane ?? 'none'}`, () => assert.equal(laneOf(from, route), lane));

  it('is short and can be stored, whatever the room is called', () => {
    for (const room of ['!\u0000', '!\ud800', `!${'x'.repeat(10_000)}`]) {
      const lane = laneOf('matrix', { room }) ?? '';
      assert.match(lane, /^room:[0-9a-f]{64}$/);
    }
  });
});

describe('the fact of a delivery', () => {
  it('is a key of the portal, so that another portal has another one', () => {
    const other = { ...portal, id: portalId(8) };
    const delivery: Delivery = {
      from: 'slack',
      route: { team: 'T1', channel: 'C1' },
      deliveryKey: 'k',
      srcTs: '',
      payload: Buffer.alloc(0),
      fact: 'message:1700000000.000001',
    };
    const there = routeDelivery(delivery, { ...portals, byChannel: () => other });
    assert.notEqual(there.fact, routeDelivery(delivery, portals).fact);
    assert.equal(there.delivery, routeDelivery(delivery, portals).delivery);
  });

  it('tells which message it is about', () => {
    assert.deepEqual(fact('message:1700000000.000001').about, ['ts:7:1700000000.000001']);
    assert.deepEqual(fact('edit:1700000000.000001:1700000009.000001').about, ['ts:7:1700000000.000001']);
    assert.deepEqual(fact('reaction:added:1700000000.000001:U1:wave:1700000009.000001').about, [
      'ts:7:1700000000.000001',
    ]);
    assert.deepEqual(fact('channel:rename::1700000000.000001').about, []);
    assert.deepEqual(fact('message:1700000000.000002', ['1700000000.000001', 'x']).about, [
      'ts:7:1700000000.000002',
      'ts:7:1700000000.000001',
    ]);
  });

  it('leaves a mark only for a new message', () => {
    assert.equal(fact('message:1700000000.000001').subject, '1700000000.000001');
    assert.equal(fact('delete:1700000000.000001').subject, undefined);
  });
});
