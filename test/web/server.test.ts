import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { silentLogger } from '../../src/log.ts';
import { createMetrics } from '../../src/metrics.ts';
import { startWebServer } from '../../src/web/server.ts';
import type { PartHealth, WebServer } from '../../src/web/server.ts';

describe('the web server', () => {
  let parts: Record<string, PartHealth> = {};
  let web: WebServer;
  const metrics = createMetrics({ process: false });
  const options = {
    host: '127.0.0.1',
    port: 0,
    health: () => Promise.resolve(parts),
    metrics,
    log: silentLogger,
  };
  before(async () => {
    web = await startWebServer(options);
  });
  after(() => web.stop());

  it('says that the process lives', async () => {
    const response = await fetch(`${web.url}/healthz`);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { ok: true });
  });

  it('is ready when every part is', async () => {
    parts = { database: { ok: true }, homeserver: { ok: true }, 'slack T1': { ok: true } };
    const response = await fetch(`${web.url}/readyz`);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { ok: true, parts });
  });

  it('names the part that is not ready, and why', async () => {
    parts = { database: { ok: true }, 'slack T1': { ok: false, reason: 'the bot token was revoked' } };
    const response = await fetch(`${web.url}/readyz`);
    assert.equal(response.status, 503);
    assert.deepEqual(await response.json(), { ok: false, parts });
  });

  it('shows the metrics', async () => {
    metrics.bridged.inc({ direction: 'to_matrix', kind: 'message' }, 3);
    metrics.beforeReading(() => metrics.oldest.set({ from: 'slack' }, 4.5));
    metrics.beforeReading(() => Promise.reject(new Error('the database is away')));
    const response = await fetch(`${web.url}/metrics`);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
    const text = await response.text();
    assert.match(text, /^matrix_slack_bridge_bridged_total\{direction="to_matrix",kind="message"\} 3$/m);
    assert.match(text, /^matrix_slack_bridge_queue_oldest_seconds\{from="slack"\} 4\.5$/m);
  });

  it('has no pictures when none are configured, and nothing elsewhere', async () => {
    for (const path of ['/pictures/a/b/c', '/', '/../etc/passwd', '/metricsx'])
      assert.equal((await fetch(`${web.url}${path}`)).status, 404, path);
  });

  it('only answers GET and HEAD', async () => {
    const response = await fetch(`${web.url}/healthz`, { method: 'POST', body: 'x' });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'GET, HEAD');
    assert.equal((await fetch(`${web.url}/healthz`, { method: 'HEAD' })).status, 200);
  });

  it('does not start on a port that is taken, and says what to change', async () => {
    const port = Number(new URL(web.url).port);
    await assert.rejects(startWebServer({ ...options, port }), {
      name: 'CannotStart',
      message: /another program listens there; change web\.host or web\.port/,
    });
  });

  it('ends although a client keeps its connection open', async () => {
    const other = await startWebServer(options);
    const response = await fetch(`${other.url}/healthz`); // fetch keeps the connection
    await response.text();
    await other.stop();
    await assert.rejects(fetch(`${other.url}/healthz`));
  });
});
