import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { commandIn } from '../cli/support.ts';
import { startScene } from '../support/bridge.ts';
import type { Scene } from '../support/bridge.ts';
import { freePort } from '../support/ports.ts';

let scene: Scene;

before(async () => {
  scene = await startScene({ startBridge: false });
});
after(() => scene?.close());

const section = z.record(z.string(), z.unknown());
type Changes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

let files = 0;

function besideConfig(name: string): string {
  files += 1;
  return join(dirname(scene.configFile), `${files}-${name}`);
}

/** Starts the bridge as its administrator does, with these keys of config.yaml otherwise; it has to end by itself. */
async function startWith(changes: Changes): Promise<{ readonly code: number; readonly err: string }> {
  const config = section.parse(parse(await readFile(scene.configFile, 'utf8')));
  for (const [name, change] of Object.entries(changes))
    config[name] = { ...section.parse(config[name]), ...change };
  const file = besideConfig('config.yaml');
  await writeFile(file, stringify(config), { mode: 0o600 });
  return commandIn(dirname(file), ['run', '-c', file], { NODE_OPTIONS: '--disable-warning=DEP0060' });
}

/** It ends with 1 and says what is wrong in one line, in which none of our tokens stands. */
async function assertCannotStart(changes: Changes, ...told: readonly RegExp[]): Promise<void> {
  const { code, err } = await startWith(changes);
  assert.equal(code, 1, err);
  assert.match(err, /^[^\n]+\n$/, 'one line');
  for (const what of told) assert.match(err, what);
  const { slack, slot } = scene;
  for (const token of [slack.app.botToken, slack.app.appToken, slot.asToken, slot.hsToken])
    assert.ok(!err.includes(token), err);
}

async function holdingPort(port: number, work: () => Promise<void>): Promise<void> {
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  try {
    await work();
  } finally {
    other.close();
  }
}

async function registrationWith(change: Readonly<Record<string, unknown>>): Promise<string> {
  const file = besideConfig('registration.yaml');
  const registration = section.parse(parse(await readFile(scene.slot.registration, 'utf8')));
  await writeFile(file, stringify({ ...registration, ...change }), { mode: 0o600 });
  return file;
}

// Several at once: each ends before it listens anywhere.
describe('the bridge says in one line why it cannot start, and ends:', { concurrency: 3 }, () => {
  test('a bot token that Slack refuses', async () => {
    const teams = [{ bot_token: 'xoxb-1234-5678-wrong' }];
    await assertCannotStart(
      { slack: { teams } },
      /slack\.teams\[0\]\.bot_token \(invalid_auth\)/,
      /copy the Bot User OAuth Token/,
    );
  });

  test('a Slack that nobody reaches, for a workspace that never worked', async () => {
    const api_url = `http://127.0.0.1:${await freePort()}/api/`;
    const teams = [{ bot_token: 'xoxb-1234-5678-new' }];
    await assertCannotStart(
      { slack: { api_url, teams } },
      /Slack can't be reached at http:\/\/127/,
      /check slack\.api_url/,
    );
  });

  test('a homeserver that nobody reaches', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    await assertCannotStart(
      { homeserver: { url } },
      /the homeserver at http:\/\/127\S* can't be reached/i,
      /homeserver\.url/,
    );
  });

  test('a homeserver that does not know the registration', async () => {
    const registration = await registrationWith({ as_token: 'a'.repeat(64) });
    await assertCannotStart(
      { appservice: { registration } },
      /doesn't know this registration/,
      /restart the homeserver/,
    );
  });

  test('a registration file that is none, lacks something, or is not there', async () => {
    const broken = besideConfig('registration.yaml');
    await writeFile(broken, 'id: "slack\nurl: [');
    await assertCannotStart({ appservice: { registration: broken } }, /registration\.yaml/);
    const lacking = await registrationWith({ hs_token: undefined });
    await assertCannotStart({ appservice: { registration: lacking } }, /hs_token/, /generate-registration/);
    const missing = besideConfig('registration.yaml');
    await assertCannotStart(
      { appservice: { registration: missing } },
      /registration\.yaml/,
      /generate-registration/,
    );
  });

  test('a PostgreSQL that nobody reaches, and a database that is not there', async () => {
    const away = new URL('postgresql://bridge:hunter2@127.0.0.1/bridge');
    away.port = String(await freePort());
    await assertCannotStart(
      { database: { url: away.href } },
      /PostgreSQL at 127\S* can't be reached/,
      /^(?!.*hunter2)/,
    );
    const missing = new URL(scene.databaseUrl);
    missing.pathname = '/nothing_here';
    await assertCannotStart({ database: { url: missing.href } }, /has no such database/, /Create it/);
  });
});

describe('the same when it has begun to listen:', () => {
  test('an app token that Slack refuses', async () => {
    await assertCannotStart(
      { slack: { app_token: 'xapp-1-A1-wrong' } },
      /slack\.app_token \(invalid_auth\)/,
      /xapp-…/,
    );
  });

  test('a homeserver that was given another token of the same registration', async () => {
    const registration = await registrationWith({ hs_token: 'h'.repeat(64) });
    await assertCannotStart({ appservice: { registration } }, /another hs_token/, /restart the homeserver/);
  });

  test('a homeserver that does not reach the bridge', async () => {
    const port = await freePort();
    await assertCannotStart(
      { appservice: { port } },
      /can't reach the bridge at/,
      /check url in the registration/,
    );
  });

  test('a port that another program has', async () => {
    const web = Number(new URL(scene.webUrl).port);
    await holdingPort(web, () => assertCannotStart({}, /port \d+: another program listens there; change/));
    await holdingPort(scene.slot.port, () => assertCannotStart({}, /another process listens there already/));
  });
});
