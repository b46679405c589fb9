import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { finishLinks } from '../../src/bridge/open-links.ts';
import { TryLater } from '../../src/errors.ts';
import { silentLogger } from '../../src/log.ts';

test('portals that were being linked are finished when what they need is back, and nothing waits for them', async () => {
  let tries = 0;
  const finished = Promise.withResolvers<undefined>();
  const finishOpen = async (): Promise<void> => {
    tries += 1;
    if (tries < 3) throw new TryLater('Slack is away');
    finished.resolve(undefined);
  };
  const links = finishLinks({ finishOpen }, silentLogger, 5);
  await finished.promise;
  await sleep(30);
  assert.equal(tries, 3);
  links.stop();
});

test('a stop ends the tries', async () => {
  let tries = 0;
  const finishOpen = async (): Promise<void> => {
    tries += 1;
    throw new TryLater('Slack is away');
  };
  const links = finishLinks({ finishOpen }, silentLogger, 20);
  await sleep(5);
  links.stop();
  await sleep(50);
  assert.equal(tries, 1);
});
