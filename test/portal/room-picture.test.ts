import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { mxcUri } from '../../src/ids.ts';
import type { World } from './support/world.ts';
import { makeWorld, place } from './support/world.ts';

function makeScene() {
  const world = makeWorld();
  world.slack.teamPictureUrl = 'https://x.org/one.png';
  world.matrix.pictures.set('https://x.org/one.png', mxcUri('mxc://hs/one'));
  world.matrix.pictures.set('https://x.org/two.png', mxcUri('mxc://hs/two'));
  return world;
}

const look = (world: World): Promise<void> =>
  world.fromSlack({ type: 'look', ...place }, { lane: 'portal:7:shown' });

const given = ({ matrix }: World) =>
  matrix.of('state').flatMap(({ text = '' }) => (text.startsWith('m.room.avatar') ? [text] : []));

test('a look gives the room the workspace’s picture, and another one when that changed', async () => {
  const world = makeScene();
  await look(world);
  await look(world);
  assert.deepEqual(given(world), ['m.room.avatar {"url":"mxc://hs/one"}']);
  world.slack.teamPictureUrl = 'https://x.org/two.png';
  await look(world);
  assert.equal(given(world).length, 2);
});

test('a picture that can’t be had, or set, holds up nothing', async () => {
  const world = makeScene();
  world.slack.teamPictureUrl = 'https://x.org/unknown.png';
  await look(world);
  world.slack.teamPicture = () => Promise.reject(new TryLater('limited', { after: 1000 }));
  await look(world);
  world.slack.teamPicture = async () => 'https://x.org/one.png';
  world.matrix.refusesState = new CannotBridge('matrix-forbidden', 'no');
  await look(world);
  assert.deepEqual(given(world), []);
  world.matrix.refusesState = undefined;
  await look(world);
  assert.equal(given(world).length, 1);
});
