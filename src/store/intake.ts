import type { PortalStore } from '../portal/ports.ts';
import type { Delivery, IntakeMetrics, IntakePort } from '../queue/ports.ts';
import { isConnectionError } from './db.ts';
import { payloadPlace } from './inbox.ts';
import { routeDelivery } from './route.ts';
import type { Sealing } from './sealing.ts';
import type { IntakeRow } from './turn.ts';
import { DatabaseUnreachable, intakePatience } from './writer.ts';
import type { Writer } from './writer.ts';

export interface IntakeOptions {
  readonly writer: Writer;
  readonly portals: Pick<PortalStore, 'byRoom' | 'byChannel'>;
  readonly sealing: Sealing;
  readonly metrics: IntakeMetrics;
}

export function createIntake({ writer, portals, sealing, metrics }: IntakeOptions): IntakePort {
  function toRow(delivery: Delivery): IntakeRow {
    const row = routeDelivery(delivery, portals);
    const { payload } = delivery;
    const sealed =
      row.lane === undefined ? Buffer.alloc(0) : sealing.seal(payload, payloadPlace(row.delivery));
    return { ...row, sealed, payload, receivedAt: new Date() };
  }

  async function storeOne(delivery: Delivery): Promise<void> {
    const row = toRow(delivery);
    const { stored, seq } = await storeAnyhow(writer, row);
    metrics.delivery(delivery.from, outcomeOf(stored, seq));
  }

  return {
    async store(deliveries) {
      const stored = Promise.all(deliveries.map(storeOne));
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new DatabaseUnreachable()), intakePatience);
      try {
        await Promise.race([stored, late.promise]);
      } finally {
        clearTimeout(timer);
        stored.catch(() => undefined); // whoever sent it was told already
      }
    },
  };
}

function outcomeOf(row: IntakeRow, seq: number | undefined): Parameters<IntakeMetrics['delivery']>[1] {
  if (row.lane === undefined) return 'unlinked';
  if (seq === undefined) return 'known';
  return row.malformed === undefined ? 'stored' : 'malformed';
}

/** What PostgreSQL can't take as it is gets set aside: refusing it would make the sender repeat it for ever. */
async function storeAnyhow(
  writer: Writer,
  row: IntakeRow,
): Promise<{ readonly stored: IntakeRow; readonly seq: number | undefined }> {
  try {
    return { stored: row, seq: await writer.store(row) };
  } catch (error) {
    if (error instanceof DatabaseUnreachable || isConnectionError(error)) throw error;
    const { delivery, network, sealed, payload, receivedAt } = row;
    const bare = { delivery, network, sealed, payload, receivedAt, srcTs: '', about: [] };
    const stored = { ...bare, lane: 'malformed', malformed: 'the database refused it' };
    return { stored, seq: await writer.store(stored) };
  }
}
