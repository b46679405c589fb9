import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMeters } from '../../src/bridge/meters.ts';
import { createMetrics } from '../../src/metrics.ts';

test('types of events that anybody made up neither show what they say nor grow the metrics', async () => {
  const metrics = createMetrics({ process: false });
  const { portals } = createMeters(metrics);
  portals.ignored('matrix', 'unknown:m.call.invite');
  portals.ignored('matrix', 'unknown:the launch code is 4711');
  for (let number = 0; number < 1_000; number += 1)
    portals.ignored('matrix', `unknown:org.example.n${number}`);
  portals.ignored('matrix', 'unknown:m.call.invite');
  const lines = (await metrics.text()).split('\n').filter((line) => line.includes('ignored_total{'));
  assert.equal(lines.length, 101);
  assert.ok(lines.some((line) => line.includes('reason="unknown:m.call.invite"} 2')));
  assert.ok(lines.some((line) => line.includes('reason="unknown:other"} 902')));
});
