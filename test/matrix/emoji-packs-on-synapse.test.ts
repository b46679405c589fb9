import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { keepEmojiPacks } from '../../src/bridge/emoji-packs.ts';
import { matrixUserId, mxcUri } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import type { MatrixAdapter } from '../../src/matrix/start-matrix.ts';
import { RecordedSlack } from '../portal/support/recorded-slack.ts';
import { portal } from '../portal/support/world.ts';
import type { Slot } from '../support/slots.ts';
import { testHomeserver } from '../support/synapse.ts';
import type { TestHomeserver } from '../support/synapse.ts';
import { adapterOn, eventually, memoryGhosts } from './support.ts';

let homeserver: TestHomeserver;
let slot: Slot;
let adapter: MatrixAdapter;

before(async () => {
  homeserver = await testHomeserver();
  slot = await homeserver.takeSlot();
  adapter = await adapterOn({ homeserver, slot, ghostStore: memoryGhosts() });
});

after(async () => {
  await adapter?.stop();
  await homeserver?.close();
});

test('a room takes the packs of a workspace with thousands of emoji', async () => {
  const matrix = adapter.port;
  const ann = await homeserver.person('Ann');
  const room = await matrix.createRoom({ name: '#general', invite: [matrixUserId(ann.userId)] });
  const emoji = Array.from({ length: 3000 }, (_, index) => ({
    name: `party-${'parrot-'.repeat(10)}${String(index).padStart(4, '0')}`,
    picture: mxcUri(`mxc://${homeserver.serverName}/${'x'.repeat(24)}${index}`),
  }));
  let written = 0;
  const packs = keepEmojiPacks({
    emoji: { shown: async () => emoji, unshown: async () => [] },
    portals: { all: () => [{ ...portal, room }] },
    matrix: {
      picture: (url) => matrix.picture(url),
      state: (...of) => matrix.state(...of),
      setState: async (...change) => {
        await matrix.setState(...change);
        written += 1;
      },
    },
    teams: () => new RecordedSlack().teams(),
    log: silentLogger,
    pace: 0,
    every: 5,
  });
  await eventually(() => written === 8);
  await packs.stop();
  const found = await matrix.stateOfType(room, 'im.ponies.room_emotes');
  const names = found.flatMap(({ content }) => Object.keys(content['images'] ?? {}));
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.length > 500 && names.length < emoji.length, `${names.length} fit in eight packs`);
});
