import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ann } from '../portal/support/world.ts';
import { makeOffice } from './support.ts';

test('administrators get a link by which they install the app, in a chat with the bot alone', async () => {
  const office = makeOffice();
  assert.match(await office.say('!slack install', 'direct'), /administrator|not allowed|permission/i);
  office.permissions.set(ann, 'admin');
  assert.match(await office.say('!slack install', 'direct'), /https:\/\/bridge\.example\/login\/install-/);
  assert.match(await office.say('!slack install'), /chat with me alone/);
  office.installObstacle = 'Installing the app isn’t set up: set web.public_url.';
  assert.match(await office.say('!slack install', 'direct'), /set web\.public_url/);
});
