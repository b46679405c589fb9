import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { mxcUri, teamId } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from './query.ts';
import { storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

describe('workspaces’ own emoji', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
  });
  after(() => bed.close());

  it('are found by name, and by what they stand for, in their own workspace only', async () => {
    const [team, other] = [teamId('T1'), teamId('T2')];
    await store.emoji.change(team, {
      put: new Map([
        ['parrot', 'https://x.org/p'],
        ['polly', 'alias:parrot'],
      ]),
    });
    assert.deepEqual(
      await store.emoji.find(team, ['parrot', 'nobody', 'a\0b']),
      new Map([['parrot', 'https://x.org/p']]),
    );
    assert.deepEqual(await store.emoji.named(team, ['https://x.org/p', 'https://x.org/q']), ['parrot']);
    assert.equal((await store.emoji.find(other, ['parrot'])).size, 0);
    await store.emoji.change(team, { put: new Map([['parrot', 'https://x.org/q']]), remove: ['polly'] });
    assert.deepEqual(
      await store.emoji.find(team, ['parrot', 'polly']),
      new Map([['parrot', 'https://x.org/q']]),
    );
  });

  it('become those of a list, but for what an event changed a moment ago', async () => {
    const team = teamId('T3');
    const names = ['kept', 'changed', 'gone', 'told'];
    await store.emoji.replace(
      team,
      new Map(['kept', 'changed', 'gone'].map((name) => [name, 'https://x.org/1'])),
    );
    await query(bed.url, `update emoji set at = now() - interval '1 hour' where team = 'T3'`);
    await store.emoji.change(team, { put: new Map([['told', 'https://x.org/3']]) });
    await store.emoji.replace(
      team,
      new Map([
        ['kept', 'https://x.org/1'],
        ['changed', 'https://x.org/2'],
      ]),
    );
    assert.deepEqual(Object.fromEntries(await store.emoji.find(team, names)), {
      kept: 'https://x.org/1',
      changed: 'https://x.org/2',
      told: 'https://x.org/3',
    });
  });

  it('are shown once their pictures are on the homeserver', async () => {
    const team = teamId('T5');
    const put = new Map([
      ['b', 'https://x.org/shown-b'],
      ['a', 'https://x.org/shown-a'],
      ['other-b', 'alias:b'],
      ['never', 'https://x.org/never'],
    ]);
    await store.emoji.change(team, { put });
    for (const [sha256, name] of ['a', 'b'].entries()) {
      const mxc = mxcUri(`mxc://hs/${name}`);
      await store.pictures.save({ url: `https://x.org/shown-${name}`, sha256: String(sha256), mxc });
    }
    const never = ['https://x.org/never'];
    assert.deepEqual(await store.emojiPictures.unshown(team, 3), never);
    assert.deepEqual(await store.emojiPictures.unshown(team, 2), [], 'there are two already');
    assert.deepEqual(await store.emojiPictures.shown(team), [
      { name: 'a', picture: 'mxc://hs/a' },
      { name: 'b', picture: 'mxc://hs/b' },
    ]);
    assert.deepEqual(await store.emojiPictures.shown(teamId('T6')), []);
  });

  it('that can’t be kept are left out', async () => {
    const team = teamId('T4');
    const put = new Map([
      ['long', `https://x.org/${'a'.repeat(3000)}`],
      ['good', 'https://x.org/1'],
    ]);
    await store.emoji.change(team, { put });
    assert.deepEqual([...(await store.emoji.find(team, ['long', 'good'])).keys()], ['good']);
  });
});
