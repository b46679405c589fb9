import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { runUntilSignal } from '../../src/cli/run.ts';
import { silentLogger } from '../../src/log.ts';

/** A process whose signals and crashes the test makes. */
function fakeProcess() {
  const exits: number[] = [];
  let signal: (name: string) => void = () => assert.fail('nothing listens for signals');
  let crash: (error: unknown) => void = () => assert.fail('nothing listens for crashes');
  return {
    exits,
    signal: (name: string) => signal(name),
    crash: (error: unknown) => crash(error),
    surroundings: {
      onSignal: (listener: typeof signal) => (signal = listener),
      onCrash: (listener: typeof crash) => (crash = listener),
      exit: (code: number) => exits.push(code),
    },
  };
}

describe('a running bridge', () => {
  it('runs until a signal, stops and ends with 0', async () => {
    const { surroundings, signal, exits } = fakeProcess();
    const stop = mock.fn(() => Promise.resolve());
    const code = runUntilSignal(surroundings, silentLogger, () => Promise.resolve({ stop }));
    await turn();
    assert.equal(stop.mock.callCount(), 0);
    signal('SIGTERM');
    assert.equal(await code, 0);
    assert.equal(stop.mock.callCount(), 1);
    assert.deepEqual(exits, []);
  });

  it('stops as soon as it has started when the signal comes before', async () => {
    const { surroundings, signal } = fakeProcess();
    const stop = mock.fn(() => Promise.resolve());
    const code = runUntilSignal(surroundings, silentLogger, async () => {
      signal('SIGINT');
      await turn();
      return { stop };
    });
    assert.equal(await code, 0);
    assert.equal(stop.mock.callCount(), 1);
  });

  it('ends at once at the second signal', async () => {
    const { surroundings, signal, exits } = fakeProcess();
    const code = runUntilSignal(surroundings, silentLogger, () =>
      Promise.resolve({ stop: () => turn().then(() => undefined) }),
    );
    await turn();
    signal('SIGTERM');
    signal('SIGTERM');
    assert.deepEqual(exits, [1]);
    await code;
  });

  it('does not wait longer than ten seconds for its stop', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const { surroundings, signal } = fakeProcess();
    const code = runUntilSignal(surroundings, silentLogger, () =>
      Promise.resolve({ stop: () => new Promise<void>(() => undefined) }),
    );
    await turn();
    signal('SIGTERM');
    await turn();
    context.mock.timers.tick(10_000);
    assert.equal(await code, 1);
  });

  it('ends with 1 at an error that nothing caught, which is logged', () => {
    const { surroundings, crash, exits } = fakeProcess();
    const errors: unknown[] = [];
    const log = { ...silentLogger, error: (_message: string, fields?: object) => errors.push(fields) };
    void runUntilSignal(surroundings, log, () => new Promise(() => undefined));
    const error = new Error('a bug');
    crash(error);
    assert.deepEqual(exits, [1]);
    assert.deepEqual(errors, [{ error }]);
  });

  it('hands on why it could not start', async () => {
    const { surroundings } = fakeProcess();
    const start = () => Promise.reject(new Error('no database'));
    await assert.rejects(runUntilSignal(surroundings, silentLogger, start), /no database/);
  });
});
