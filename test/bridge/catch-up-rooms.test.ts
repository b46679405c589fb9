import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { createRoomCatchUp } from '../../src/bridge/catch-up-rooms.ts';
import type { RoomCatchUp } from '../../src/bridge/catch-up-rooms.ts';
import { TryLater } from '../../src/errors.ts';
import { channelId, eventId, portalId, roomId, teamId, ts } from '../../src/ids.ts';
import type { PortalId, RoomId } from '../../src/ids.ts';
import type { RoomReading } from '../../src/matrix/catch-up.ts';
import type { Portal } from '../../src/portal/ports.ts';
import type { RoomCursor } from '../../src/store/cursors.ts';
import { recordingLog } from '../matrix/support.ts';
import { defaultPolicy } from '../support/default-policy.ts';

const linkedAt = 1_700_000_000_000;

function portalOf(id: number): Portal {
  return {
    id: portalId(id),
    kind: 'channel',
    through: 'bot',
    room: roomId(`!${id}:hs`),
    status: 'live',
    policy: defaultPolicy,
    channels: [{ team: teamId('T1'), channel: channelId(`C${id}`), name: 'town' }],
    since: ts('1700000000.000000'),
  };
}

/** Rooms that are read as told, and what was asked of them. */
function rooms() {
  const cursors = new Map<PortalId, RoomCursor>();
  const state = {
    portals: [portalOf(1), portalOf(2)],
    cursors,
    reads: [] as { readonly room: RoomId; readonly after: string | undefined; readonly since: number }[],
    answer: (): RoomReading => ({ outcome: 'read', newest: eventId('$new'), found: 0 }),
    leftOut: new Set<PortalId>(),
    counted: [] as string[],
    log: recordingLog(),
  };
  const catchUp = createRoomCatchUp({
    store: {
      portals: {
        all: () => state.portals,
        byId: (id: PortalId) => state.portals.find((portal) => portal.id === id),
      },
      cursors: {
        room: async (id: PortalId) => cursors.get(id),
        setRoom: async (id: PortalId, cursor: RoomCursor) => void cursors.set(id, cursor),
        knownDeliveries: async () => new Set<string>(),
        byActivity: async () => [portalId(2)],
      },
    } as never, // it asks the stores for nothing else
    readRoom: async (room, { after, since }) => {
      state.reads.push({ room, after, since });
      return state.answer();
    },
    isLeftOut: (id) => state.leftOut.has(id),
    metrics: (_from, outcome) => state.counted.push(outcome),
    log: state.log,
  });
  return { state, catchUp };
}

async function pass(milliseconds: number): Promise<void> {
  mock.timers.tick(milliseconds);
  await new Promise(setImmediate);
}

describe('reading rooms', () => {
  let catchUp: RoomCatchUp;
  let state: ReturnType<typeof rooms>['state'];
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: linkedAt + 3_600_000 });
    ({ state, catchUp } = rooms());
  });
  afterEach(() => {
    catchUp.stop();
    mock.timers.reset();
  });

  const readRooms = (): readonly string[] => state.reads.splice(0).map(({ room }) => room);

  it('begins with the room in which something was said last, and goes on from where a reading ended', async () => {
    catchUp.begin();
    await pass(0);
    assert.deepEqual(state.reads, [
      { room: '!2:hs', after: undefined, since: linkedAt },
      { room: '!1:hs', after: undefined, since: linkedAt },
    ]);
    assert.deepEqual(state.cursors.get(portalId(1)), { event: '$new', readAt: linkedAt + 3_600_000 });
    state.reads.length = 0;
    await pass(1_000);
    const since = linkedAt + 3_600_000 - 600_000;
    assert.deepEqual(state.reads[0], { room: '!1:hs', after: '$new', since });
  });

  it('reads all rooms four times after a gap', async () => {
    catchUp.begin();
    await pass(0);
    await pass(700_000);
    readRooms();
    catchUp.afterGap();
    for (const wait of [1_000, 9_000, 50_000, 540_000]) {
      await pass(wait - 1);
      assert.deepEqual(readRooms(), []);
      await pass(1);
      assert.deepEqual(readRooms(), ['!1:hs', '!2:hs']);
    }
  });

  it('reads a room again ten minutes later where something goes on, and a new one soon', async () => {
    catchUp.begin();
    await pass(0);
    for (const wait of [1_000, 9_000, 50_000, 540_000]) await pass(wait);
    readRooms();
    catchUp.active('!1:hs');
    state.portals.push(portalOf(3));
    await pass(30_000);
    assert.deepEqual(readRooms(), ['!3:hs']);
    for (let waited = 0; waited < 600_000; waited += 30_000) await pass(30_000);
    assert.deepEqual(readRooms(), ['!1:hs']);
  });

  it('tries a room again that can’t be read now, and says once of one that may not be', async () => {
    state.portals.splice(1);
    state.answer = () => {
      throw new TryLater('the homeserver is away', { target: 'matrix' });
    };
    catchUp.begin();
    await pass(0);
    state.answer = () => ({ outcome: 'refused', reason: 'M_FORBIDDEN: you are not in it' });
    for (const wait of [1_000, 9_000, 50_000]) await pass(wait);
    assert.equal(state.counted[0], 'failed');
    assert.deepEqual(new Set(state.counted.slice(1)), new Set(['refused']));
    const warnings = state.log.lines.filter(({ level }) => level === 'warn');
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['a room can’t be read'],
    );
    assert.equal(state.cursors.size, 0);
  });

  it('leaves out what somebody else reads first, and what isn’t linked yet', async () => {
    state.leftOut.add(portalId(1));
    state.portals.splice(1, 1, { ...portalOf(2), status: 'pending' });
    catchUp.begin();
    await pass(0);
    assert.deepEqual(readRooms(), []);
    await catchUp.read(portalId(1));
    assert.deepEqual(readRooms(), ['!1:hs']);
  });

  it('stops', async () => {
    catchUp.begin();
    await pass(0);
    readRooms();
    catchUp.stop();
    await pass(1_000_000);
    assert.deepEqual(readRooms(), []);
  });
});
