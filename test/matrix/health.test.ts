import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import type { Answer, HomeserverClient } from '../../src/matrix/call.ts';
import { HealthWatch } from '../../src/matrix/health.ts';
import type { Registration } from '../../src/matrix/registration.ts';
import { recordingLog } from './support.ts';

const registration = { id: 'slack', url: 'http://127.0.0.1:1' } as Registration; // the ping needs no more of it
const well: Answer = { status: 200, body: {}, headers: {} };

/** A homeserver that answers pings while it isn't away. */
function pingedHomeserver() {
  const state = { away: false, pings: 0 };
  const unused = (): Promise<never> => Promise.reject(new Error('only pings are sent'));
  const client: HomeserverClient = {
    url: 'http://homeserver',
    call: unused,
    callList: unused,
    open: unused,
    close: () => Promise.resolve(),
    async exchange() {
      state.pings += 1;
      if (state.away) throw new TryLater('away', { target: 'matrix' });
      return well;
    },
  };
  return { state, client };
}

describe('the watch over the homeserver', () => {
  let watch: HealthWatch;
  afterEach(() => {
    watch.stop();
    mock.timers.reset();
  });

  it('asks at once whether a homeserver that was away is back when events of it come', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const { state, client } = pingedHomeserver();
    let recoveries = 0;
    watch = new HealthWatch({
      client,
      registration,
      log: recordingLog(),
      onRecovered: () => (recoveries += 1),
    });
    watch.start();
    state.away = true;
    await watch.ping();
    assert.equal(watch.health().ok, false);
    state.away = false;
    watch.heard();
    mock.timers.tick(1);
    await new Promise(setImmediate);
    assert.equal(watch.health().ok, true);
    assert.equal(recoveries, 1);
  });

  it('asks nothing when events come from a homeserver that is well', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const { state, client } = pingedHomeserver();
    watch = new HealthWatch({ client, registration, log: recordingLog() });
    await watch.ping();
    watch.start();
    watch.heard();
    mock.timers.tick(1);
    await new Promise(setImmediate);
    assert.equal(state.pings, 1);
  });

  it('tells of a gap when a homeserver was away for just a moment, which no ping noticed', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    const { state, client } = pingedHomeserver();
    const told: string[] = [];
    watch = new HealthWatch({
      client,
      registration,
      log: recordingLog(),
      onRecovered: () => told.push('recovered'),
      onGap: () => told.push('gap'),
    });
    await watch.ping();
    assert.deepEqual(
      told.splice(0),
      ['recovered', 'gap'],
      'before the start, too, something may have been missed',
    );
    watch.start();
    mock.timers.tick(2500);
    await new Promise(setImmediate);
    assert.deepEqual(told, []);
    state.away = true;
    mock.timers.tick(2500);
    await new Promise(setImmediate);
    state.away = false;
    mock.timers.tick(1);
    await new Promise(setImmediate);
    assert.equal(watch.health().ok, true);
    assert.deepEqual(told, ['gap']);
  });
});
