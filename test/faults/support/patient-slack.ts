import type { Scene } from '../../support/bridge.ts';

/**
 * Slack goes on telling an event while the bridge is away most of the time. Its own pauses are a minute and five: twenty
 * times as fast, as in other tests, they would end while a bridge that is killed every few seconds is never there.
 */
export function patientSlack({ slack }: Scene): void {
  slack.control.settings({ retryDelaysMs: [0, 1_000, 3_000, 6_000, 12_000, 20_000, 30_000, 60_000] });
}
