import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { fileId, portalId } from '../../src/ids.ts';
import { decipher } from '../../src/matrix/decipher.ts';
import { bytes, matrixFile, slackFile, Surroundings, where } from './support/carrying.ts';

const refusal = (reason: string) => (error: unknown) =>
  error instanceof CannotBridge && error.reason === reason;
const broken = () => new TryLater('the download from Slack broke off');

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

describe('a file on its way to Matrix', () => {
  it('arrives once, however often it is asked for', async () => {
    const around = new Surroundings();
    const files = around.start();
    const asked = [1, 2].map(() => files.toMatrix(where, slackFile, 'file'));
    const [one, two] = await Promise.all(asked.map(({ result }) => result));
    assert.deepEqual(one, { url: 'mxc://hs/1', size: bytes.length, mimetype: 'text/plain' });
    assert.deepEqual(two, one);
    assert.deepEqual(await files.toMatrix(where, slackFile, 'file').result, one);
    assert.deepEqual(around.media.get('mxc://hs/1'), bytes);
    assert.equal(around.media.size, 1);
    assert.deepEqual(around.counted, [`to_matrix arrived ${bytes.length}`]);
  });

  it('is enciphered for an encrypted room, and anew when a process ended before it was known', async () => {
    const around = new Surroundings();
    const sealed = { ...where, encrypted: true };
    const inClear = await around.start().toMatrix(where, slackFile, 'file').result;
    const { url, cipher, mimetype } = await around.start().toMatrix(sealed, slackFile, 'file').result;
    assert.notEqual(url, inClear.url);
    assert.equal(mimetype, 'text/plain');
    assert.ok(cipher);
    const there = around.media.get(url);
    assert.ok(there && !there.equals(bytes));
    assert.deepEqual(await whole(decipher(Readable.from([there]), cipher)), bytes);
    assert.deepEqual((await around.start().toMatrix(sealed, slackFile, 'file').result).cipher, cipher);
    const key = [...around.rows.keys()].find((each) => each.includes('sealed'));
    assert.ok(key);
    around.rows.set(key, { state: 'begun', target: url });
    const again = await around.start().toMatrix(sealed, slackFile, 'file').result;
    assert.notEqual(again.url, url);
    assert.notDeepEqual(again.cipher, cipher);
  });

  it('is tried again when it breaks, to the same address', async () => {
    const around = new Surroundings();
    around.next.push(
      broken(),
      Readable.from(
        (function* () {
          yield bytes.subarray(0, 5);
          throw broken();
        })(),
      ),
    );
    const { url } = await around.start().toMatrix(where, slackFile, 'file').result;
    assert.equal(url, 'mxc://hs/1');
    assert.deepEqual(around.media.get(url), bytes);
    assert.equal(around.media.size, 1);
    assert.equal(around.slept, 1000 + 2000);
  });

  it('is given up after a while, and what is said is remembered', async () => {
    const around = new Surroundings();
    around.next.push(...Array.from({ length: 6 }, broken));
    const transfer = around.start().toMatrix(where, slackFile, 'file');
    await assert.rejects(transfer.result, refusal('file-unreachable'));
    await assert.rejects(
      around.start().toMatrix(where, slackFile, 'file').result,
      refusal('file-unreachable'),
    );
    assert.deepEqual(around.rows.get(transfer.key)?.state, 'failed');
    assert.equal(around.media.size, 0);
  });

  it('is left to the queue while a whole network is out of reach', async () => {
    const around = new Surroundings();
    around.next.push(new TryLater('away', { target: 'matrix' }));
    const files = around.start();
    await assert.rejects(files.toMatrix(where, slackFile, 'file').result, TryLater);
    assert.equal((await files.toMatrix(where, slackFile, 'file').result).url, 'mxc://hs/1');
  });

  it('isn’t begun where the homeserver takes none so large', async () => {
    const around = new Surroundings();
    around.most = 10;
    await assert.rejects(around.start().toMatrix(where, slackFile, 'file').result, (error) => {
      assert.ok(error instanceof CannotBridge);
      return error.message === 'too large for this homeserver: at most 10 bytes';
    });
  });

  it('comes without an address before it where the homeserver gives none', async () => {
    const around = new Surroundings();
    around.reserves = false;
    const { url } = await around.start().toMatrix(where, slackFile, 'file').result;
    assert.deepEqual(around.media.get(url), bytes);
  });

  it('that was deleted meanwhile is deleted there, too', async () => {
    const around = new Surroundings();
    const files = around.start();
    const transfer = files.toMatrix(where, slackFile, 'file');
    around.step = (name) => {
      if (name === 'after upload') around.rows.clear();
    };
    await assert.rejects(transfer.result, refusal('file-removed'));
    assert.deepEqual(around.deleted, ['mxc://hs/1']);
  });

  it('goes with its smaller picture', async () => {
    const around = new Surroundings();
    const files = around.start();
    const withPicture = {
      ...slackFile,
      thumbnail: { url: 'https://files.slack.com/t', width: 1, height: 1 },
    };
    const [file, thumbnail] = await Promise.all([
      files.toMatrix(where, withPicture, 'file').result,
      files.toMatrix(where, withPicture, 'thumbnail').result,
    ]);
    assert.notEqual(file.url, thumbnail.url);
    await files.removeFromMatrix(where.portal, slackFile.id);
    assert.deepEqual(around.deleted.toSorted(), [file.url, thumbnail.url].toSorted());
    assert.equal(around.rows.size, 0);
  });
});

