import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { createReadMarks } from '../../src/bridge/read-marks.ts';
import { TryLater } from '../../src/errors.ts';
import {
  channelId,
  eventId,
  matrixUserId,
  portalId,
  roomId,
  slackUserId,
  teamId,
  ts,
} from '../../src/ids.ts';
import type { ReadReceipt } from '../../src/matrix/receipts.ts';
import type { MessageLink, Portal, Puppet } from '../../src/portal/ports.ts';
import { defaultPolicy } from '../support/default-policy.ts';

const [team, ann, room] = [teamId('T1'), matrixUserId('@ann:hs'), roomId('!r')];
const portal: Portal = {
  id: portalId(1),
  kind: 'channel',
  through: 'bot',
  room,
  status: 'live',
  policy: defaultPolicy,
  channels: [{ team, channel: channelId('C1'), name: 'town' }],
  since: ts('1.000000'),
};
const annInSlack: Puppet = {
  matrixUser: ann,
  team,
  slackUser: slackUserId('U1'),
  name: 'Ann',
  scopes: ['channels:write'],
  double: true,
};

const read = (event: string, at: number, more: Partial<ReadReceipt> = {}): ReadReceipt => ({
  room,
  user: ann,
  event: eventId(event),
  at,
  ...more,
});

/** Events `$m1`, `$m2` … are messages of the seconds 1, 2 …; `$r5` a reply of the fifth in a thread. */
function world(puppet: Puppet = annInSlack, status: Portal['status'] = 'live') {
  const marked: string[] = [];
  let refusing = false;
  const linkOf = (event: string): readonly MessageLink[] => {
    const [, kind, second] = /^\$([mr])(\d+)$/.exec(event) ?? [];
    if (kind === undefined) return [];
    const link = { portal: portal.id, ts: ts(`${second}.000000`), part: 'text', piece: 0, room } as const;
    const rest = { origin: 'slack', source: 'live', sender: 'U2', postedAs: '@x:hs', sentAt: 0 } as const;
    const thread = kind === 'r' ? { threadTs: ts('1.000000') } : {};
    return [{ ...link, ...rest, event: eventId(event), ...thread }];
  };
  const marks = createReadMarks({
    portals: { byRoom: (of) => (of === room ? { ...portal, status } : undefined) },
    puppets: { ofMatrixUser: (user, of) => (user === ann && of === team ? puppet : undefined) },
    links: { byEvent: async (event) => linkOf(event) },
    places: { newestUpTo: async (_portal, at) => ts(`${Math.floor(Number(at))}.000000`) },
    slack: {
      markRead: async (_place, at, by) => {
        if (refusing) throw new TryLater('later');
        marked.push(`${by} ${at}`);
      },
    },
    event: async () => ({ origin_server_ts: 7_400 }),
    log: { debug() {}, info() {}, warn() {}, error() {}, child: () => assert.fail('no child') },
  });
  const pass = async (): Promise<void> => {
    mock.timers.tick(3000);
    await new Promise(setImmediate);
  };
  return { marks, marked, pass, refuse: (is: boolean) => (refusing = is) };
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
});

test('what a linked person reads is marked in Slack a few seconds later, the newest of several once', async () => {
  const { marks, marked, pass } = world();
  marks.heard([read('$m2', 1), read('$m4', 3), read('$m3', 2)]);
  await new Promise(setImmediate);
  assert.deepEqual(marked, []);
  await pass();
  assert.deepEqual(marked, ['U1 4.000000']);
  marks.heard([read('$m5', 4)]);
  await pass();
  assert.deepEqual(marked, ['U1 4.000000', 'U1 5.000000']);
});

test('a mark goes forwards only', async () => {
  const { marks, marked, pass } = world();
  for (const event of ['$m4', '$m2', '$m4']) {
    marks.heard([read(event, 1)]);
    await pass();
  }
  assert.deepEqual(marked, ['U1 4.000000']);
});

test('what isn’t a message of the channel marks the newest one before it', async () => {
  for (const [event, expected] of [
    ['$joined', 'U1 7.000000'],
    ['$r5', 'U1 5.000000'],
  ] as const) {
    const { marks, marked, pass } = world();
    marks.heard([read(event, 1)]);
    await pass();
    assert.deepEqual(marked, [expected]);
  }
});

test('nothing is marked of threads, of others’ rooms, for who isn’t linked, may not, or where the portal rests', async () => {
  const other = world();
  other.marks.heard([
    read('$m1', 1, { thread: '$root' }),
    read('$m1', 1, { room: roomId('!other') }),
    read('$m1', 1, { user: matrixUserId('@bob:hs') }),
  ]);
  const without = world({ ...annInSlack, scopes: ['im:write', 'chat:write'] });
  without.marks.heard([read('$m1', 1)]);
  const resting = world(annInSlack, 'paused');
  resting.marks.heard([read('$m1', 1)]);
  await other.pass();
  assert.deepEqual([other.marked, without.marked, resting.marked], [[], [], []]);
});

test('what fails is left out, and the next receipt makes up for it; nothing is marked after the end', async () => {
  const { marks, marked, pass, refuse } = world();
  refuse(true);
  marks.heard([read('$m1', 1)]);
  await pass();
  refuse(false);
  marks.heard([read('$m2', 2)]);
  await pass();
  assert.deepEqual(marked, ['U1 2.000000']);
  marks.heard([read('$m3', 3)]);
  marks.stop();
  await pass();
  assert.deepEqual(marked, ['U1 2.000000']);
});
