import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotStart } from '../../src/errors.ts';
import { troubleOf } from '../../src/matrix/health.ts';
import { freePort } from '../support/ports.ts';
import type { Slot } from '../support/slots.ts';
import { testHomeserver } from '../support/synapse.ts';
import type { TestHomeserver } from '../support/synapse.ts';
import { adapterOn } from './support.ts';

let homeserver: TestHomeserver;
let slot: Slot;

before(async () => {
  homeserver = await testHomeserver();
  slot = await homeserver.takeSlot();
});

after(() => homeserver?.close());

function saying(pattern: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof CannotStart, String(error));
    assert.match(error.message, pattern);
    assert.ok(!error.message.includes('\n'));
    return true;
  };
}

test('a homeserver that is not there is named', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  await assert.rejects(
    adapterOn({ homeserver: { ...homeserver, url }, slot }),
    saying(
      /the homeserver at http:\/\/127\.0\.0\.1:\d+ can't be reached \(ECONNREFUSED\)\. Is homeserver\.url right/,
    ),
  );
});

test('a registration that the homeserver does not know is said to be missing there', async () => {
  const unknown = { asToken: 'a'.repeat(64) };
  await assert.rejects(
    adapterOn({ homeserver, slot, changed: unknown }),
    saying(/doesn't know this registration: add its file to app_service_config_files .* and restart/),
  );
});

test('an address at which the homeserver does not reach the bridge is named', async () => {
  const adapter = await adapterOn({ homeserver, slot, listenOn: await freePort() });
  await assert.rejects(
    adapter.listen(),
    saying(new RegExp(`can't reach the bridge at http://127\\.0\\.0\\.1:${slot.port}: check url`)),
  );
  await adapter.stop();
});

test('a load balancer that takes a moment to notice the bridge does not keep it from starting', async () => {
  const own = await homeserver.takeSlot();
  const port = await freePort();
  const adapter = await adapterOn({ homeserver, slot: own, listenOn: port });
  const listening = adapter.listen();
  await sleep(1_000);
  const balancer = createServer((inside) => {
    const outside = connect(port, '127.0.0.1');
    for (const socket of [inside, outside]) socket.on('error', () => undefined);
    inside.pipe(outside).pipe(inside);
  }).listen(own.port, '127.0.0.1');
  await listening;
  assert.equal(adapter.health().ok, true);
  await adapter.stop();
  balancer.close();
});

test('a homeserver with another copy of the registration is told apart', async () => {
  const adapter = await adapterOn({ homeserver, slot, changed: { hsToken: 'b'.repeat(64) } });
  await assert.rejects(adapter.listen(), saying(/shows us another hs_token/));
  await adapter.stop();
});

test('each other trouble of a ping has its words, and a homeserver older than the ping is well', () => {
  const registration = { id: 'slack', url: 'http://bridge' };
  for (const [status, body, words] of [
    [403, { errcode: 'M_FORBIDDEN' }, /under another id than slack/],
    [400, { errcode: 'M_URL_NOT_SET' }, /has no url/],
    [502, { errcode: 'M_BAD_STATUS', status: 404 }, /is not the bridge \(status 404\)/],
    [504, { errcode: 'M_CONNECTION_TIMEOUT' }, /can't reach the bridge at http:\/\/bridge/],
    [502, {}, /with status 502/],
  ] as const) {
    assert.match(troubleOf(status, body, 'http://hs', registration) ?? '', words);
  }
  assert.equal(troubleOf(404, { errcode: 'M_UNRECOGNIZED' }, 'http://hs', registration), undefined);
});
