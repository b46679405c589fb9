import { join } from 'node:path';
import { roomId, channelId, eventId, teamId, ts } from '../../src/ids.ts';
import type { PortalId, Ts } from '../../src/ids.ts';
import { createLogger } from '../../src/log.ts';
import type { MessageLink, Portal } from '../../src/portal/ports.ts';
import type { Delivery, IntakeMetrics } from '../../src/queue/ports.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/open-store.ts';
import { freshDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export const log = createLogger({
  level: process.env['TEST_LOG'] === 'debug' ? 'debug' : 'error',
  format: 'text',
});

export const noMetrics: IntakeMetrics = { delivery: () => undefined };

/** A migrated database, and stores on it; all gone after `close`. */
export interface StoreBed {
  readonly url: string;
  readonly keyFile: string;
  open(metrics?: IntakeMetrics): Promise<Store>;
  close(): Promise<void>;
}

export async function storeBed(): Promise<StoreBed> {
  const database = await freshDatabase({ name: 'bridge', migrate: (url) => migrate({ url }) });
  const folder = temporaryFolder('key');
  const keyFile = join(folder.path, 'secrets.key');
  const stores: Store[] = [];
  return {
    url: database.url,
    keyFile,
    async open(metrics = noMetrics) {
      const store = await openStore({
        connection: { url: database.url },
        key: { file: keyFile },
        log,
        metrics,
      });
      stores.push(store);
      return store;
    },
    async close() {
      for (const store of stores) await store.close();
      await database.drop();
      await folder.remove();
    },
  };
}

export const team = teamId('T1');

/** A linked portal; `n` tells one from another. */
export function makePortal(store: Store, n: number): Promise<Portal> {
  return store.portals.create({
    room: roomId(`!room${n}:example.org`),
    channel: { team, channel: channelId(`C${n}`), name: `channel-${n}` },
    since: ts('1700000000.000000'),
  });
}

/** The ts of the nth message. */
export function tsOf(n: number): Ts {
  return ts(`1700000000.${String(n).padStart(6, '0')}`);
}

/** A Slack message's delivery in the channel of `makePortal(n)`. */
export function slackMessage(channel: number, n: number, change: Partial<Delivery> = {}): Delivery {
  return {
    from: 'slack',
    route: { team, channel: `C${channel}` },
    deliveryKey: `slack:T1:Ev${channel}.${n}`,
    fact: `message:${tsOf(n)}`,
    srcTs: tsOf(n),
    payload: Buffer.from(JSON.stringify({ channel, n })),
    ...change,
  };
}

export function matrixMessage(room: number, n: number, change: Partial<Delivery> = {}): Delivery {
  return {
    from: 'matrix',
    route: { room: `!room${room}:example.org` },
    deliveryKey: `matrix:$event${room}.${n}`,
    srcTs: '',
    payload: Buffer.from(JSON.stringify({ room, n })),
    ...change,
  };
}

export function linkOf(portal: PortalId, n: number, change: Partial<MessageLink> = {}): MessageLink {
  return {
    portal,
    ts: tsOf(n),
    part: 'text',
    event: eventId(`$copy${portal}.${n}`),
    piece: 0,
    room: roomId(`!room${portal}:example.org`),
    origin: 'slack',
    source: 'live',
    sender: 'U1',
    postedAs: '@slack_u1:example.org',
    sentAt: 1_700_000_000_000,
    ...change,
  };
}
