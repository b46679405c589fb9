import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createChatHolds } from '../../../src/bridge/chat-holds.ts';
import { createEncryptedItems, createPeek } from '../../../src/bridge/encrypted-items.ts';
import { createHandlers } from '../../../src/bridge/handlers.ts';
import { slackUserId } from '../../../src/ids.ts';
import { createPortals } from '../../../src/portal/portal.ts';
import type { Delivery, IntakePort } from '../../../src/queue/ports.ts';
import type { Worker } from '../../../src/queue/worker.ts';
import { chatDelivery } from '../../../src/slack/chat-delivery.ts';
import { deliveryOf } from '../../../src/slack/envelope.ts';
import { slackEvent } from '../../../src/slack/inbound.ts';
import type { Store } from '../../../src/store/open-store.ts';
import type { World } from '../../portal/support/world.ts';
import { testWorker } from '../../queue/test-worker.ts';
import { bytes } from '../../slack/support/payloads.ts';
import type { Json } from '../../slack/support/payloads.ts';
import { query } from '../../store/query.ts';

/** The only team is T1. */
export const teams = {
  accepts: () => true,
  has: (team: string) => team === 'T1',
  botOf: () => slackUserId('U0BOT'),
};

type Handle = ReturnType<typeof createHandlers>['handle'];

/**
 * What stands between the networks' adapters: queue and portals, on a real database, with recorders in place of the
 * adapters. It remembers nothing of an earlier one: like a new process.
 *
 * @param around what happens to each item besides.
 */
export function startCore(
  store: Store,
  { context: recorders, commands }: World,
  around = (handle: Handle) => handle,
): Worker {
  const { chats, links, readers } = store;
  const context = { ...recorders, portals: store.portals, chats, links, readers };
  const read = (payload: Buffer) => slackEvent(payload, teams);
  const portals = createPortals(context, commands);
  const slack = { read, peek: read, chatDelivery: (payload: Buffer) => chatDelivery(payload, teams) };
  const { log } = context;
  const encryption = undefined;
  const shown = { event: () => Promise.resolve(undefined) };
  const { handle, giveUp } = createHandlers({
    slack,
    portals,
    store,
    encrypted: createEncryptedItems({
      encryption,
      shown,
      unreadable: (...told) => portals.unreadable(...told),
      intake: store.intake,
      log,
    }),
    peekMatrix: createPeek({ encryption, log }),
    log,
    written: () => undefined,
  });
  const holds = createChatHolds(store);
  return testWorker(store, around(handle), { giveUp, holdBack: (item) => holds.holdBack(item) });
}

/** An event as Slack delivers it. */
export function slackDelivery(body: Json): Delivery {
  const received = deliveryOf(body, bytes(body), teams);
  assert.ok(received.type === 'delivery');
  return received.delivery;
}

/** As both networks do: what isn't acknowledged is delivered again. */
export async function storeSurely(intake: IntakePort, deliveries: readonly Delivery[]): Promise<void> {
  for (;;) {
    const stored = await intake.store(deliveries).then(
      () => true,
      () => false,
    );
    if (stored) return;
    await sleep(20);
  }
}

/** Some in the middle of a commit, whose answer is then lost. */
export async function cutConnections(url: string): Promise<void> {
  await query(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%writer%' and datname = current_database()`,
  );
}

/** Until nothing waits. What is parked has waited long enough, and nothing may have been given up. */
export async function untilDone(url: string, store: Store, worker: Worker): Promise<void> {
  for (;;) {
    await worker.idle();
    const { toMatrix, toSlack, parked } = await store.depth();
    if (toMatrix.items + toSlack.items + parked === 0) break;
    await query(url, `update inbox set not_before = now() where state = 'parked'`);
  }
  assert.deepEqual(await store.deadLetters.list(), []);
}
