import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { plainText } from '../../src/format/doc.ts';
import type { RunningAdapter } from './support/adapter.ts';
import { startAdapter } from './support/adapter.ts';

let running: RunningAdapter | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

for (const transport of ['socket', 'http'] as const)
  describe(`events over ${transport}`, () => {
    test('come in as they happened, stored before they are acknowledged', async () => {
      running = await startAdapter({ transport, listen: true });
      const { sandbox, intake, slack, place, user } = running;
      const { ts } = sandbox.control.post({ channel: place.channel, user, text: 'hello *world*' });
      const [delivery] = await intake.until(new RegExp(`^message:${ts}$`));
      await sandbox.control.idle({});
      assert.deepEqual(delivery?.route, place);
      assert.equal(delivery?.srcTs, ts);
      const event = slack.read(delivery?.payload ?? Buffer.of());
      assert.equal(event.type, 'message');
      assert.equal(plainText(event.text), 'hello world');
      assert.equal(event.author.id, user);
    });

    test('are told again when they could not be stored', async () => {
      running = await startAdapter({ transport, listen: true });
      const { sandbox, intake, place, user } = running;
      sandbox.control.settings({ ackTimeoutMs: 500, retryDelaysMs: [10, 10, 10] });
      intake.refusals = 2;
      const { ts } = sandbox.control.post({ channel: place.channel, user, text: 'again' });
      await intake.until(new RegExp(`^message:${ts}$`));
      assert.equal(intake.refused, 2);
      await sandbox.control.idle({});
      assert.equal(intake.deliveries.filter((each) => each.fact === `message:${ts}`).length, 1);
    });

    test('with all that happens to a message have the facts that they are', async () => {
      running = await startAdapter({ transport, listen: true });
      const { sandbox, intake, slack, place, user } = running;
      const { control } = sandbox;
      const { channel } = place;
      const { ts } = control.post({ channel, user, text: 'one' });
      control.edit({ channel, ts, text: 'two' });
      control.unfurl({ channel, ts, attachments: [{ id: 1, title: 'A page' }] });
      control.react({ channel, ts, user, name: 'wave' });
      control.unreact({ channel, ts, user, name: 'wave' });
      control.delete({ channel, ts });
      await intake.until(new RegExp(`^delete:${ts}$`));
      await control.idle({});
      const seen = intake.deliveries
        .filter((each) => each.fact?.includes(ts))
        .toSorted((a, b) => (a.srcTs < b.srcTs ? -1 : 1))
        .map((each) => slack.read(each.payload))
        .map((event) => (event.type === 'ignored' ? event.reason : event.type));
      assert.deepEqual(seen, ['message', 'edit', 'unfurl', 'reaction', 'reaction', 'delete']);
    });

    test('of another workspace’s app are acknowledged and not stored', async () => {
      const refused: string[] = [];
      running = await startAdapter({
        transport,
        listen: true,
        metrics: { refused: (_, reason) => void refused.push(reason) },
      });
      const { sandbox, intake, app } = running;
      const event = { type: 'message', channel: 'C9', ts: '1.000100', event_ts: '1.000100' };
      sandbox.control.sendPayload({
        app: app.id,
        payload: { type: 'event_callback', team_id: 'T0OTHER', api_app_id: app.id, event_id: 'Ev9', event },
      });
      await sandbox.control.idle({});
      assert.deepEqual(intake.deliveries, []);
      assert.deepEqual(refused, ['unknown-team']);
    });

    test('that Slack holds back are told as such, and what follows still comes', async () => {
      running = await startAdapter({ transport, listen: true });
      const { sandbox, intake, slack, place, user, app } = running;
      const payload = { type: 'app_rate_limited', team_id: place.team, minute_rate_limited: 1_700_000_000 };
      sandbox.control.sendPayload({ app: app.id, payload: { ...payload, api_app_id: app.id } });
      const [limited] = await intake.until(/app_rate_limited/);
      assert.deepEqual(slack.read(limited?.payload ?? Buffer.of()), {
        type: 'team',
        team: place.team,
        change: 'rate-limited',
      });
      const { ts } = sandbox.control.post({ channel: place.channel, user, text: 'after' });
      await intake.until(new RegExp(`^message:${ts}$`));
    });
  });
