import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CannotBridge, WaitForFile } from '../../../src/errors.ts';
import { arrival } from '../../../src/portal/files/keep-place.ts';
import { fileOf } from '../support/slack-files.ts';
import { makeWorld, portal, team } from '../support/world.ts';

const where = { team, portal: portal.id, by: 'UBOB' };
const file = fileOf('F1', 'cat.png', { size: 5 });

describe('a message that waits for its file', () => {
  it('gets it where it stands, without waiting, when it is there', async () => {
    const { context, files, clock } = makeWorld();
    const before = clock.now();
    const { url, size } = await arrival({ context }, files.toMatrix(where, file, 'file'));
    assert.equal(url, 'mxc://hs/file-F1');
    assert.equal(size, 5);
    assert.ok(clock.now() - before <= 10_000);
  });

  it('lets later messages pass ten seconds after the transfer began', async () => {
    const { context, files, clock } = makeWorld();
    files.instead.set('F1', 'never');
    const transfer = files.toMatrix(where, file, 'file');
    await clock.sleep(4000);
    const before = clock.now();
    await assert.rejects(
      arrival({ context }, transfer),
      (error) => error instanceof WaitForFile && error.file === transfer.key,
    );
    assert.equal(clock.now() - before, 6000);
  });

  it('doesn’t wait again for one that is known to be late', async () => {
    const { context, files, clock } = makeWorld();
    files.instead.set('F1', 'never');
    const transfer = files.toMatrix(where, file, 'file');
    await clock.sleep(60_000);
    const before = clock.now();
    await assert.rejects(arrival({ context }, transfer), WaitForFile);
    assert.equal(clock.now(), before);
  });

  it('hears why it can’t come', async () => {
    const { context, files } = makeWorld();
    files.instead.set('F1', new CannotBridge('file-gone', 'it is not there any more'));
    await assert.rejects(arrival({ context }, files.toMatrix(where, file, 'file')), CannotBridge);
  });
});
