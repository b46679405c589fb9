/**
 * A process that handles what is stored, to be killed: `node bridging-process.ts <database> <key file> <recorder>`.
 * From Slack it puts, from Matrix it posts after an attempt, both to the recorder.
 */
import { eventId, portalId } from '../../src/ids.ts';
import type { Change } from '../../src/portal/ports.ts';
import type { Turn } from '../../src/queue/ports.ts';
import { openStore } from '../../src/store/open-store.ts';
import { linkOf, log, noMetrics } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

const [, , url = '', file = '', recorder = ''] = process.argv;
const store = await openStore({ connection: { url }, key: { file }, log, metrics: noMetrics });

async function call(method: string, path: string): Promise<number> {
  const response = await fetch(`${recorder}/${path}`, { method });
  await response.arrayBuffer();
  return response.status;
}

async function fromSlack(turn: Turn<Change>, portal: ReturnType<typeof portalId>, n: number): Promise<void> {
  turn.mayWrite();
  await call('PUT', `room${portal}/txn${n}/${n}`);
  turn.remember({ type: 'link', link: linkOf(portal, n) });
}

async function fromMatrix(turn: Turn<Change>, portal: ReturnType<typeof portalId>, n: number): Promise<void> {
  const opKey = `key${portal}.${n}`;
  const link = linkOf(portal, n + 500_000, { event: eventId(`$event${portal}.${n}`), origin: 'matrix' });
  const [open] = turn.openAttempts;
  if (!open || (await call('GET', `channel${portal}/${opKey}`)) === 404) {
    turn.remember({ type: 'attempt-link', piece: 0, link });
    await turn.begin({ piece: 0, opKey, planHash: 'plan', deadline: Date.now() + 150 });
    turn.mayWrite();
    await call('POST', `channel${portal}/${opKey}/${n}`);
  }
  turn.remember({ type: 'link', link });
}

testWorker(store, async (turn) => {
  const portal = portalId(Number(turn.item.lane.split(':')[1]));
  const n = numberIn(turn.item.payload);
  await (turn.item.from === 'slack' ? fromSlack(turn, portal, n) : fromMatrix(turn, portal, n));
});
