import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { removeAbandonedFolders, temporaryFolder } from './temporary-folder.ts';

describe('a temporary folder', () => {
  it('is removed by a later run when its process was killed, and only then', async () => {
    const ended = spawn('true');
    await once(ended, 'exit');
    const ours = temporaryFolder('kept');
    const abandoned = ours.path.replace(`-${process.pid}-`, `-${ended.pid}-`);
    mkdirSync(abandoned);
    await removeAbandonedFolders();
    assert.equal(existsSync(abandoned), false);
    assert.equal(existsSync(ours.path), true);
    await ours.remove();
    assert.equal(existsSync(ours.path), false);
  });
});
