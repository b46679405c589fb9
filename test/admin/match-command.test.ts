import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeOffice } from './support.ts';

test('people choose whether their address is compared', async () => {
  const office = makeOffice();
  assert.match(await office.say('match', 'direct'), /I may tell you so/);
  assert.match(await office.say('!slack match off'), /with nobody’s/);
  assert.match(await office.say('match', 'direct'), /with nobody’s/);
  assert.match(await office.say('match on', 'direct'), /I may tell you so/);
  assert.match(await office.say('match maybe', 'direct'), /match can be: on, off/);
});
