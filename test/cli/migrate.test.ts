import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { commandIn } from './support.ts';

describe('migrate', () => {
  const folder = temporaryFolder('migrate');
  const config = join(folder.path, 'config.yaml');
  before(async () => {
    await chmod(folder.path, 0o755); // PostgreSQL runs under another account when this one is root
    await writeFile(
      config,
      `
homeserver: { url: http://localhost:8008, domain: example.org }
slack: { app_token: xapp-1-aaa, teams: [{ bot_token: xoxb-1-aaa }] }
logging: { level: warn }
`,
    );
  });
  after(() => folder.remove());

  it('makes the embedded database, and may be repeated', async () => {
    for (const time of ['first', 'second']) {
      const { code, out, err } = await commandIn(folder.path, ['migrate', '-c', config]);
      assert.equal(code, 0, `${time}: ${err}`);
      assert.equal(out, 'The database is up to date.\n');
    }
  });

  it('says in one line when the database can not be reached, without its password', async () => {
    const env = { DATABASE_URL: 'postgres://bridge:hunter2@127.0.0.1:1/bridge' };
    const { code, out, err } = await commandIn(folder.path, ['migrate', '-c', config], env);
    assert.equal(code, 1);
    assert.equal(out, '');
    assert.match(err, /^.*127\.0\.0\.1.*\n$/);
    assert.ok(!err.includes('hunter2'), err);
  });
});
