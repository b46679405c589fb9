import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MxcUri } from '../../src/ids.ts';
import { matrixUserId, mxcUri } from '../../src/ids.ts';
import { createPictures } from '../../src/matrix/pictures.ts';
import { memoryPictures, recordingLog } from './support.ts';

const bytesOf: Readonly<Record<string, string>> = {
  'https://x.org/a.png': 'a picture',
  'https://x.org/same.png': 'a picture',
  'https://x.org/b.png': 'another',
};

function scene(fetchAfter: Promise<void> = Promise.resolve()) {
  const fetched: string[] = [];
  const uploaded: MxcUri[] = [];
  const store = memoryPictures();
  const make = () =>
    createPictures({
      store,
      media: {
        upload: async () => {
          uploaded.push(mxcUri(`mxc://hs/${uploaded.length + 1}`));
          return uploaded.at(-1) ?? mxcUri('mxc://hs/0');
        },
        download: () => Promise.reject(new Error('nobody asks')),
        thumbnail: () => Promise.reject(new Error('nobody asks')),
      },
      fetchPicture: async (url) => {
        fetched.push(url);
        await fetchAfter;
        const bytes = bytesOf[url];
        if (bytes === undefined) throw new Error('there is nothing');
        return { bytes: Buffer.from(bytes), mimetype: 'image/png' };
      },
      as: async () => ({ user: matrixUserId('@bot:hs') }),
      log: recordingLog(),
    });
  return { fetched, uploaded, make };
}

test('a picture is fetched and uploaded once, however many ask for it, also after a restart', async () => {
  const { fetched, uploaded, make } = scene();
  const pictures = make();
  const asked = [pictures.at('https://x.org/a.png'), pictures.at('https://x.org/a.png')];
  assert.deepEqual(await Promise.all(asked), ['mxc://hs/1', 'mxc://hs/1']);
  assert.equal(await pictures.at('https://x.org/a.png'), 'mxc://hs/1');
  assert.equal(await make().at('https://x.org/a.png'), 'mxc://hs/1');
  assert.deepEqual([fetched.length, uploaded.length], [1, 1]);
});

test('the same picture at another address is not uploaded again', async () => {
  const { uploaded, make } = scene();
  const pictures = make();
  assert.equal(await pictures.at('https://x.org/a.png'), await pictures.at('https://x.org/same.png'));
  assert.equal(await pictures.at('https://x.org/b.png'), 'mxc://hs/2');
  assert.equal(uploaded.length, 2);
});

test('what can’t be had is none, and is not asked for with each message', async () => {
  const { fetched, make } = scene();
  const pictures = make();
  assert.equal(await pictures.at('https://x.org/missing.png'), undefined);
  assert.equal(await pictures.at('https://x.org/missing.png'), undefined);
  assert.equal(await pictures.at(`https://x.org/${'a'.repeat(3000)}`), undefined);
  assert.deepEqual(fetched, ['https://x.org/missing.png']);
});

test('nobody waits long for a picture; it is there the next time', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { make } = scene(promise);
  const pictures = make();
  assert.equal(await pictures.at('https://x.org/a.png'), undefined);
  resolve();
  await pictures.settled();
  assert.equal(await pictures.at('https://x.org/a.png'), 'mxc://hs/1');
});
