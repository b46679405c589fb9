import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadConfig } from '../../src/config.ts';
import { createMetrics } from '../../src/metrics.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

describe('files that repeat what the code says', () => {
  it('are up to date', async () => {
    const { stderr } = await promisify(execFile)(process.execPath, [path('scripts/generate.ts'), '--check']);
    assert.equal(stderr, '');
  });

  it('include a sample configuration that can be loaded', () => {
    const config = loadConfig(path('config/config.sample.yaml'), {});
    assert.equal(config.homeserver.domain, 'example.org');
    assert.equal(config.permissions['@admin:example.org'], 'admin');
  });

  it('include a sample whose values are the defaults', async () => {
    const { options } = await import('../../src/config/options.ts');
    const config = loadConfig(path('config/config.sample.yaml'), {});
    assert.equal(options().children.get('web')?.children.get('port')?.default, config.web.port);
    assert.deepEqual(options().children.get('rooms')?.children.get('version')?.default, config.rooms.version);
  });
});

describe('the dashboard', () => {
  it('shows only metrics that exist', async () => {
    const known = new Set((await createMetrics().registry.getMetricsAsJSON()).map((metric) => metric.name));
    const text = await readFile(path('config/grafana-dashboard.json'), 'utf8');
    const expressions = [...text.matchAll(/"expr": "([^"]*)"/g)].map(([, expression = '']) => expression);
    const named = expressions.flatMap(
      (expression) => expression.match(/(?:matrix_slack_bridge|nodejs)_\w+/g) ?? [],
    );
    assert.ok(named.length > 10);
    for (const name of named) assert.ok(known.has(name.replace(/_bucket$/, '')), name);
  });
});

describe('the metrics', () => {
  it('each have a name of ours, and words that say what they count', async () => {
    for (const metric of await createMetrics({ process: false }).registry.getMetricsAsJSON()) {
      assert.match(metric.name, /^matrix_slack_bridge_[a-z_]+$/);
      assert.ok(metric.help.length > 20, metric.name);
    }
  });
});
