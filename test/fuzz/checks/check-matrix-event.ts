import assert from 'node:assert/strict';
import type { MatrixEvent } from '../../../src/events.ts';
import { InvalidId } from '../../../src/ids.ts';
import { matrixEvent } from '../../../src/matrix/inbound.ts';
import { readTransaction } from '../../../src/matrix/transaction.ts';
import { bytesOf } from '../corpus.ts';
import type { Input } from '../corpus.ts';
import { checkDoc } from './check-doc.ts';
import { checkForSlack } from './check-for-slack.ts';
import { checkRoute } from './check-route.ts';

/** An event in a transaction: all that isn't our own is stored; what is stored is read as an event, or refused as malformed. */
export function checkMatrixEvent(input: Input): void {
  const bytes = bytesOf(input);
  const alone = Buffer.concat([Buffer.from('{"events":['), bytes, Buffer.from(']}')]);
  for (const body of [alone, bytes]) {
    const { deliveries } = readTransaction(
      body,
      ({ sender }) => typeof sender === 'string' && sender.startsWith('@slack'),
    );
    for (const delivery of deliveries) {
      checkRoute(delivery);
      const event = delivery.malformed === undefined ? eventOf(delivery.payload) : undefined;
      if (event) checkEvent(event);
    }
  }
}

function eventOf(payload: Buffer): MatrixEvent | undefined {
  try {
    return matrixEvent(payload);
  } catch (error) {
    assert.ok(error instanceof InvalidId, String(error));
    return undefined;
  }
}

function checkEvent(event: MatrixEvent): void {
  const message = event.type === 'edit' ? event.message : event.type === 'message' ? event : undefined;
  if (!message) return;
  checkDoc(message.text);
  checkForSlack(message.text);
}