describe('files under way', () => {
  it('keep a place together if they are large and of one room; a small one does by itself', async () => {
    const around = new Surroundings();
    const files = around.start();
    const never = () => new Readable({ read: () => undefined });
    around.next.push(never(), never(), never(), never());
    const large = (id: string) => ({ ...slackFile, id: fileId(id), size: 5_000_000 });
    const first = files.toMatrix(where, large('FA'), 'file').since;
    around.slept += 7000;
    assert.equal(files.toMatrix(where, large('FB'), 'file').since, first);
    assert.equal(files.toMatrix(where, slackFile, 'file').since, first + 7000);
    assert.equal(files.toSlack(where, matrixFile, '$event:0').since, first + 7000);
    const elsewhere = { ...where, portal: portalId(8) };
    assert.equal(files.toMatrix(elsewhere, large('FC'), 'file').since, first + 7000);
    files.stop();
  });

  it('end with the process, and none is begun then', async () => {
    const around = new Surroundings();
    const files = around.start();
    const late = new Readable({ read: () => undefined });
    around.next.push(late);
    const transfer = files.toMatrix(where, slackFile, 'file');
    while (around.media.size === 0) await new Promise((resolve) => setImmediate(resolve));
    files.stop();
    await assert.rejects(transfer.result, (error) => error instanceof TryLater && error.after !== undefined);
    await assert.rejects(files.toMatrix(where, slackFile, 'file').result, TryLater);
    assert.equal((await around.start().toMatrix(where, slackFile, 'file').result).url, 'mxc://hs/1');
  });
});

describe('a file on its way to Slack', () => {
  it('is brought anew when what came of it is forgotten', async () => {
    const around = new Surroundings();
    const files = around.start();
    const id = await files.toSlack(where, matrixFile, '$event:0').result;
    await files.forgetInSlack(where.portal, id);
    assert.notEqual(await files.toSlack(where, matrixFile, '$event:0').result, id);
    assert.equal(around.staged.length, 2);
  });

  it('arrives once, and what broke is tried again', async () => {
    const around = new Surroundings();
    around.next.push(broken(), Readable.from([bytes.subarray(1)]));
    const files = around.start();
    const id = await files.toSlack(where, matrixFile, '$event:0').result;
    assert.deepEqual(around.staged.at(-1), bytes);
    assert.equal(await around.start().toSlack(where, matrixFile, '$event:0').result, id);
    assert.equal(around.staged.length, 1);
  });

  it('is cut off where it is longer than it says', async () => {
    const around = new Surroundings();
    around.next.push(Readable.from([bytes, bytes]));
    const { result } = around.start().toSlack(where, matrixFile, '$event:0');
    await assert.rejects(result, refusal('file-longer'));
  });
});

describe('a file over a limit of the bridge', () => {
  for (const [limit, reason] of [
    ['largest', 'file-too-large'],
    ['personPerDay', 'file-quota'],
    ['portalPerDay', 'file-quota'],
  ] as const)
    it(`isn’t fetched, either way, and that is remembered (${limit})`, async () => {
      const around = new Surroundings();
      around.limits = { ...around.limits, [limit]: bytes.length - 1 };
      around.step = (name) => assert.doesNotMatch(name, /openFile|open$|stage|reserve/);
      for (let times = 0; times < 2; times += 1) {
        const files = around.start();
        await assert.rejects(files.toMatrix(where, slackFile, 'file').result, refusal(reason));
        await assert.rejects(files.toSlack(where, matrixFile, '$event:0').result, refusal(reason));
      }
      assert.deepEqual(around.counted, [
        'to_matrix refused 0',
        'to_slack refused 0',
        'to_matrix refused 0',
        'to_slack refused 0',
      ]);
    });

  for (const whose of ['bridge', 'room'])
    it(`isn’t brought where only its download says how long it is (the ${whose}’s)`, async () => {
      const around = new Surroundings();
      if (whose === 'room') around.largestOfRoom = bytes.length - 1;
      else around.limits = { ...around.limits, largest: bytes.length - 1 };
      const { size: _, ...untold } = slackFile;
      const { size: _size, ...unsaid } = matrixFile;
      const files = around.start();
      await assert.rejects(files.toMatrix(where, untold, 'file').result, refusal('file-too-large'));
      await assert.rejects(files.toSlack(where, unsaid, '$event:0').result, refusal('file-too-large'));
      assert.deepEqual([around.copies(), around.staged], [0, []]);
    });
});

describe('a process that is killed while it carries a file', () => {
  it('leaves one copy behind, at whatever step', async () => {
    class Killed extends Error {}
    let killedAt = 0;
    for (let step = 1; ; step += 1) {
      for (const way of ['toMatrix', 'toSlack'] as const) {
        const around = new Surroundings();
        const carry = () => {
          const files = around.start();
          return way === 'toMatrix'
            ? files.toMatrix(where, slackFile, 'file').result
            : files.toSlack(where, matrixFile, '$event:0').result;
        };
        let steps = 0;
        around.step = () => {
          steps += 1;
          if (steps >= step) throw new Killed(); // and does nothing any more
        };
        const killed = await carry().then(
          () => false,
          (error: unknown) => error instanceof Killed,
        );
        if (killed) killedAt = step;
        around.step = () => undefined;
        const copy = await carry();
        assert.deepEqual(await carry(), copy);
        if (way === 'toMatrix') assert.equal(around.copies(), 1, `killed at step ${step}`);
        assert.equal([...around.rows.values()].filter(({ state }) => state === 'arrived').length, 1);
      }
      if (killedAt < step) break;
    }
    assert.ok(killedAt >= 10, `only ${killedAt} steps`);
  });
});
